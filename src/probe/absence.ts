/**
 * Why there is no WebGPU, and what the person in front of this browser can do about it. Pure.
 * Which version of which browser has WebGPU where: https://github.com/gpuweb/gpuweb/wiki/Implementation-Status
 * and MDN's browser-compat-data (api/GPU), as of 2026.
 */
import type { BrowserIdentity } from "./browser";
import { type ReasonCode, unknown } from "./report";

export type Absence = Extract<ReasonCode, "no-api" | "insecure-context" | "no-adapter" | "device-request-failed">;

/** @param detail what the browser itself said, where it said something. */
export function explainAbsence(absence: Absence, browser: BrowserIdentity, detail?: string) {
  const said = detail === undefined || detail === "" ? "" : ` It said: ${detail}`;
  switch (absence) {
    case "insecure-context":
      return unknown(
        absence,
        "This page was opened over plain http://, where browsers hide WebGPU.",
        insecureRemedy(browser),
      );
    case "no-api":
      return unknown(absence, `${browserLabel(browser)} does not offer WebGPU here.`, noApiRemedy(browser));
    case "no-adapter":
      return unknown(
        absence,
        `${browserLabel(browser)} has WebGPU but offers no GPU: it is blocked, switched off, or its driver is missing.`,
        noAdapterRemedy(browser),
      );
    case "device-request-failed":
      return unknown(
        absence,
        `A GPU answered, but ${browserLabel(browser)} could not open it.${said}`,
        "Close other tabs and programs that use the GPU, then restart the browser. If it stays, update the graphics driver.",
      );
    default:
      return absence satisfies never;
  }
}

function browserLabel({ name, version }: BrowserIdentity): string {
  if (name === undefined) return "This browser";
  return version === undefined ? name : `${name} ${majorVersion(version)}`;
}

function insecureRemedy(browser: BrowserIdentity): string {
  const open = "Open it over https://, or on this computer itself as http://localhost.";
  if (!isChromium(browser)) return open;
  return `${open} To try it in a home network, add this address at ${scheme(browser)}://flags/#unsafely-treat-insecure-origin-as-secure.`;
}

function noApiRemedy(browser: BrowserIdentity): string {
  const { name, version, system } = browser;
  const major = Number(majorVersion(version ?? ""));
  if (system === "iOS") return "Update to iOS or iPadOS 26 or later: every browser there uses the system's WebKit.";
  if (name === "Safari") return "Update to macOS 26 or later, which brings Safari 26 with WebGPU.";
  if (name === "Firefox") {
    if (system === "Windows" && major < 141) return "Update Firefox to version 141 or later.";
    if (system === "macOS" && major < 147) {
      return "Update Firefox to version 147 or later, on a Mac with Apple silicon.";
    }
    return "Firefox has WebGPU on Windows and on Macs with Apple silicon; elsewhere use Chrome or Edge, or set dom.webgpu.enabled in about:config to try it.";
  }
  if (name !== undefined && isChromium(browser)) {
    const needed = firstVersion(browser);
    if (major < needed) return `Update ${name} to version ${needed} or later.`;
    return `WebGPU is switched off in this browser: look for it at ${scheme(browser)}://flags/, or ask whoever manages this computer.`;
  }
  return "Use a current Chrome, Edge, Firefox or Safari.";
}

function noAdapterRemedy(browser: BrowserIdentity): string {
  const { name, system } = browser;
  if (name === "Firefox")
    return "Look at about:support under Graphics for what is blocked, and update the graphics driver.";
  if (!isChromium(browser)) return "Restart the browser, and update the system and its graphics driver.";
  const acceleration = `Check that graphics acceleration is on in the browser's settings`;
  switch (system) {
    case "Linux":
      return `${acceleration} and that a Vulkan driver is installed. On Linux, Chrome offers Intel GPUs (Gen12 and newer) from version 144 and NVIDIA from 147; for others enable ${scheme(browser)}://flags/#enable-unsafe-webgpu.`;
    case "Android":
      return `Update Android and the browser: WebGPU there needs Android 12 or later and a GPU by ARM, Qualcomm, Intel or (from Android 16) Imagination.`;
    case "Windows":
      return `${acceleration}, and update the graphics driver from its maker. Over Remote Desktop and in virtual machines there is often no GPU.`;
    default:
      return `${acceleration}, then restart the browser. ${scheme(browser)}://gpu says what is blocked and why.`;
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
