/** Serves files to pages of other origins on a free port of this machine, whole or in ranges, by whatever name. */
import { randomUUID } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Served } from "./serve";

export interface ServedFile {
  readonly size: number;
  /** Bytes `from` up to, not including, `to`. */
  stream(from: number, to: number): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * Behind a path that nobody can guess: any page the browser on this computer opens could ask this port.
 *
 * @param find gives the file of a path below the address, decoded, without a slash before it.
 */
export async function serveFiles(find: (path: string) => ServedFile | undefined): Promise<Served> {
  const secret = `${randomUUID()}/`;
  const found = (path: string) => (path.startsWith(secret) ? find(path.slice(secret.length)) : undefined);
  const server = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "Range");
    // Content-Range is what tells a file's length.
    response.setHeader("Access-Control-Expose-Headers", "Content-Range, Content-Length");
    const file = request.method === "OPTIONS" ? undefined : found(pathOf(request));
    if (file !== undefined) answer(file, request, response);
    else response.writeHead(request.method === "OPTIONS" ? 204 : 404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${secret}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** For `serveFiles`: what is in a folder, and nothing outside. */
export function filesIn(folder: string): (path: string) => ServedFile | undefined {
  return (path) => {
    const full = join(folder, path);
    if (!full.startsWith(join(folder, sep)) || path.includes("\0")) return undefined;
    const stats = statSync(full, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return undefined;
    return { size: stats.size, stream: (from, to) => createReadStream(full, { start: from, end: to - 1 }) };
  };
}

function pathOf({ url = "" }: IncomingMessage): string {
  try {
    return decodeURIComponent(new URL(url, "http://localhost").pathname.slice(1));
  } catch {
    return ""; // a stray "%"
  }
}

function answer({ size, stream }: ServedFile, request: IncomingMessage, response: ServerResponse): void {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const from = Number(range?.[1] ?? 0);
  const to = Math.min(Number(range?.[2] || Infinity) + 1, size);
  response.setHeader("Accept-Ranges", "bytes");
  if (range !== null && from >= to) {
    response.writeHead(416, { "Content-Range": `bytes */${size}` }).end();
    return;
  }
  response.setHeader("Content-Length", to - from);
  if (range !== null) response.writeHead(206, { "Content-Range": `bytes ${from}-${to - 1}/${size}` });
  if (request.method === "HEAD" || from === to) response.end();
  // The page leaves when it has enough.
  else pipeline(Readable.from(stream(from, to), { objectMode: false }), response).catch(() => undefined);
}
