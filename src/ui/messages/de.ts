/** The page's own words in German, in the order of en.ts. Types only may be imported here: see ../messages.ts. */
import type { MessageTable } from "./translation";
import { chatWords } from "./de-chat";
import { modelWords } from "./de-models";
export { others } from "./de-others";
import { settingsWords } from "./de-settings";

export const words: MessageTable = {
  direction: "ltr",

  ...chatWords,
  ...settingsWords,

  navigation: "Seiten",
  check: "Prüfen",
  install: "Installieren",
  skipToContent: "Zum Inhalt springen",

  ungated:
    "Ingle ist nicht gestartet: Das Skript, das diese Seite von anderen Servern fernhält (gate.js), wurde nicht geladen. Die Seite neu laden; wenn es dabei bleibt, steht ein Werbeblocker oder der Server im Weg.",
  loadFailed:
    "Dieser Teil von Ingle konnte nicht geladen werden: Es gibt kein Netz, oder eine neuere Version hat ihn ersetzt.",
  reload: "Neu laden",

  updateReady: "Eine neue Version von Ingle ist da.",
  updateApply: "Damit neu laden",
  updateLater: "Später",

  downloadDone: "Das Modell ist da",
  downloadFailed: "Der Download ist stehengeblieben",

  checkTitle: "Was WebGPU hier kann",
  checking: "Der Browser wird nach seiner GPU gefragt …",
  checkAgain: "Noch einmal prüfen",
  verdict: "Einschätzung",
  sharedTitle: "Ein Bericht von anderswo",
  sharedIntro: (date) =>
    `Jemand hat geteilt, was Browser und GPU dort können, Stand ${date}. Nichts hier betrifft dieses Gerät.`,
  sharedOpening: "Der Bericht wird geöffnet …",
  sharedOwn: "Stattdessen dieses Gerät prüfen",

  measure: "Tempo messen",
  measureAgain: "Noch einmal messen",
  measureStop: "Anhalten",
  measuring: (step, done, total) => `${step}: ${done + 1} von ${total}`,
  measureSteps: {
    kernelChecks: "Kernel werden geprüft",
    readBandwidth: "Speicherbandbreite wird gemessen",
    f32Throughput: "32-Bit-Rechnen wird gemessen",
    f16Throughput: "16-Bit-Rechnen wird gemessen",
    uploadRate: "Übertragung zur GPU wird gemessen",
    dispatchCost: "Aufrufe werden gemessen",
    readbackLatency: "Rückweg von der GPU wird gemessen",
  },
  measureIntro: "Dauert bis zu zehn Sekunden und braucht 256 MiB Grafikspeicher. Nichts wird irgendwohin gesendet.",
  measureDone: "Gemessen.",
  measureStopped: "Angehalten. Was bis dahin gemessen wurde, bleibt.",

  copyJson: "JSON kopieren",
  downloadJson: "JSON herunterladen",
  copyLink: "Link kopieren",
  compare: "Vergleichen …",
  copiedJson: "Der Bericht liegt in der Zwischenablage.",
  copiedLink: "Ein Link liegt in der Zwischenablage. Er enthält diesen Bericht; hochgeladen wurde nichts.",
  copyByHand: "Diese Seite darf die Zwischenablage nicht benutzen. Von hier kopieren:",
  downloaded: (name) => `Gespeichert als ${name}.`,

  chartTitle: "Speicherbandbreite, neben bekannten Geräten",
  chartCaption:
    "Jede Linie steht für das Zehnfache der vorigen. Die anderen Werte sind die Spitzenangaben der Hersteller, von denen ein Shader einen Teil erreicht.",
  chartHere: "Diese GPU",
  chartThere: "Jene GPU",
  chartMeaning: (tokens) => `Damit kann ein Modell von 1 GB höchstens etwa ${tokens} Tokens in der Sekunde schreiben.`,

  columnName: "Was",
  columnValue: "Wert",
  columnAgainst: "Gegenüber dem Standard",
  none: "Keine.",
  presentAll: (count) => `${count} vorhanden`,

  compareTitle: "Mit einem anderen Bericht vergleichen",
  compareIntro: "Das JSON eines Berichts oder einen Link darauf einfügen, oder eine gespeicherte Datei öffnen.",
  comparePaste: "Bericht oder Link",
  compareOpen: "Datei öffnen …",
  compareGo: "Vergleichen",
  compareCancel: "Abbrechen",
  compareEmpty: "Zuerst einen Bericht oder einen Link darauf einfügen.",
  compareTooLarge: "Diese Datei ist weit größer als jeder Bericht.",
  compareHeading: "Verglichen",
  compareFirst: "Dieser Bericht",
  compareSecond: "Anderer Bericht",
  compareDifference: "Anderer gegenüber diesem",
  compareEnd: "Vergleich beenden",
  compareAll: "Auch zeigen, was gleich ist",
  compareAbsent: "nicht vorhanden",
  compareSummary: (different, same) =>
    `${different} ${different === 1 ? "Unterschied" : "Unterschiede"}, ${same} gleich.`,

  ...modelWords,

  networkTitle: "Was diese Seite erreichen darf",
  networkIntro:
    "Der Browser verweigert dieser Seite jede Verbindung außer zu ihrem eigenen Server, zu diesem Computer und zu den Hosts unten. Diese werden nach Modellen gefragt, und nur, wenn eines gewählt wurde.",
  networkStarter: (host) =>
    `Eine Ausnahme ist das Startmodell: Es kommt beim ersten Besuch, von ${host}, wie es gewählt hat, wer diese Seite betreibt.`,
  networkHosts: "Erlaubte Hosts",
  networkNoHosts: "Keine: Ingle läuft mit dem, was hier schon gespeichert ist.",
  networkRemove: "Entfernen",
  networkRemoveHost: (host) => `${host} entfernen`,
  networkAddLabel: "Host hinzufügen",
  networkAddHint: "Etwa models.example.org, oder *.example.org für alle Hosts darunter. Nur https.",
  networkAdd: "Hinzufügen",
  networkDefaults: "Voreinstellung wiederherstellen",
  networkReload: "Neu laden, damit es gilt",
  networkChanged: "Die Liste ist geändert. Sie gilt, sobald die Seite neu geladen ist.",
  networkNotSaved: "Die Liste konnte nicht gespeichert werden: Dieser Browser sperrt den Speicher für diese Seite.",
  networkListed: (host) => `${host} steht schon auf der Liste.`,
  networkTooMany: (max) => `Auf die Liste passen ${max} Hosts. Zuerst einen entfernen.`,
  networkKept: "Wer sich daran hält",
  networkPage: "Die Seite",
  networkWorker: "Der Worker, der rechnet",
  networkServiceWorker: "Der Service Worker",
  networkEnforced: "vom Browser an die Liste gebunden",
  networkServiceWorkerStates: {
    sent: "vom Browser an die Liste gebunden, durch einen Header, den dieser Server schickt",
    "not-sent":
      "nicht vom Browser gebunden: Dieser Server schickt mit sw.js keine Regeln. Der Code darin fragt nur nach den Dateien dieser Seite",
    unknown: "ließ sich gerade nicht feststellen",
    none: "läuft hier nicht",
  },

  markdown: {
    linkAway: (address) => `${address} (öffnet einen neuen Tab)`,
    imageLink: (alternative) => (alternative === "" ? "Bild" : `Bild: ${alternative}`),
    table: "Tabelle",
    taskDone: "Erledigt:",
    taskOpen: "Zu tun:",
    code: "Code",
    codeIn: (language) => `Code, ${language}`,
    copyCode: "Kopieren",
    copyCodeLabel: (language) => `Den Code kopieren (${language})`,
    copiedCode: "Kopiert",
    copyCodeFailed: "Diese Seite darf die Zwischenablage nicht benutzen. Den Code markieren und kopieren.",
  },
};
