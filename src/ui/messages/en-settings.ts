/** The settings' words in English. */
import type { Theme } from "../../shared/preferences";

const s = (count: number) => (count === 1 ? "" : "s");

export const settingsWords = {
  settings: "Settings",
  settingsTitle: "Settings",
  settingsNotSaved: "This could not be saved: this browser blocks storage for this page.",

  settingsAppearance: "Appearance",
  settingsTheme: "Theme",
  settingsThemes: {
    system: "As the system",
    light: "Light",
    dark: "Dark",
  } satisfies Record<Theme, string>,
  settingsLanguage: "Language",
  settingsLanguageAuto: (language: string) => `As the browser (${language})`,
  settingsLanguageHint:
    "Another language reloads the page. A reply that is being written ends there, and can be continued.",
  settingsLanguageFailed: (language: string) =>
    `${language} could not be loaded, so the page speaks English. Reload the page with a network.`,

  settingsModels: "Models",

  settingsPrivacy: "Privacy",
  settingsPrivacyIntro:
    "What you write is computed on this device and kept in this browser. Nothing is sent anywhere, and there are no statistics, no accounts and no cookies. Models are fetched from the hosts below, which see your address and which model you choose; the browser refuses this page everything else.",

  settingsConversations: (count: number) => (count === 1 ? "1 conversation" : `${count} conversations`),
  settingsPresets: (count: number) => `${count} preset${s(count)}`,
  settingsExport: "Export all conversations",
  settingsExported: (name: string) => `Saved as ${name}.`,
  settingsPersist: "Ask the browser never to clear it",
  settingsPersistRefused: "The browser did not promise it. It may once this page is installed, or used more often.",

  settingsErase: "Delete everything",
  settingsEraseIntro:
    "Removes all that Ingle keeps in this browser, in every tab: models, conversations, presets, settings, the list of hosts, what was measured of the GPU, and the copy of this page that works with no network. It can't be undone.",
  settingsEraseAsk: "Delete everything…",
  settingsEraseSure: (what: string) => `Delete all of it for good? ${what} would be gone.`,
  settingsEraseSureUnknown: "Delete all of it for good?",
  settingsEraseModels: (count: number, bytes: string) => `${count} model${s(count)} (${bytes})`,
  settingsEraseYes: "Delete everything now",
  settingsEraseNo: "Keep everything",

  erasing: "Deleting everything…",
  erasedTitle: "Everything is deleted",
  erased: "Nothing of Ingle is left in this browser. Close this tab to leave it so.",
  erasedBlocked:
    "Models, conversations and settings are gone. Another tab still holds their empty database: close all other tabs of Ingle.",
  erasedStart: "Start anew",
  erasureFailed: (why: string) => `Not everything could be deleted: ${why}`,
  erasureRetry: "Try again",
};
