/** The page's own words in English. What the report says is in the report (src/probe). */
import type { MeasurementStep } from "../../app";
import type { Strength } from "../../catalogue/model-facts";
import type { Activity } from "../../desk/entries";
import type { BudgetSource } from "../../fit/budget";
import type { FitSettings, FitState } from "../../fit/verdict";
import { ENGINE_NAMES } from "../../shared/engines";
import { chatWords } from "./en-chat";
import { settingsWords } from "./en-settings";

export const en = {
  /** Which way the language is written. */
  direction: "ltr" as "ltr" | "rtl",

  ...chatWords,
  ...settingsWords,

  navigation: "Pages",
  check: "Check",
  install: "Install",
  skipToContent: "Skip to the content",

  ungated:
    "Ingle has not started: the script that keeps this page from reaching other hosts (gate.js) did not load. Reload the page; if it stays, a content blocker or the host is in the way.",
  loadFailed: "This part of Ingle could not be loaded: there is no network, or a newer version has replaced it.",
  reload: "Reload",

  updateReady: "A new version of Ingle is ready.",
  updateApply: "Reload with it",
  updateLater: "Later",

  downloadDone: "The model is here",
  downloadFailed: "The download has stopped",

  checkTitle: "What WebGPU can do here",
  checking: "Asking this browser about its GPU…",
  checkAgain: "Check again",
  verdict: "Verdict",
  sharedTitle: "A report from elsewhere",
  sharedIntro: (date: string) =>
    `Somebody shared what their browser and GPU can do, as of ${date}. Nothing here is about this device.`,
  sharedOpening: "Opening the report…",
  sharedOwn: "Check this device instead",

  measure: "Measure speed",
  measureAgain: "Measure again",
  measureStop: "Stop",
  measuring: (step: string, done: number, total: number) => `${step}: ${done + 1} of ${total}`,
  measureSteps: {
    kernelChecks: "Checking kernels",
    readBandwidth: "Measuring memory bandwidth",
    f32Throughput: "Measuring 32-bit arithmetic",
    f16Throughput: "Measuring 16-bit arithmetic",
    uploadRate: "Measuring uploads",
    dispatchCost: "Measuring dispatches",
    readbackLatency: "Measuring read-back",
  } satisfies Record<MeasurementStep, string>,
  measureIntro: "Takes up to ten seconds and 256 MiB of GPU memory. Nothing is sent anywhere.",
  measureDone: "Measured.",
  measureStopped: "Stopped. What was measured by then stays.",

  copyJson: "Copy JSON",
  downloadJson: "Download JSON",
  copyLink: "Copy link",
  compare: "Compare…",
  copiedJson: "The report is on the clipboard.",
  copiedLink: "A link is on the clipboard. It carries this report; nothing was uploaded.",
  copyByHand: "This page may not use the clipboard. Copy it from here:",
  downloaded: (name: string) => `Saved as ${name}.`,

  chartTitle: "Memory bandwidth, beside devices people know",
  chartCaption:
    "Each line stands for ten times the one before. The others are their makers' peak figures, of which a shader reaches a part.",
  chartHere: "This GPU",
  chartThere: "That GPU",
  chartMeaning: (tokens: string) => `At this rate a model of 1 GB can give at most about ${tokens} tokens a second.`,

  columnName: "What",
  columnValue: "Value",
  columnAgainst: "Against the default",
  none: "None.",
  presentAll: (count: number) => `${count} present`,

  compareTitle: "Compare with another report",
  compareIntro: "Paste a report's JSON or a link to one, or open a saved file.",
  comparePaste: "Report or link",
  compareOpen: "Open a file…",
  compareGo: "Compare",
  compareCancel: "Cancel",
  compareEmpty: "Paste a report or a link to one first.",
  compareTooLarge: "This file is far larger than any report.",
  compareHeading: "Compared",
  compareFirst: "This report",
  compareSecond: "Other report",
  compareDifference: "Other against this",
  compareEnd: "End comparison",
  compareAll: "Show what is the same, too",
  compareAbsent: "not there",
  compareSummary: (different: number, same: number) =>
    `${different} ${different === 1 ? "difference" : "differences"}, ${same} the same.`,

  models: "Models",
  modelsTitle: "Models",
  modelsIntro:
    "Open models that run on this device's own GPU, each with what it needs here. What you get is kept in this browser and works with no network.",
  modelsOpening: "Looking at what this device can run…",
  modelsOpenFailed: (why: string) => `The models could not be looked through: ${why}`,
  modelsRecommended: "For this device",
  modelsNothingRuns: "No model here runs on this device. The Check page says what is missing.",
  modelsNothingFits: "No model here fits into so little graphics memory as is set below.",
  modelsSearch: "Search",
  modelsVerdict: "Verdict",
  modelsFamily: "Family",
  modelsSize: "Size",
  modelsAny: "Any",
  modelsKeptOnly: "Only those kept here",
  modelsFound: (count: number) => (count === 1 ? "1 model" : `${count} models`),
  modelsSizes: {
    small: "Up to 3B: about 5 GB of memory",
    middle: "7B to 9B: about 16 GB of memory",
    large: "70B: about 64 GB of memory",
    own: "Your own",
  },
  modelsLarger: "Larger ones, such as Qwen2.5-72B, belong on a machine of their own.",
  modelsStates: {
    fits: "Fits",
    tight: "Tight",
    unknown: "To be tried",
    "does-not-fit": "Does not fit",
  } satisfies Record<FitState, string>,
  modelsEngine: "Engine",
  modelsEngines: { auto: "Auto", ...ENGINE_NAMES } satisfies Record<FitSettings["engine"], string>,
  modelsEngineReason: {
    auto: "WebLLM where this adapter meets its demands, Ingle's own engine otherwise; on a model whose engines were compared, the faster.",
    webllm: "WebLLM; what it can't run here is said to be so.",
    wgsl: "Ingle's own engine; it runs what WebLLM does but for 3-bit builds.",
  } satisfies Record<FitSettings["engine"], string>,
  modelsMemory: "Graphics memory (GB), if you know it",
  modelsMore: "More settings",
  modelsWishedSpeed: "Fast enough (tokens/s)",
  modelsContext: "Conversation (tokens)",
  modelsIdle: "Unload after (minutes idle)",
  modelsMoreHint:
    "People read at about 8 tokens/s; the recommended model is to answer at least so fast. A longer conversation takes more memory. 0 minutes: a loaded model stays until it is unloaded.",
  modelsSpeedUnknown: "Until this GPU has been measured, how fast models would answer is not known, or a guess.",
  modelsMeasureDevice: "Measure this GPU",
  modelsMeasureDeviceAgain: "Measure the GPU again",
  modelsMeasuringDevice: "Measuring this GPU: ten seconds or so.",
  modelsOnGpu: "On the GPU now",
  modelsOnGpuTotal: (bytes: string) => `${bytes} of its memory.`,
  modelsRuns: (engine: string) => `Runs with ${engine}.`,
  modelsElsewhere: "Another tab of Ingle has it there, and this one talks through it: there is no second copy.",
  modelsOnGpuIdle: (minutes: number) =>
    minutes === 0
      ? "It stays until it is unloaded."
      : `It is unloaded after ${minutes === 1 ? "a minute" : `${minutes} minutes`} without use.`,
  modelsUnloaded: (name: string) => `${name} was unloaded.`,
  modelsWentIdle: (name: string, minutes: number) =>
    `${name} was unloaded after ${minutes === 1 ? "a minute" : `${minutes} minutes`} without use.`,
  modelsMeasured: (engines: readonly string[]) => `Measured here: ${engines.join(", ")}.`,
  modelsMeasuredWith: (engine: string, tokens: string | undefined) =>
    tokens === undefined ? `${engine} did not run it` : `${engine} ${tokens} tokens/s`,
  modelsCompare: "Compare engines",
  modelsMeasure: "Measure speed",
  modelsNotify: "Tell me when it is here",
  modelsMillions: (count: string) => `${count} million parameters`,
  modelsBillions: (count: string) => `${count} billion parameters`,
  modelsDownload: (size: string, isEstimate: boolean) => `${isEstimate ? "about " : ""}${size} to download`,
  modelsSpeed: (tokens: string, isMeasured: boolean) =>
    isMeasured ? `${tokens} tokens/s measured` : `about ${tokens} tokens/s expected`,
  modelsWith: (engine: string) => `with ${engine}`,
  modelsWhy: "Why, and what it needs",
  modelsBytes: (weights: string, kv: string, scratch: string, context: string) =>
    `Weights ${weights}, conversation ${kv} (${context} tokens), working memory ${scratch}.`,
  modelsLicence: "Licence",
  modelsLanguages: "Languages",
  modelsStrengthNames: {
    chat: "conversation",
    code: "code",
    maths: "mathematics",
    reasoning: "reasoning",
  } satisfies Record<Strength, string>,
  modelsMadeFor: (strengths: string, context: string) =>
    `Good at ${strengths}; made for conversations of up to ${context} tokens.`,
  modelsKept: (size: string) => `Kept here: ${size}`,
  modelsVerified: "every file is what its publisher says",
  modelsUnverified: (names: readonly string[]) =>
    `no sum is published for ${names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ")}`,
  modelsMissing: "Parts of it are gone from the browser's storage: check its files to fetch them again.",
  modelsBegun: (size: string) => `Begun: ${size} are here.`,
  modelsLoaded: (bytes: string, engine: string) => `On the GPU: ${bytes}, with ${engine}`,
  modelsGet: "Get",
  modelsGoOn: "Go on",
  modelsPause: "Pause",
  modelsStop: "Stop",
  modelsVerify: "Check files",
  modelsRemove: "Remove",
  modelsRemoveSure: (size: string) => `Remove it from this browser? ${size} would have to be fetched again.`,
  modelsRemoveYes: "Remove it",
  modelsRemoveNo: "Keep it",
  modelsLoad: "Load",
  modelsUnload: "Unload",
  modelsActivities: {
    rehearsing: "Trying whether there is room on the GPU",
    describing: "Asking its host for the list of files",
    downloading: "Downloading",
    verifying: "Checking files",
    loading: "Loading onto the GPU",
    removing: "Removing",
  } satisfies Record<Exclude<Activity["kind"], "measuring">, string>,
  modelsMeasuring: (engine: string) => `Measuring with ${engine}: half a minute or so`,
  modelsProgress: (done: string, total: string, rate: string) => `${done} of ${total}${rate}`,
  modelsRate: (rate: string, left: string) => `, ${rate}/s${left}`,
  modelsLeft: (time: string) => `, ${time} left`,
  modelsMinutes: (minutes: number) =>
    minutes <= 1 ? "a minute" : minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`,
  modelsAdd: "Add another",
  modelsAddAddress: "Address of a GGUF file, or of an MLC repository",
  modelsAddHint:
    "Such as https://huggingface.co/Qwen/Qwen2.5-0.5B-Instruct-GGUF/blob/main/qwen2.5-0.5b-instruct-q4_0.gguf. Other hosts than those under Settings have to be allowed there first.",
  modelsAddForWebLlm: "To run an MLC model with WebLLM, too",
  modelsAddLibrary: "Address of its library compiled for WebLLM (.wasm)",
  modelsAddGet: "Get it",
  modelsAddFiles: "Or files of this computer: a GGUF, or all files of an MLC folder",
  modelsAddEmpty: "Type or paste an address first.",
  modelsAdding: "Looking at it…",
  modelsAdded: (name: string) => `${name} is here, under “Your own”.`,
  modelsBudget: {
    rehearsed: (bytes: string) => `Counted on: ${bytes} of graphics memory, which were tried.`,
    stated: (bytes: string) => `Counted on: ${bytes} of graphics memory, as you say.`,
    deviceMemory: (bytes: string) =>
      `Counted on: ${bytes} of graphics memory, a share of what this browser says the device has at least. Whether there is more is tried before a download.`,
    unknown: () => "How much graphics memory there is no browser tells; it is tried before a download.",
  } satisfies Record<BudgetSource, (bytes: string) => string>,

  modelsDisk: "Storage",
  modelsDiskNone: "No model is kept here.",
  modelsDiskUsed: (used: string, quota: string) => `This site uses ${used} of the ${quota} that the browser offers it.`,
  modelsDiskSafe: "The browser promised not to clear it by itself.",
  modelsDiskUnsafe: "The browser may clear it when the disk is full.",
  modelsDeleteAll: "Delete all models…",
  modelsDeleteSure: "Delete all models from this browser?",
  modelsDeleteYes: "Delete all",
  modelsDeleteNo: "Keep them",

  networkTitle: "What this page may reach",
  networkIntro:
    "Your browser refuses this page every connection except to the page's own host, to this computer, and to the hosts below. They are asked for models only when you choose one.",
  networkStarter: (host: string) =>
    `The starter model is the exception: it comes on the first visit, from ${host}, as whoever runs this page has chosen.`,
  networkHosts: "Allowed hosts",
  networkNoHosts: "None: Ingle runs from what is already stored here.",
  networkRemove: "Remove",
  networkRemoveHost: (host: string) => `Remove ${host}`,
  networkAddLabel: "Add a host",
  networkAddHint: "Such as models.example.org, or *.example.org for all hosts below it. Only https.",
  networkAdd: "Add",
  networkDefaults: "Restore the defaults",
  networkReload: "Reload to apply",
  networkChanged: "The list has changed. It applies once the page is reloaded.",
  networkNotSaved: "The list could not be saved: this browser blocks storage for this page.",
  networkListed: (host: string) => `${host} is on the list already.`,
  networkTooMany: (max: number) => `The list may hold ${max} hosts. Remove one first.`,
  networkKept: "Who keeps to it",
  networkPage: "The page",
  networkWorker: "The worker that computes",
  networkServiceWorker: "The service worker",
  networkEnforced: "held to the list by the browser",
  networkServiceWorkerStates: {
    sent: "held to the list by the browser, through a header this host sends",
    "not-sent":
      "not held by the browser: this host sends no policy with sw.js. Its code asks for this page's own files and nothing else",
    unknown: "could not be checked just now",
    none: "not running here",
  },

  markdown: {
    linkAway: (address: string) => `${address} (opens in a new tab)`,
    imageLink: (alternative: string) => (alternative === "" ? "Image" : `Image: ${alternative}`),
    table: "Table",
    taskDone: "Done:",
    taskOpen: "To do:",
    code: "Code",
    codeIn: (language: string) => `Code, ${language}`,
    copyCode: "Copy",
    copyCodeLabel: (language: string) => `Copy the code (${language})`,
    copiedCode: "Copied",
    copyCodeFailed: "This page may not use the clipboard. Select the code and copy it.",
  },
};
