/** The settings' words in German. */
import type { MessageTable } from "./translation";

export const settingsWords = {
  settings: "Einstellungen",
  settingsTitle: "Einstellungen",
  settingsNotSaved: "Das konnte nicht gespeichert werden: Dieser Browser sperrt den Speicher für diese Seite.",

  settingsAppearance: "Darstellung",
  settingsTheme: "Farben",
  settingsThemes: {
    system: "Wie das System",
    light: "Hell",
    dark: "Dunkel",
  },
  settingsLanguage: "Sprache",
  settingsLanguageAuto: (language) => `Wie der Browser (${language})`,
  settingsLanguageHint:
    "Eine andere Sprache lädt die Seite neu. Eine Antwort, die gerade geschrieben wird, endet dort und lässt sich fortsetzen.",
  settingsLanguageFailed: (language) =>
    `${language} konnte nicht geladen werden, deshalb spricht die Seite Englisch. Die Seite mit Netz neu laden.`,

  settingsModels: "Modelle",

  settingsPrivacy: "Privatsphäre",
  settingsPrivacyIntro:
    "Was geschrieben wird, wird auf diesem Gerät verarbeitet und in diesem Browser aufbewahrt. Nichts wird irgendwohin gesendet; es gibt keine Statistik, keine Konten und keine Cookies. Modelle kommen von den Hosts unten; sie sehen die Adresse dieses Geräts und welches Modell gewählt wurde. Alles andere verweigert der Browser dieser Seite.",

  settingsConversations: (count) => (count === 1 ? "1 Gespräch" : `${count} Gespräche`),
  settingsPresets: (count) => (count === 1 ? "1 Vorlage" : `${count} Vorlagen`),
  settingsExport: "Alle Gespräche exportieren",
  settingsExported: (name) => `Gespeichert als ${name}.`,
  settingsPersist: "Den Browser bitten, es nie zu löschen",
  settingsPersistRefused:
    "Der Browser hat es nicht zugesagt. Vielleicht tut er es, wenn diese Seite installiert ist oder öfter benutzt wird.",

  settingsErase: "Alles löschen",
  settingsEraseIntro:
    "Entfernt alles, was Ingle in diesem Browser aufbewahrt, in jedem Tab: Modelle, Gespräche, Vorlagen, Einstellungen, die Liste der Hosts, was an der GPU gemessen wurde, und die Kopie dieser Seite, die ohne Netz läuft. Das lässt sich nicht rückgängig machen.",
  settingsEraseAsk: "Alles löschen …",
  settingsEraseSure: (what) => `Alles endgültig löschen? Verloren wären: ${what}.`,
  settingsEraseSureUnknown: "Alles endgültig löschen?",
  settingsEraseModels: (count, bytes) => `${count} ${count === 1 ? "Modell" : "Modelle"} (${bytes})`,
  settingsEraseYes: "Jetzt alles löschen",
  settingsEraseNo: "Alles behalten",

  erasing: "Alles wird gelöscht …",
  erasedTitle: "Alles ist gelöscht",
  erased: "In diesem Browser ist nichts mehr von Ingle. Diesen Tab schließen, damit es so bleibt.",
  erasedBlocked:
    "Modelle, Gespräche und Einstellungen sind fort. Ein anderer Tab hält noch ihre leere Datenbank fest: alle anderen Tabs von Ingle schließen.",
  erasedStart: "Neu beginnen",
  erasureFailed: (why) => `Nicht alles konnte gelöscht werden: ${why}`,
  erasureRetry: "Noch einmal versuchen",
} satisfies Partial<MessageTable>;
