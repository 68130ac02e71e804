/**
 * What programs serve on a free port of this machine: the built page, built first where the build is missing or old,
 * and models' files.
 */
import { readdirSync, statSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { preview } from "vite";

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
  const server = await preview({
    root: ROOT,
    logLevel: "silent",
    preview: { port: 0, host: "localhost", open: false },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("The page's server has no address.");
  return { url, close: () => server.close() };
}

/** For pages of another origin. @param answer calls back when it has no such file. */
export async function serveFiles(
  answer: (request: IncomingMessage, response: ServerResponse, missing: () => void) => void,
): Promise<Served> {
  const server = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "Range");
    // Content-Range is what tells a file's length.
    response.setHeader("Access-Control-Expose-Headers", "Content-Range, Content-Length, ETag");
    if (request.method === "OPTIONS") response.writeHead(204).end();
    else answer(request, response, () => void response.writeHead(404).end());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
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
