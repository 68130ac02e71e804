/** What is English where it is made, in German: verdicts, errors, the catalogue's texts. */
import { report } from "./de-report";
import type { Translation } from "./translation";

const answers = (isMeasured: boolean) => (isMeasured ? "Antwortet mit" : "Antwortet voraussichtlich mit etwa");

const limits: Translation["fit"]["limits"] = {
  maxBufferSize: (needed, allowed) => `Braucht einen Puffer von ${needed}; Ingle bekommt hier ${allowed}.`,
  maxStorageBufferBindingSize: (needed, allowed) =>
    `Braucht eine Bindung von ${needed}; Ingle bekommt hier ${allowed}.`,
  maxStorageBuffersPerShaderStage: (needed, allowed) =>
    `Braucht ${needed} Speicherpuffer in einem Shader; Ingle bekommt hier ${allowed}.`,
  maxComputeWorkgroupStorageSize: (needed, allowed) =>
    `Braucht ${needed} Arbeitsgruppenspeicher; Ingle bekommt hier ${allowed}.`,
};

export const others: Translation = {
  report,

  fit: {
    noGpu: "Dieser Browser stellt keine GPU zum Rechnen bereit.",
    needsF16: "Die Fassung für WebLLM rechnet mit 16 Bit; dieser Adapter hat kein shader-f16.",
    hasF16: "Die Fassung für WebLLM braucht shader-f16, eine WebGPU-Funktion, die dieser Adapter hat.",
    limits,
    webllmLimits: {
      maxBufferSize: (needed, allowed) => `WebLLM bekäme hier Puffer von ${allowed}; es braucht ${needed}.`,
      maxStorageBufferBindingSize: (needed, allowed) =>
        `WebLLM bekäme hier Bindungen von ${allowed}; es braucht ${needed}.`,
      maxStorageBuffersPerShaderStage: (needed, allowed) =>
        `WebLLM braucht ${needed} Speicherpuffer in einem Shader; dieser Adapter erlaubt ${allowed}.`,
      maxComputeWorkgroupStorageSize: (needed, allowed) =>
        `WebLLM braucht ${needed} Arbeitsgruppenspeicher; dieser Adapter erlaubt ${allowed}.`,
    },
    triedInVain: (engine) => `Mit ${engine} wurde es hier versucht; es lief nicht.`,
    disk: (download, left) => `Der Download hat ${download}; dieser Browser bewahrt für diese Seite noch ${left} auf.`,
    diskUnknown: (download) =>
      `Der Download hat ${download}; wie viel dieser Browser für diese Seite aufbewahren würde, ist nicht bekannt.`,

    memoryUnknown: (needed) => `Braucht ${needed}; wie viel diese GPU hat, zeigt erst das Ausprobieren.`,
    memoryRoom: (needed, has) => `Braucht ${needed}; Platz ist für ${has}.`,
    memoryTight: (needed, has) => `Braucht ${needed} von ${has}: Für anderes bleibt wenig.`,
    memoryPerhaps: (needed, has) =>
      `Braucht ${needed}; ${has} sind sicher da, ob es mehr ist, zeigt erst das Ausprobieren.`,

    speedUnknown: "Wie schnell es wäre, ist nicht bekannt, solange diese GPU nicht gemessen ist.",
    speed: (rate, isMeasured) => `${answers(isMeasured)} ${rate} Tokens/s.`,
    speedSlow: (rate, isMeasured, wished, isReading) =>
      `${answers(isMeasured)} ${rate} Tokens/s, langsamer als ${wished} (${isReading ? "Lesetempo" : "eingestellt"}).`,

    takeLargestUnmeasured: (model) =>
      `${model} ist das größte, das mit Spielraum passt. Wie schnell es antwortet, ist nicht bekannt, solange diese GPU nicht gemessen ist.`,
    takeLargest: (model, isReading) =>
      `${model} ist das größte, das mit Spielraum passt und ${isReading ? "schneller antwortet, als Menschen lesen" : "so schnell antwortet wie eingestellt"}.`,
    takeFastest: (model, isReading) =>
      `${model} ist das schnellste, das passt; keines antwortet hier so schnell, wie ${isReading ? "Menschen lesen" : "eingestellt ist"}.`,
    takeTight: (model) =>
      `${model} ist das kleinste, und für mehr ist kein Platz: anderes schließen, was die GPU benutzt.`,
    takeAsTry: (model) =>
      `${model} ist einen Versuch wert: Wie viel Speicher diese GPU hat, ist nicht bekannt. Das Ausprobieren vor dem Download zeigt es.`,
    takeSmallest: (model) => `${model} ist das kleinste: Ob dafür Platz ist, zeigt das Ausprobieren.`,
    notLarger: (model, reason) => `Nicht ${model}: ${reason}`,
    notSmaller: (model, times) =>
      `Nicht ${model}: Es ist ${times === undefined ? "kleiner" : `etwa ${times}-mal so schnell`} und antwortet weniger gut.`,

    engineChosen: (engine) => `${engine}, wie gewählt.`,
    engineOnly: (engine, build) => `${engine}: Keine andere Engine führt ${build} aus.`,
    engineOtherCannot: (engine, other, why) => `${engine}. ${other} kann diese Fassung hier nicht ausführen: ${why}`,
    engineNoLibrary: (engine, other) =>
      `${engine}: Das Modell wurde ohne die Bibliothek von ${other} geholt. Entfernen und noch einmal holen bringt auch sie.`,
    engineLessRoom: (engine, other, why) => `${engine}. Mit ${other} ist weniger Platz: ${why}`,
    engineMeasured: (engine, rate, other, otherRate) =>
      `${engine}: Hier gemessen, bringt es ${rate} Tokens/s, ${other} ${otherRate}.`,
    engineCompiled: (engine) =>
      `${engine}, dessen Code für dieses Modell kompiliert ist. Wenn es da ist, lassen sich die Engines vergleichen.`,
  },

  errors: {
    aborted: "Angehalten.",
    "timed-out": "Die Antwort kam nicht rechtzeitig.",
    "worker-failed": "Der Teil von Ingle, der rechnet, ist ausgefallen. Die Seite neu laden.",
    "device-unavailable": "Die GPU ließ sich nicht öffnen.",
    "device-lost": "Die Verbindung zur GPU ging verloren.",
    "gpu-validation": "Die GPU hat einen Auftrag abgelehnt.",
    "gpu-out-of-memory": "Der Grafikspeicher reicht nicht.",
    "link-broken": "Dieser Link lässt sich nicht öffnen.",
    "report-invalid": "Dieser Bericht lässt sich nicht verwenden.",
    "file-invalid": "Diese Datei lässt sich nicht lesen.",
    "host-invalid": "Das ist kein Host, der auf die Liste kann.",
    "host-blocked": "Diese Seite darf diesen Host nicht erreichen. Erlaubt wird er unter „Einstellungen“.",
    "requirement-invalid": "Diese Anforderung ist nicht zu verstehen.",
    "source-failed": "Von dort kam nicht, was gebraucht wird.",
    "model-invalid": "Diese Dateien ergeben kein Modell.",
    "model-unsupported": "Dieses Modell kann Ingle nicht ausführen.",
    "context-too-long": "So ein langer Kontext geht hier nicht.",
    "context-full": "Das Gespräch ist länger, als der Kontext des Modells reicht.",
    "gpu-wrong": "Diese GPU rechnet falsch, oder sie ließ sich nicht messen.",
    "request-invalid": "Das geht so nicht.",
    "starter-missing": "Das Startmodell liegt nicht neben dieser Seite.",
    "not-stored": "Das ist hier nicht mehr gespeichert.",
    "model-busy": "Damit ist gerade ein anderer Tab oder eine andere Aufgabe beschäftigt.",
    "permission-needed": "Der Browser braucht noch einmal die Erlaubnis, diese Dateien zu lesen.",
    "storage-full": "Der Speicher des Browsers ist voll.",
    "storage-failed": "Der Speicher des Browsers lässt sich nicht benutzen.",
    "checksum-mismatch": "Was ankam, ist nicht das, was veröffentlicht wurde.",
    "no-model": "Es ist kein Modell geladen.",
    "chat-invalid": "Dieses Gespräch kann das Modell nicht lesen.",
    "json-incomplete": "Die Antwort endete, bevor ihr JSON vollständig war.",
    unexpected: "Etwas Unerwartetes ist passiert.",
  },

  catalogue: {
    "Tiny: a first taste in English, not for facts.": "Winzig: zum Probieren, auf Englisch, nicht für Fakten.",
    "Very small: simple conversation in English, not for facts.":
      "Sehr klein: einfache Gespräche auf Englisch, nicht für Fakten.",
    "The strongest all-rounder here that a good laptop or a gaming PC runs.":
      "Der stärkste Allrounder hier, den ein guter Laptop oder ein Spiele-PC schafft.",
    "An early small model, kept for comparison: newer ones of its size answer better.":
      "Ein frühes kleines Modell, zum Vergleich dabei: Neuere dieser Größe antworten besser.",
    "The largest here: only for machines with 40 GB of graphics memory or more.":
      "Das größte hier: nur für Rechner mit 40 GB Grafikspeicher oder mehr.",
    "Made for writing, explaining and repairing code; small enough to sit beside an editor.":
      "Zum Schreiben, Erklären und Reparieren von Code; klein genug, um neben einem Editor zu laufen.",
    "Thinks aloud before it answers: strong at maths and logic, slow to the point.":
      "Denkt laut, bevor es antwortet: stark in Mathematik und Logik, kommt langsam zum Punkt.",
    "Made for writing, explaining and repairing code; the best coder here.":
      "Zum Schreiben, Erklären und Reparieren von Code; darin das beste hier.",
    "A small all-rounder: chat, summaries and translation on modest devices.":
      "Ein kleiner Allrounder: Gespräche, Zusammenfassungen und Übersetzungen auf schwächeren Geräten.",
    "A small English all-rounder; its context takes much memory.":
      "Ein kleiner englischer Allrounder; sein Kontext braucht viel Speicher.",
    "Thinks aloud before it answers; the larger of the two.": "Denkt laut, bevor es antwortet; das größere von beiden.",
    "Small, with a friendly tone; summaries and simple questions.":
      "Klein, mit freundlichem Ton; für Zusammenfassungen und einfache Fragen.",
    "Writes well and keeps to its instructions; for laptops.": "Schreibt gut und hält sich an Vorgaben; für Laptops.",
    "Very small and quick; short answers and simple rewriting, often wrong about facts.":
      "Sehr klein und schnell; kurze Antworten und einfaches Umschreiben, bei Fakten oft falsch.",
    "Solves school and contest maths step by step; little else.":
      "Löst Schul- und Wettbewerbsmathematik Schritt für Schritt; sonst wenig.",
    "Made for writing, explaining and repairing code; short pieces only.":
      "Zum Schreiben, Erklären und Reparieren von Code; nur kurze Stücke.",
    "A good middle: follows instructions well and fits most laptops.":
      "Eine gute Mitte: befolgt Vorgaben gut und passt auf die meisten Laptops.",
    "A well-known all-rounder for machines with a large graphics memory.":
      "Ein bekannter Allrounder für Rechner mit großem Grafikspeicher.",
    'Asks for "Built with Llama" where it is offered to others, and has a policy of acceptable use.':
      "Verlangt „Built with Llama“, wo es anderen angeboten wird, und hat Regeln für zulässige Nutzung.",
    "Made from Llama 3.1, whose licence applies as well.": "Aus Llama 3.1 gemacht, dessen Lizenz ebenfalls gilt.",
    "Not for commercial use.": "Nicht für kommerzielle Nutzung.",
  },
};
