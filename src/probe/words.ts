/** What is said of a report, in English; a page that speaks another language hands in its own. */
import type { SectionId } from "./sections";
import type { MeasurementName, ReasonCode } from "./report";

export const reportWords = {
  sections: {
    adapter: "GPU",
    measurements: "Speed",
    kernels: "Kernel self-check",
    workers: "Where WebGPU works",
    limits: "Limits",
    features: "Features",
    storage: "Storage",
    otherAdapters: "Other GPUs offered",
    page: "Browser and page",
    wgsl: "WGSL language features",
  } satisfies Record<SectionId, string>,
  measurements: {
    readBandwidth: "Memory read bandwidth",
    f32Throughput: "Arithmetic, 32-bit",
    f16Throughput: "Arithmetic, 16-bit",
    uploadRate: "Upload to the GPU",
    dispatchCost: "Cost of a dispatch",
    readbackLatency: "Submit to read-back",
  } satisfies Record<MeasurementName, string>,
  labels: {
    gpu: "GPU",
    vendor: "Vendor",
    architecture: "Architecture",
    device: "Device",
    description: "Description",
    subgroupSize: "Subgroup size",
    fallbackAdapter: "Fallback adapter",
    kernels: "All kernels",
    dedicatedWorker: "Dedicated worker",
    sharedWorker: "Shared worker",
    serviceWorker: "Service worker",
    limits: "Limits",
    features: "Features",
    quota: "Room for this site",
    usage: "Used by this site",
    persisted: "Protected from eviction",
    indexedDb: "IndexedDB",
    opfs: "Origin private file system",
    lowPower: "Low power",
    fallback: "Fallback",
    browser: "Browser",
    system: "System",
    secureContext: "Secure context",
    crossOriginIsolated: "Cross-origin isolated",
    userAgent: "User agent",
    languageFeatures: "Language features",
  },

  yes: "yes",
  no: "no",
  works: "works",
  worksReadBack: "works: written and read back",
  notOffered: "not offered",
  notSaid: "not said",
  notMeasured: "not measured",
  notKnown: "unknown",
  noAnswer: "no answer",
  stopped: "stopped",
  threads: (count: string) => `${count} threads`,
  threadsBetween: (least: string, most: string) => `${least} to ${most} threads`,
  spread: (samples: string, lower: string, upper: string) => `middle half of ${samples} samples: ${lower} to ${upper}`,

  limitUnlisted: "not in the specification's table",
  limitDefault: "the default",
  limitFiner: (difference: string) => `${difference}, finer than the default`,
  limitCoarser: (difference: string) => `${difference}, coarser than the default`,
  limitTimes: (difference: string, times: string) => `${difference}, ${times} × the default`,
  limitAbove: (difference: string) => `${difference}, above the default`,
  limitBelow: (difference: string) => `${difference}, below the default`,

  kernelFarOff: (isRight: boolean, outputs: string) =>
    `${rightOrWrong(isRight)}: errors over ${outputs} outputs far beyond what is allowed`,
  kernel: (isRight: boolean, error: string, outputs: string, percent: string) =>
    `${rightOrWrong(isRight)}: largest error ${error} over ${outputs} outputs, ${percent} % of what is allowed`,

  same: "the same",
  onlyOther: "only in the other",
  onlyThis: "only in this",
  measuredOnlyOther: "measured only in the other",
  measuredOnlyThis: "measured only in this",
  differs: "differs",
  more: "more",
  less: "less",
  littleMore: "a little more",
  littleLess: "a little less",
  timesMore: (times: string) => `${times} × as much`,
  timesLess: (times: string) => `${times} × less`,
  better: (difference: string) => `${difference}, better`,
  worse: (difference: string) => `${difference}, worse`,

  unnamedGpu: "a GPU this browser does not name",
  undescribedGpu: "a GPU this browser does not describe",
  verdictYes: (gpu: string) => `Yes: language models can run here, on ${gpu}.`,
  verdictSlow: (gpu: string) =>
    `Yes, but slowly: only ${gpu} answers, which computes on the processor and not on a GPU.`,
  verdictWrong: (kernels: string) =>
    `No: this GPU gives wrong results here (${kernels}), so its answers could not be trusted.`,
  verdictWrongRemedy: "Update the graphics driver and the browser, then check again.",
  verdictNotSaid: "This report does not say whether WebGPU works there.",
  verdictNotFoundOut: (why: string) => `Not found out: ${lowerFirst(why)}`,
  verdictNo: (why: string) => `No: ${lowerFirst(why)}`,
  noteNoF16: "No 16-bit arithmetic (shader-f16): models run in 32-bit, which is slower and takes more memory.",
  noteWebllm: "WebLLM's compiled models need more than this GPU offers; Ingle's own engine does not.",
  noteNoStorage: "Nothing can be stored here, so a model would be downloaded anew at each visit.",

  /** What reasons of a code say, where their own sentence is not in the language; that follows in brackets. */
  reasons: {} as Readonly<Partial<Record<ReasonCode, string>>>,

  absence: {
    thisBrowser: "This browser",
    insecure: "This page was opened over plain http://, where browsers hide WebGPU.",
    noApi: (browser: string) => `${browser} does not offer WebGPU here.`,
    noAdapter: (browser: string) =>
      `${browser} has WebGPU but offers no GPU: it is blocked, switched off, or its driver is missing.`,
    noDevice: (browser: string, said: string) =>
      `A GPU answered, but ${browser} could not open it.${said === "" ? "" : ` It said: ${said}`}`,
    closeOthers:
      "Close other tabs and programs that use the GPU, then restart the browser. If it stays, update the graphics driver.",
    openSecurely: "Open it over https://, or on this computer itself as http://localhost.",
    allowInsecure: (address: string) => `To try it in a home network, add this address at ${address}.`,
    updateIos: "Update to iOS or iPadOS 26 or later: every browser there uses the system's WebKit.",
    updateMacos: "Update to macOS 26 or later, which brings Safari 26 with WebGPU.",
    updateFirefox: "Update Firefox to version 141 or later.",
    updateFirefoxMac: "Update Firefox to version 147 or later, on a Mac with Apple silicon.",
    firefoxElsewhere:
      "Firefox has WebGPU on Windows and on Macs with Apple silicon; elsewhere use Chrome or Edge, or set dom.webgpu.enabled in about:config to try it.",
    update: (browser: string, version: string) => `Update ${browser} to version ${version} or later.`,
    switchedOff: (address: string) =>
      `WebGPU is switched off in this browser: look for it at ${address}, or ask whoever manages this computer.`,
    useCurrent: "Use a current Chrome, Edge, Firefox or Safari.",
    firefoxBlocked: "Look at about:support under Graphics for what is blocked, and update the graphics driver.",
    restart: "Restart the browser, and update the system and its graphics driver.",
    linux: (address: string) =>
      `Check that graphics acceleration is on in the browser's settings and that a Vulkan driver is installed. On Linux, Chrome offers Intel GPUs (Gen12 and newer) from version 144 and NVIDIA from 147; for others enable ${address}.`,
    android:
      "Update Android and the browser: WebGPU there needs Android 12 or later and a GPU by ARM, Qualcomm, Intel or (from Android 16) Imagination.",
    windows:
      "Check that graphics acceleration is on in the browser's settings, and update the graphics driver from its maker. Over Remote Desktop and in virtual machines there is often no GPU.",
    acceleration: (address: string) =>
      `Check that graphics acceleration is on in the browser's settings, then restart the browser. ${address} says what is blocked and why.`,
  },
};

export type ReportWords = typeof reportWords;

function rightOrWrong(isRight: boolean): string {
  return isRight ? "right" : "WRONG";
}

/** "This browser…" inside a sentence; a name ("Chrome 120 …") keeps its capital. */
function lowerFirst(sentence: string): string {
  return /^(?:This|A|Asking|The)\b/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}
