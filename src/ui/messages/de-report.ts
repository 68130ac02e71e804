/** What is said of a report, in German, in the order of src/probe/words.ts. */
import type { ReportWords } from "../../probe/words";

const rightOrWrong = (isRight: boolean) => (isRight ? "richtig" : "FALSCH");

export const report: ReportWords = {
  sections: {
    adapter: "GPU",
    measurements: "Tempo",
    kernels: "Selbsttest der Kernel",
    workers: "Wo WebGPU geht",
    limits: "Grenzen",
    features: "Fähigkeiten",
    storage: "Speicher",
    otherAdapters: "Weitere GPUs",
    page: "Browser und Seite",
    wgsl: "Sprachmerkmale von WGSL",
  },
  measurements: {
    readBandwidth: "Bandbreite beim Lesen",
    f32Throughput: "Rechnen, 32 Bit",
    f16Throughput: "Rechnen, 16 Bit",
    uploadRate: "Übertragung zur GPU",
    dispatchCost: "Kosten eines Aufrufs",
    readbackLatency: "Vom Auftrag bis zum Ergebnis",
  },
  labels: {
    gpu: "GPU",
    vendor: "Hersteller",
    architecture: "Architektur",
    device: "Gerät",
    description: "Beschreibung",
    subgroupSize: "Größe der Untergruppen",
    fallbackAdapter: "Ersatzadapter",
    kernels: "Alle Kernel",
    dedicatedWorker: "Dedicated Worker",
    sharedWorker: "Shared Worker",
    serviceWorker: "Service Worker",
    limits: "Grenzen",
    features: "Fähigkeiten",
    quota: "Platz für diese Seite",
    usage: "Von dieser Seite belegt",
    persisted: "Vor Verdrängung geschützt",
    indexedDb: "IndexedDB",
    opfs: "Privates Dateisystem (OPFS)",
    lowPower: "Sparsam",
    fallback: "Ersatz",
    browser: "Browser",
    system: "System",
    secureContext: "Sicherer Kontext",
    crossOriginIsolated: "Von anderen Ursprüngen isoliert",
    userAgent: "Browserkennung",
    languageFeatures: "Sprachmerkmale",
  },

  yes: "ja",
  no: "nein",
  works: "geht",
  worksReadBack: "geht: geschrieben und zurückgelesen",
  notOffered: "nicht angeboten",
  notSaid: "nicht gesagt",
  notMeasured: "nicht gemessen",
  notKnown: "unbekannt",
  noAnswer: "keine Antwort",
  stopped: "angehalten",
  threads: (count) => `${count} Threads`,
  threadsBetween: (least, most) => `${least} bis ${most} Threads`,
  spread: (samples, lower, upper) => `mittlere Hälfte von ${samples} Messungen: ${lower} bis ${upper}`,

  limitUnlisted: "steht nicht in der Tabelle der Spezifikation",
  limitDefault: "der Standard",
  limitFiner: (difference) => `${difference}, feiner als der Standard`,
  limitCoarser: (difference) => `${difference}, gröber als der Standard`,
  limitTimes: (difference, times) => `${difference}, ${times} × der Standard`,
  limitAbove: (difference) => `${difference}, über dem Standard`,
  limitBelow: (difference) => `${difference}, unter dem Standard`,

  kernelFarOff: (isRight, outputs) =>
    `${rightOrWrong(isRight)}: Fehler über ${outputs} Ergebnisse weit jenseits des Erlaubten`,
  kernel: (isRight, error, outputs, percent) =>
    `${rightOrWrong(isRight)}: größter Fehler ${error} über ${outputs} Ergebnisse, ${percent} % des Erlaubten`,

  same: "gleich",
  onlyOther: "nur im anderen",
  onlyThis: "nur in diesem",
  measuredOnlyOther: "nur im anderen gemessen",
  measuredOnlyThis: "nur in diesem gemessen",
  differs: "anders",
  more: "mehr",
  less: "weniger",
  littleMore: "ein wenig mehr",
  littleLess: "ein wenig weniger",
  timesMore: (times) => `${times}-mal so viel`,
  timesLess: (times) => `${times}-mal weniger`,
  better: (difference) => `${difference}, besser`,
  worse: (difference) => `${difference}, schlechter`,

  unnamedGpu: "einer GPU, die dieser Browser nicht nennt",
  undescribedGpu: "einer GPU, die dieser Browser nicht beschreibt",
  verdictYes: (gpu) => `Ja: Sprachmodelle können hier laufen, auf ${gpu}.`,
  verdictSlow: (gpu) =>
    `Ja, aber langsam: Es antwortet nur ${gpu}; gerechnet wird auf dem Prozessor statt auf einer GPU.`,
  verdictWrong: (kernels) =>
    `Nein: Diese GPU liefert hier falsche Ergebnisse (${kernels}); auf ihre Antworten wäre kein Verlass.`,
  verdictWrongRemedy: "Den Grafiktreiber und den Browser aktualisieren, dann noch einmal prüfen.",
  verdictNotSaid: "Dieser Bericht sagt nicht, ob WebGPU dort geht.",
  verdictNotFoundOut: (why) => `Nicht herausgefunden: ${why}`,
  verdictNo: (why) => `Nein: ${why}`,
  noteNoF16: "Kein 16-Bit-Rechnen (shader-f16): Modelle laufen mit 32 Bit, langsamer und mit mehr Speicher.",
  noteWebllm: "WebLLMs kompilierte Modelle brauchen mehr, als diese GPU bietet; Ingles eigene Engine nicht.",
  noteNoStorage: "Hier lässt sich nichts speichern; ein Modell würde bei jedem Besuch neu heruntergeladen.",

  reasons: {
    "no-api": "WebGPU wird hier nicht angeboten.",
    "insecure-context": "Diese Seite wurde nicht sicher geöffnet.",
    "no-adapter": "Es wird keine GPU angeboten.",
    "adapter-request-failed": "Die Frage nach einer GPU ist gescheitert.",
    "device-request-failed": "Die GPU ließ sich nicht öffnen.",
    "no-worker": "Diese Art von Worker gibt es hier nicht.",
    "no-api-in-worker": "In dieser Art von Worker wird WebGPU nicht angeboten.",
    "timed-out": "Die Antwort kam nicht rechtzeitig.",
    unsupported: "Dieser Browser bietet oder sagt das nicht.",
    failed: "Das ist gescheitert.",
    stopped: "Angehalten, bevor es gemessen war.",
    "not-measured": "Noch nicht gemessen.",
    "not-recorded": "Der Bericht sagt es nicht.",
  },

  absence: {
    thisBrowser: "Dieser Browser",
    insecure: "Diese Seite wurde über einfaches http:// geöffnet; dort verbergen Browser WebGPU.",
    noApi: (browser) => `${browser} bietet hier kein WebGPU an.`,
    noAdapter: (browser) =>
      `${browser} hat WebGPU, bietet aber keine GPU an: Sie ist gesperrt, abgeschaltet, oder ihr Treiber fehlt.`,
    noDevice: (browser, said) =>
      `Eine GPU hat geantwortet, aber ${browser} konnte sie nicht öffnen.${said === "" ? "" : ` Dazu hieß es: ${said}`}`,
    closeOthers:
      "Andere Tabs und Programme schließen, die die GPU benutzen, dann den Browser neu starten. Hilft das nicht, den Grafiktreiber aktualisieren.",
    openSecurely: "Die Seite über https:// öffnen, oder auf diesem Computer selbst als http://localhost.",
    allowInsecure: (address) => `Zum Ausprobieren im Heimnetz diese Adresse unter ${address} eintragen.`,
    updateIos: "Auf iOS oder iPadOS 26 oder neuer aktualisieren: Jeder Browser benutzt dort das WebKit des Systems.",
    updateMacos: "Auf macOS 26 oder neuer aktualisieren; damit kommt Safari 26 mit WebGPU.",
    updateFirefox: "Firefox auf Version 141 oder neuer aktualisieren.",
    updateFirefoxMac: "Firefox auf Version 147 oder neuer aktualisieren, auf einem Mac mit Apple-Chip.",
    firefoxElsewhere:
      "Firefox hat WebGPU unter Windows und auf Macs mit Apple-Chip; sonst Chrome oder Edge verwenden, oder zum Ausprobieren in about:config dom.webgpu.enabled einschalten.",
    update: (browser, version) => `${browser} auf Version ${version} oder neuer aktualisieren.`,
    switchedOff: (address) =>
      `WebGPU ist in diesem Browser abgeschaltet: unter ${address} danach suchen, oder fragen, wer diesen Computer verwaltet.`,
    useCurrent: "Ein aktuelles Chrome, Edge, Firefox oder Safari verwenden.",
    firefoxBlocked: "In about:support unter „Grafik“ nachsehen, was gesperrt ist, und den Grafiktreiber aktualisieren.",
    restart: "Den Browser neu starten, und das System samt Grafiktreiber aktualisieren.",
    linux: (address) =>
      `Nachsehen, ob in den Einstellungen des Browsers die Grafikbeschleunigung eingeschaltet und ein Vulkan-Treiber installiert ist. Unter Linux bietet Chrome GPUs von Intel (Gen12 und neuer) ab Version 144 an, von NVIDIA ab 147; für andere ${address} einschalten.`,
    android:
      "Android und den Browser aktualisieren: WebGPU braucht dort Android 12 oder neuer und eine GPU von ARM, Qualcomm, Intel oder (ab Android 16) Imagination.",
    windows:
      "Nachsehen, ob in den Einstellungen des Browsers die Grafikbeschleunigung eingeschaltet ist, und den Grafiktreiber des Herstellers aktualisieren. Über Remotedesktop und in virtuellen Maschinen gibt es oft keine GPU.",
    acceleration: (address) =>
      `Nachsehen, ob in den Einstellungen des Browsers die Grafikbeschleunigung eingeschaltet ist, dann den Browser neu starten. ${address} sagt, was warum gesperrt ist.`,
  },
};
