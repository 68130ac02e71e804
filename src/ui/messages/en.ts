/** The page's own words in English. What the report says is in the report (src/probe). */
import type { MeasurementStep } from "../../app";

export const en = {
  navigation: "Pages",
  check: "Check",
  network: "Network",
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

  networkTitle: "What this page may reach",
  networkIntro:
    "Your browser refuses this page every connection except to the page's own host, to this computer, and to the hosts below. They are asked for models only when you choose one.",
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
};
