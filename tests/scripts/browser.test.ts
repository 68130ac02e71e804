import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium } from "playwright";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BrowserMissingError, ensureBrowser, requireExecutable } from "../../scripts/browser";

// So that no test ever installs anything.
vi.mock("node:child_process", () => ({ spawnSync: vi.fn() }));
const spawned = vi.mocked(spawnSync);

const ON_WINDOWS = process.platform === "win32";
let folder: string;
const say = vi.fn();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ingle-browser-"));
  say.mockReset();
  spawned.mockReset().mockReturnValue({ status: 1 } as ReturnType<typeof spawnSync>);
  vi.stubEnv("INGLE_BROWSER", "");
  vi.stubEnv("PATH", "");
  vi.spyOn(chromium, "executablePath").mockReturnValue(join(folder, "playwright", "chrome"));
  // A Linux where nobody is root, wherever this runs: there browsers are looked for in PATH.
  vi.stubGlobal("process", Object.create(process, { platform: { value: "linux" }, getuid: { value: () => 1000 } }));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** A program in the test's folder. */
function program(...path: string[]): string {
  const file = join(folder, ...path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, "");
  chmodSync(file, 0o755);
  return file;
}

describe("requireExecutable", () => {
  it("gives the path of a program", () => {
    const path = program("chrome");
    expect(requireExecutable(path, "--browser")).toBe(path);
  });

  it("says who named a path that leads nowhere", () => {
    const path = join(folder, "none");
    const check = () => requireExecutable(path, "--browser");
    expect(check).toThrow(BrowserMissingError);
    expect(check).toThrow(`--browser names ${path}, which is not a program that can be run.`);
  });

  it("refuses a file that is no program", () => {
    const path = program("notes.txt");
    chmodSync(path, 0o644);
    // Windows keeps no such mark: there any file may be one.
    const check = () => requireExecutable(path, "--browser");
    if (ON_WINDOWS) expect(check()).toBe(path);
    else expect(check).toThrow(BrowserMissingError);
  });

  it("refuses a folder, such as a Mac's Chromium.app", () => {
    expect(() => requireExecutable(folder, "--browser")).toThrow(BrowserMissingError);
  });
});

describe("INGLE_BROWSER", () => {
  it("comes before any browser that is installed", () => {
    program("bin", "google-chrome");
    const chosen = program("elsewhere", "my-browser");
    vi.stubEnv("PATH", join(folder, "bin"));
    vi.stubEnv("INGLE_BROWSER", chosen);
    expect(ensureBrowser(say)).toBe(chosen);
  });

  it("is not replaced by another browser when it leads nowhere", () => {
    program("bin", "google-chrome");
    vi.stubEnv("PATH", join(folder, "bin"));
    vi.stubEnv("INGLE_BROWSER", join(folder, "none"));
    expect(() => ensureBrowser(say)).toThrow(BrowserMissingError);
    expect(() => ensureBrowser(say)).toThrow("INGLE_BROWSER names");
    expect(spawned).not.toHaveBeenCalled();
  });
});

describe("ensureBrowser", () => {
  it("takes Chrome before Edge before Chromium, wherever in PATH they are", () => {
    vi.stubEnv("PATH", [join(folder, "a"), "", join(folder, "b")].join(delimiter));
    const playwrights = program("playwright", "chrome");
    expect(ensureBrowser(say)).toBe(playwrights);
    const chromiums = program("a", "chromium");
    expect(ensureBrowser(say)).toBe(chromiums);
    const edge = program("a", "microsoft-edge");
    expect(ensureBrowser(say)).toBe(edge);
    const chrome = program("b", "google-chrome");
    expect(ensureBrowser(say)).toBe(chrome);
    expect(say).not.toHaveBeenCalled();
    expect(spawned).not.toHaveBeenCalled();
  });

  it("installs Playwright's where there is none, and says so", () => {
    spawned.mockImplementation(() => {
      program("playwright", "chrome");
      return { status: 0 } as ReturnType<typeof spawnSync>;
    });
    expect(ensureBrowser(say)).toBe(join(folder, "playwright", "chrome"));
    expect(spawned).toHaveBeenCalledExactlyOnceWith("npx", ["playwright", "install", "chromium"], expect.anything());
    expect(say).toHaveBeenCalledWith("Downloading Playwright's Chromium: npx playwright install chromium");
  });

  it("keeps the installer's words off stdout, which may be somebody's JSON", () => {
    expect(() => ensureBrowser(say)).toThrow(BrowserMissingError);
    expect(spawned.mock.calls[0]?.[2]).toMatchObject({ stdio: ["ignore", 2, 2] });
  });

  it("says which command failed", () => {
    expect(() => ensureBrowser(say)).toThrow("npx playwright install chromium failed.");
    const error = new Error("spawn npx ENOENT");
    spawned.mockReturnValue({ status: null, error } as ReturnType<typeof spawnSync>);
    expect(() => ensureBrowser(say)).toThrow("npx playwright install chromium failed: spawn npx ENOENT.");
  });

  it("says what to do when the installer brought no browser", () => {
    spawned.mockReturnValue({ status: 0 } as ReturnType<typeof spawnSync>);
    expect(() => ensureBrowser(say)).toThrow(BrowserMissingError);
    expect(() => ensureBrowser(say)).toThrow("set INGLE_BROWSER to the path of one");
  });
});
