/** Serves the built page on a free port of this machine, building it first where the build is missing or old. */
import { readdirSync, statSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = [
  "src",
  "public",
  "index.html",
  "vite.config.ts",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  ".cache/starter/origin.json", // written when the starter has come: the build carries it
];

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

export async function servePage(): Promise<Served> {
  if (isStale()) {
    console.error("Building the page.");
    buildPage();
  }
  const { preview } = await import("vite"); // only now: what is refused at the command line does not wait for it
  const server = await preview({
    root: ROOT,
    logLevel: "silent",
    preview: { port: 0, host: "localhost", open: false },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("The page's server has no address.");
  return { url, close: () => server.close() };
}

/** In a process of its own, whose words go to stderr: stdout is where the command line's JSON goes. */
function buildPage(): void {
  const vite = fileURLToPath(new URL("../node_modules/vite/bin/vite.js", import.meta.url));
  const { status } = spawnSync(process.execPath, [vite, "build", "--logLevel", "error"], {
    cwd: ROOT,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new Error("The page could not be built.");
}

function isStale(): boolean {
  const built = newest(join(ROOT, "dist", "sw.js")); // what a build writes last
  return SOURCES.some((source) => newest(join(ROOT, source)) > built);
}

/** Modification time of a file, or of the newest file below a folder, ms; 0 where there is none. */
function newest(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
