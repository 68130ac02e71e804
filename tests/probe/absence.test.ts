import { describe, expect, it } from "vitest";
import { explainAbsence, type Absence } from "../../src/probe/absence";
import { identifyBrowser } from "../../src/probe/browser";
import { USER_AGENTS } from "../fixtures/user-agents";

const ABSENCES: readonly Absence[] = ["no-api", "insecure-context", "no-adapter", "device-request-failed"];

const explain = (absence: Absence, userAgent: string, detail?: string) =>
  explainAbsence(absence, identifyBrowser(userAgent), detail).reason;

/** Every browser of the list, at versions before and after it got WebGPU, and what is no browser at all. */
const EVERYBODY = [
  ...Object.values(USER_AGENTS).flatMap((make) =>
    typeof make === "string" ? [make] : [make(90 as never, 90), make(200 as never, 200)],
  ),
  "",
  "curl/8.0",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/nonsense Safari/537.36",
];

describe("explainAbsence", () => {
  it.each(ABSENCES)("has a sentence and something to do about %s for everybody", (absence) => {
    for (const userAgent of EVERYBODY) {
      const { code, message, remedy } = explain(absence, userAgent, "the driver is too old");
      expect(code).toBe(absence);
      for (const text of [message, remedy ?? ""]) {
        expect(text, userAgent).toMatch(/^[A-Z].{20,}[.:/a-z-]$/s);
        expect(text, userAgent).not.toMatch(/undefined|NaN|\[object|null|Infinity/);
      }
    }
  });

  it.each([
    [USER_AGENTS.chromeWindows(100), "Update Chrome to version 113 or later"],
    [USER_AGENTS.chromeMac(112), "Update Chrome to version 113 or later"],
    [USER_AGENTS.chromeChromeOs(112), "Update Chrome to version 113 or later"],
    [USER_AGENTS.edgeWindows(112), "Update Microsoft Edge to version 113 or later"],
    [USER_AGENTS.chromeAndroid(113), "Update Chrome to version 121 or later"],
    [USER_AGENTS.chromeAndroid(120), "Update Chrome to version 121 or later"],
    [USER_AGENTS.firefoxWindows(130), "Update Firefox to version 141 or later"],
    [USER_AGENTS.firefoxWindows(140), "Update Firefox to version 141 or later"],
    [USER_AGENTS.firefoxMac(146), "Update Firefox to version 147 or later, on a Mac with Apple silicon"],
    [USER_AGENTS.firefoxLinux(153), "elsewhere use Chrome or Edge"],
    [USER_AGENTS.firefoxAndroid(150), "elsewhere use Chrome or Edge"],
    [USER_AGENTS.safariMac("17.6"), "Update to macOS 26 or later"],
    [USER_AGENTS.safariIPhone, "Update to iOS or iPadOS 26 or later"],
    [USER_AGENTS.chromeIPhone, "Update to iOS or iPadOS 26 or later"],
    [USER_AGENTS.edgeIPhone, "Update to iOS or iPadOS 26 or later"],
    [USER_AGENTS.firefoxIPad, "Update to iOS or iPadOS 26 or later"],
    ["curl/8.0", "Use a current Chrome, Edge, Firefox or Safari"],
  ])("without the API, tells %s: %s", (userAgent, words) => {
    expect(explain("no-api", userAgent).remedy).toContain(words);
  });

  it.each([
    [USER_AGENTS.chromeWindows(113), "chrome://flags"],
    [USER_AGENTS.chromeAndroid(121), "chrome://flags"],
    [USER_AGENTS.edgeWindows(140), "edge://flags"],
  ])("does not tell %s, which is new enough, to update", (userAgent, page) => {
    const { remedy } = explain("no-api", userAgent);
    expect(remedy).toContain(page);
    expect(remedy).not.toContain("Update");
  });

  // Opera counts its own versions: 99 was the first on Chromium 113.
  it.each([
    [USER_AGENTS.operaWindows(96, 110), /\b99\b/],
    [USER_AGENTS.operaWindows(105, 119), /^(?!Update)/],
  ])("goes by Opera's own versions for %s", (userAgent, expected) => {
    const { remedy } = explain("no-api", userAgent);
    expect(remedy).toMatch(expected);
    expect(remedy).not.toContain("113");
  });

  it("names the browser and its version, where it knows them", () => {
    expect(explain("no-api", USER_AGENTS.chromeWindows(100)).message).toBe("Chrome 100 does not offer WebGPU here.");
    expect(explain("no-api", "").message).toBe("This browser does not offer WebGPU here.");
  });

  it("sends a page that came over http:// to https://", () => {
    for (const userAgent of EVERYBODY) expect(explain("insecure-context", userAgent).remedy).toContain("https://");
    expect(explain("insecure-context", USER_AGENTS.chromeWindows(150)).remedy).toContain(
      "unsafely-treat-insecure-origin",
    );
    expect(explain("insecure-context", USER_AGENTS.firefoxWindows(150)).remedy).not.toContain("chrome://");
  });

  it.each([
    [USER_AGENTS.chromeLinux(150), "Vulkan"],
    [USER_AGENTS.chromeAndroid(150), "Android 12"],
    [USER_AGENTS.chromeWindows(150), "Remote Desktop"],
    [USER_AGENTS.chromeMac(150), "chrome://gpu"],
    [USER_AGENTS.firefoxLinux(153), "about:support"],
    [USER_AGENTS.safariMac("26.0"), "update the system"],
  ])("without an adapter, tells %s about %s", (userAgent, words) => {
    expect(explain("no-adapter", userAgent).remedy).toContain(words);
  });

  // Every browser on iOS is WebKit: there are no chrome:// pages.
  it.each(ABSENCES)("sends nobody on iOS to a chrome:// page for %s", (absence) => {
    for (const userAgent of [USER_AGENTS.chromeIPhone, USER_AGENTS.edgeIPhone, USER_AGENTS.safariIPhone]) {
      expect(explain(absence, userAgent).remedy, userAgent).not.toMatch(/(?:chrome|edge|about):/);
    }
  });

  it("repeats what the browser said, where it said something", () => {
    const { chromeLinux } = USER_AGENTS;
    expect(explain("device-request-failed", chromeLinux(150), "no memory").message).toContain("It said: no memory");
    expect(explain("device-request-failed", chromeLinux(150), "").message).not.toContain("It said");
    expect(explain("device-request-failed", chromeLinux(150)).message).not.toContain("It said");
  });
});
