/**
 * Why there is no WebGPU, and what the person in front of this browser can do about it. Pure.
 * Which version of which browser has WebGPU where: https://github.com/gpuweb/gpuweb/wiki/Implementation-Status
 * and MDN's browser-compat-data (api/GPU), as of 2026.
 */
import type { BrowserIdentity } from "./browser";
import { unknown, type Reason, type ReasonCode } from "./report";
import { reportWords, type ReportWords } from "./words";

export type Absence = Extract<ReasonCode, "no-api" | "insecure-context" | "no-adapter" | "device-request-failed">;

export function isAbsence(code: ReasonCode): code is Absence {
  return code === "no-api" || code === "insecure-context" || code === "no-adapter" || code === "device-request-failed";
}

/**
 * @param detail what the browser itself said, where it said something.
 * @param words by default English.
 */
export function explainAbsence(
  absence: Absence,
  browser: BrowserIdentity,
  detail = "",
  words: AbsenceWords = reportWords.absence,
): { readonly reason: Reason } {
  const label = browserLabel(browser, words);
  switch (absence) {
    case "insecure-context":
      return unknown(absence, words.insecure, insecureRemedy(browser, words));
    case "no-api":
      return unknown(absence, words.noApi(label), noApiRemedy(browser, words));
    case "no-adapter":
      return unknown(absence, words.noAdapter(label), noAdapterRemedy(browser, words));
    case "device-request-failed":
      return unknown(absence, words.noDevice(label, detail), words.closeOthers);
    default:
      return absence satisfies never;
  }
}

type AbsenceWords = ReportWords["absence"];

function browserLabel({ name, version }: BrowserIdentity, words: AbsenceWords): string {
  if (name === undefined) return words.thisBrowser;
  return version === undefined ? name : `${name} ${majorVersion(version)}`;
}

function insecureRemedy(browser: BrowserIdentity, words: AbsenceWords): string {
  if (!isChromium(browser)) return words.openSecurely;
  const address = `${scheme(browser)}://flags/#unsafely-treat-insecure-origin-as-secure`;
  return `${words.openSecurely} ${words.allowInsecure(address)}`;
}

function noApiRemedy(browser: BrowserIdentity, words: AbsenceWords): string {
  const { name, version, system } = browser;
  const major = Number(majorVersion(version ?? ""));
  if (system === "iOS") return words.updateIos;
  if (name === "Safari") return words.updateMacos;
  if (name === "Firefox") {
    if (system === "Windows" && major < 141) return words.updateFirefox;
    if (system === "macOS" && major < 147) return words.updateFirefoxMac;
    return words.firefoxElsewhere;
  }
  if (name !== undefined && isChromium(browser)) {
    const needed = firstVersion(browser);
    return major < needed ? words.update(name, String(needed)) : words.switchedOff(`${scheme(browser)}://flags/`);
  }
  return words.useCurrent;
}

function noAdapterRemedy(browser: BrowserIdentity, words: AbsenceWords): string {
  const { name, system } = browser;
  if (name === "Firefox") return words.firefoxBlocked;
  if (!isChromium(browser)) return words.restart;
  switch (system) {
    case "Linux":
      return words.linux(`${scheme(browser)}://flags/#enable-unsafe-webgpu`);
    case "Android":
      return words.android;
    case "Windows":
      return words.windows;
    default:
      return words.acceleration(`${scheme(browser)}://gpu`);
  }
}

/** The first version with WebGPU on by default. Opera counts its own: 99 is Chromium 113, its Android 81 is 121. */
function firstVersion({ name, system }: BrowserIdentity): number {
  if (name === "Opera") return system === "Android" ? 81 : 99;
  return system === "Android" ? 121 : 113;
}

/** Where the browser keeps its own pages. */
function scheme({ name }: BrowserIdentity): string {
  if (name === "Microsoft Edge") return "edge";
  return name === "Opera" ? "opera" : "chrome";
}

/** On iOS a browser of that name is WebKit, with none of Chromium's pages. */
function isChromium({ name, system }: BrowserIdentity): boolean {
  return system !== "iOS" && CHROMIUM_BROWSERS.has(name ?? "");
}

const CHROMIUM_BROWSERS = new Set(["Chrome", "Chromium", "Microsoft Edge", "Opera", "Brave"]);

function majorVersion(version: string): string {
  return version.split(".")[0] ?? version;
}
