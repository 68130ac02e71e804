/**
 * Finds a Chromium-family browser to drive, or installs one. In this order: INGLE_BROWSER, an installed Chrome, Edge
 * or Chromium, Playwright's own; then it installs: Debian's `chromium` as root, Playwright's anywhere else.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium } from "playwright";

const MAC_APPS = [
  "Google Chrome.app/Contents/MacOS/Google Chrome",
  "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  "Chromium.app/Contents/MacOS/Chromium",
];
const WINDOWS_APPS = ["Google\\Chrome\\Application\\chrome.exe", "Microsoft\\Edge\\Application\\msedge.exe"];
const LINUX_COMMANDS = [
  "google-chrome-stable",
  "google-chrome",
  "microsoft-edge-stable",
  "microsoft-edge",
  "chromium",
  "chromium-browser",
];

/** What is wrong, in a sentence for the person at the terminal. */
export class BrowserMissingError extends Error {}

/** @throws BrowserMissingError when INGLE_BROWSER leads nowhere, or nothing can be found or installed. */
export function ensureBrowser(say: (line: string) => void): string {
  const chosen = process.env["INGLE_BROWSER"];
  if (chosen !== undefined && chosen !== "") return requireExecutable(chosen, "INGLE_BROWSER");

  const found = findBrowser();
  if (found !== undefined) return found;

  say("No Chrome, Edge or Chromium was found here.");
  install(say);
  const installed = findBrowser();
  if (installed !== undefined) return installed;
  throw new BrowserMissingError(
    "No browser could be installed. Install Chrome, Edge or Chromium, or set INGLE_BROWSER to the path of one.",
  );
}

export function requireExecutable(path: string, namedBy: string): string {
  try {
    accessSync(path, constants.X_OK);
    if (statSync(path).isFile()) return path;
  } catch {
    // said below
  }
  throw new BrowserMissingError(`${namedBy} names ${path}, which is not a program that can be run.`);
}

function findBrowser(): string | undefined {
  return [...candidates(), chromium.executablePath()].find((path) => existsSync(path));
}

function candidates(): string[] {
  const { env, platform } = process;
  if (platform === "darwin") {
    return ["/Applications", join(homedir(), "Applications")].flatMap((root) => MAC_APPS.map((app) => join(root, app)));
  }
  if (platform === "win32") {
    const roots = [env["PROGRAMFILES"], env["PROGRAMFILES(X86)"], env["LOCALAPPDATA"]].filter(
      (root) => root !== undefined,
    );
    return roots.flatMap((root) => WINDOWS_APPS.map((app) => join(root, app)));
  }
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return LINUX_COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
}

function install(say: (line: string) => void): void {
  if (isDebian() && process.getuid?.() === 0) {
    say("Installing Debian's chromium: apt-get update && apt-get install --yes --no-install-recommends chromium");
    run("apt-get", ["update"]);
    run("apt-get", ["install", "--yes", "--no-install-recommends", "chromium"]);
  } else {
    say("Downloading Playwright's Chromium: npx playwright install chromium");
    run("npx", ["playwright", "install", "chromium"]);
  }
}

function isDebian(): boolean {
  try {
    return /^ID="?debian"?$/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

/** Its output goes to stderr: stdout may be somebody's JSON. */
function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, {
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    shell: process.platform === "win32", // npx is a script there
  });
  if (status !== 0) {
    throw new BrowserMissingError(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}.`);
  }
}

/** Where Chromium fetches a dictionary when something is typed and its profile has none, whatever the flags. */
export const DICTIONARY_HOST = "redirector.gvt1.com";

/**
 * Flags under which Chromium asks for nothing but what the page asks for, so that a logging proxy sees the page alone.
 * The last ones send what can't be switched off (the component check, the account list, the dictionary) to a port
 * nobody answers at; the dictionary's host is to be named as one that no proxy is for.
 */
export const QUIET_FLAGS = [
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--gaia-url=http://127.0.0.1:9",
  "--component-updater=url-source=http://127.0.0.1:9/x",
  `--host-resolver-rules=MAP ${DICTIONARY_HOST} 127.0.0.1:9`,
];

/** A WebGPU adapter computed on the processor, the same on every machine. */
export const SOFTWARE_ADAPTER_FLAGS = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Chromium's sandbox does not start as root, which is what containers run as. */
export const canSandbox = process.getuid?.() !== 0;
