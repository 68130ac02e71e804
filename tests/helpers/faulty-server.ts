/** A file server with the faults of real ones: what a source of bytes must live with, or name. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

export interface Faults {
  /** Answers 200 with the whole file to a request with a Range. */
  readonly ignoresRange?: boolean;
  /** Answers Range with a range that begins this much later. */
  readonly shiftsRange?: number;
  /** Ends the connection after so many bytes of a body. */
  readonly truncatesAfter?: number;
  /** Says nothing more after so many bytes of a body; 0 sends not even the head. */
  readonly stallsAfter?: number;
  /** The status of every answer. */
  readonly status?: number;
  /** Answers HEAD with this. */
  readonly headStatus?: number;
  /** Sends neither Content-Length nor Content-Range. */
  readonly hidesLength?: boolean;
  /** Compresses every answer, and says that length, as hosts do with JSON. */
  readonly compresses?: boolean;
  /** Redirects once. */
  readonly redirects?: boolean;
}

export interface FaultyServer {
  /** Without a slash at the end. */
  readonly origin: string;
  /** Lays `bytes` at a path, from "/". */
  put(path: string, bytes: Uint8Array): void;
  /** Where `bytes` lie under any name, with these faults. */
  url(name: string, bytes: Uint8Array, faults?: Faults): string;
  /** "GET /3/model.gguf bytes=0-0", in order. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

export async function startFaultyServer(): Promise<FaultyServer> {
  const files = new Map<string, { readonly bytes: Uint8Array; faults: Faults }>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push([request.method, request.url, request.headers.range].filter(Boolean).join(" "));
    const file = files.get((request.url ?? "").split("?")[0] ?? "");
    if (!file) response.writeHead(404).end();
    else if (file.faults.redirects) {
      file.faults = { ...file.faults, redirects: false };
      response.writeHead(302, { Location: request.url }).end();
    } else answer(request, response, file.bytes, file.faults);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    requests,
    put: (path, bytes) => void files.set(path, { bytes, faults: {} }),
    url(name, bytes, faults = {}) {
      const address = `${origin}/${files.size}/${name}`;
      files.set(new URL(address).pathname, { bytes, faults });
      return address;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array, faults: Faults): void {
  if (faults.stallsAfter === 0) return;
  const refusal = faults.status ?? (request.method === "HEAD" ? faults.headStatus : undefined);
  if (refusal !== undefined) {
    response.writeHead(refusal).end();
    return;
  }
  if (faults.compresses) {
    const packed = gzipSync(bytes);
    response.writeHead(200, { "Content-Encoding": "gzip", "Content-Length": packed.length });
    response.end(request.method === "HEAD" ? undefined : packed);
    return;
  }
  const range = faults.ignoresRange ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  if (range && Number(range[1]) >= bytes.length) {
    response.writeHead(416, { "Content-Range": `bytes */${bytes.length}` }).end();
    return;
  }
  const from = Number(range?.[1] ?? 0) + (range ? (faults.shiftsRange ?? 0) : 0);
  const to = range?.[2] ? Number(range[2]) + 1 : bytes.length;
  const body = bytes.subarray(from, to);
  const lengths = {
    "Content-Length": body.length,
    ...(range && { "Content-Range": `bytes ${from}-${to - 1}/${bytes.length}` }),
  };
  response.writeHead(range ? 206 : 200, faults.hidesLength ? {} : lengths);
  if (request.method === "HEAD") response.end();
  else if (faults.truncatesAfter !== undefined && faults.truncatesAfter < body.length) {
    response.write(body.subarray(0, faults.truncatesAfter), () => response.destroy());
  } else if (faults.stallsAfter !== undefined && faults.stallsAfter < body.length) {
    response.write(body.subarray(0, faults.stallsAfter));
  } else response.end(body);
}
