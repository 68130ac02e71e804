import { describe, expect, it } from "vitest";
import { identifyBrowser } from "../../src/probe/browser";
import { USER_AGENTS } from "../fixtures/user-agents";

describe("identifyBrowser", () => {
  it.each([
    [USER_AGENTS.chromeWindows(100), "Chrome", "100.0.0.0", "Windows"],
    [USER_AGENTS.edgeWindows(140), "Microsoft Edge", "140.0.0.0", "Windows"],
    [USER_AGENTS.firefoxWindows(130), "Firefox", "130.0", "Windows"],
    [USER_AGENTS.firefoxMac(146), "Firefox", "146.0", "macOS"],
    [USER_AGENTS.firefoxLinux(153), "Firefox", "153.0", "Linux"],
    [USER_AGENTS.safariMac("17.6"), "Safari", "17.6", "macOS"],
    [USER_AGENTS.safariIPhone, "Safari", "17.5", "iOS"],
    [USER_AGENTS.chromeIPhone, "Chrome", "126.0.6478.54", "iOS"],
    [USER_AGENTS.firefoxIPad, "Firefox", "127.0", "iOS"],
    [USER_AGENTS.edgeIPhone, "Microsoft Edge", "125.0.2535.72", "iOS"],
    [USER_AGENTS.chromeAndroid(119), "Chrome", "119.0.0.0", "Android"],
    [USER_AGENTS.samsungAndroid, "Samsung Internet for Android", "24.0", "Android"],
    [USER_AGENTS.operaWindows(96, 110), "Opera", "96.0.0.0", "Windows"],
    [USER_AGENTS.chromeChromeOs(112), "Chrome", "112.0.0.0", "Chrome OS"],
    [USER_AGENTS.headlessChromeLinux(156), "Chrome", "156.0.0.0", "Linux"],
  ])("reads %s", (userAgent, name, version, system) => {
    expect(identifyBrowser(userAgent)).toEqual({ name, version, system });
  });

  it.each(["", "curl/8.0", "x", "Mozilla/5.0", "\u0000\u202e", "(".repeat(5000)])(
    "leaves unknown what %j does not say",
    (userAgent) => {
      const { name, version, system } = identifyBrowser(userAgent);
      // undefined, never an empty text: an empty name would be shown as a name.
      for (const part of [name, version, system]) expect(part).not.toBe("");
      expect(system).toBeUndefined();
    },
  );
});
