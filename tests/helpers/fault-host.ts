/**
 * A model host for pages of other origins, which does to a download what networks and servers do. A run under
 * `/<seed>/` has files and faults that follow from its seed alone; what was asked and sent of them is counted.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { seededRandom } from "../../src/engine/wgsl/kernels/random";

const KiB = 1024;
const MiB = 1024 * KiB;
const PIECE = 64 * KiB;

export type Fault =
  | "none"
  | "cut"
  | "truncate"
  | "flip"
  | "stall"
  | "no-range"
  | "lie-length"
  | "other-etag"
  | "redirect"
  | "status"
  | "close"
  | "hidden-range";

/** What never ends a download by itself: everything but a file that is gone. */
const STATUSES = [408, 416, 429, 500, 503] as const;
const FINAL_STATUSES = [403, 404, 410] as const;

export interface RunPlan {
  readonly faults: readonly Fault[];
  /** How often a request is faulted. */
  readonly rate: number;
  /** After so many faults the host is well: a run that is to come through. */
  readonly most: number;
}

export interface RunReport {
  readonly plan: RunPlan;
  readonly requests: number;
  readonly faulted: Readonly<Partial<Record<Fault, number>>>;
  readonly finals: number;
  /** [bytes] sent of each file. */
  readonly sent: Readonly<Record<string, number>>;
  /** Requests for the beginning of a file that came after one which had been answered well. */
  readonly restarts: number;
}

export interface RunFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface Run {
  readonly random: () => number;
  readonly plan: RunPlan;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly faulted: Partial<Record<Fault, number>>;
  readonly sent: Record<string, number>;
  /** Files whose beginning was sent without a fault. */
  readonly begun: Set<string>;
  requests: number;
  finals: number;
  restarts: number;
}

const FAULTS: readonly Fault[] = [
  "cut",
  "truncate",
  "flip",
  "stall",
  "no-range",
  "lie-length",
  "other-etag",
  "redirect",
  "status",
  "close",
  "hidden-range",
];

/** Under /odd/: what no host should answer. */
const ODD_ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "sign-in": (response) =>
    response.writeHead(200, { "Content-Type": "text/html" }).end("<html>Sign in to our Wi-Fi</html>"),
  loop: (response) => response.writeHead(302, { Location: "/odd/loop" }).end(),
  "other-range": (response) =>
    response.writeHead(206, { "Content-Range": "bytes 7-8/9", "Content-Length": 2 }).end("ab"),
  petabyte: (response) => {
    response.writeHead(200, { "Content-Length": 2 ** 50 });
    response.write("a");
  },
  "negative-range": (response) =>
    response.writeHead(206, { "Content-Range": "bytes -5-2/-9", "Content-Length": 1 }).end("a"),
  "no-content": (response) => response.writeHead(204).end(),
  "odd-status": (response) => response.writeHead(299).end("hm"),
};

/** @returns a server on each of two ports of this computer; the second is where the first redirects to. */
export async function startFaultHost(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const runs = new Map<number, Run>();
  const servers = [await listen(handle), await listen(handle)] as const;
  const [url, other] = servers.map(urlOf) as [string, string];
  return {
    url,
    async stop() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
    },
  };

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const odd = ODD_ANSWERS[/^\/odd\/([\w-]+)$/.exec(request.url ?? "")?.[1] ?? ""];
    if (odd !== undefined) {
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Access-Control-Expose-Headers", "Content-Range");
      odd(response);
      return;
    }
    const [, seed = "", name = ""] = /^\/(\d+)\/([\w.-]+)$/.exec(request.url ?? "") ?? [];
    let run = runs.get(Number(seed));
    if (run === undefined) runs.set(Number(seed), (run = makeRun(Number(seed))));
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (name === "spec") json(response, specOf(run));
    else if (name === "report") {
      json(response, reportOf(run));
      runs.delete(Number(seed)); // its files are large
    } else void answer(request, response, run, name, other);
  }
}

function makeRun(seed: number): Run {
  const random = seededRandom(seed);
  const count = 2 + Math.floor(random() * 4);
  const files = new Map<string, Buffer>();
  for (let i = 0; i < count; i++) {
    const kind = random();
    const bytes = Math.floor(kind < 0.3 ? random() * 64 * KiB : kind < 0.7 ? random() * 5 * MiB : random() * 13 * MiB);
    // Whole chunks are where an off-by-one would be.
    files.set(`file-${i}.bin`, filled(random() < 0.1 ? Math.ceil(bytes / (4 * MiB)) * 4 * MiB : bytes, random));
  }
  const kinds = FAULTS.filter(() => random() < 0.4);
  const plan = { faults: kinds, rate: 0.2 + 0.6 * random(), most: Math.floor(random() * 25) };
  return { random, plan, files, faulted: {}, sent: {}, begun: new Set(), requests: 0, finals: 0, restarts: 0 };
}

function filled(bytes: number, random: () => number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  // A row of random numbers, turned a little each time it is used: quick, and no chunk is like another.
  const row = Uint32Array.from({ length: 1024 }, () => random() * 2 ** 32);
  for (let at = 0; at + 4 <= bytes; at += 4) {
    buffer.writeUInt32LE(((row[(at >> 2) & 1023] ?? 0) ^ Math.imul(at >>> 12, 0x9e3779b1)) >>> 0, at);
  }
  for (let at = bytes - (bytes % 4); at < bytes; at++) buffer[at] = at & 255;
  return buffer;
}

function specOf({ files }: Run): RunFile[] {
  return Array.from(files, ([name, content]) => ({
    name,
    bytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  }));
}

function reportOf({ plan, requests, faulted, finals, sent, restarts }: Run): RunReport {
  return { plan, requests, faulted, finals, sent, restarts };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  run: Run,
  name: string,
  other: string,
): Promise<void> {
  const content = run.files.get(name);
  if (content === undefined) {
    response.writeHead(404).end();
    return;
  }
  run.requests++;
  const fault = nextFault(run);
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const range = fault === "no-range" ? null : asked;
  const from = Number(range?.[1] ?? 0);
  const to = Math.min(Number(range?.[2] || Infinity) + 1, content.length);
  if (Number(asked?.[1]) === 0 && run.begun.has(name)) run.restarts++;
  if (fault === "status") {
    refuse(response, run);
    return;
  }
  // Where it is redirected to it is asked once more: that request has its own fault.
  if (fault === "redirect") {
    response.writeHead(run.random() < 0.5 ? 301 : 302, { Location: other + (request.url ?? "") }).end();
    return;
  }
  if (from >= content.length && content.length > 0) {
    response.writeHead(416, { "Content-Range": `bytes */${content.length}` }).end();
    return;
  }
  const body = Buffer.from(content.subarray(from, to));
  if (fault === "flip" && body.length > 0) {
    const at = Math.floor(run.random() * body.length);
    body.writeUInt8(body.readUInt8(at) ^ (1 << Math.floor(run.random() * 8)), at);
  }
  if (fault !== "hidden-range") response.setHeader("Access-Control-Expose-Headers", "Content-Range, ETag");
  if (fault === "close") response.shouldKeepAlive = false;
  const lie = fault === "lie-length" ? 1 + Math.floor(run.random() * 1000) : 0;
  const isPart = range !== null && content.length > 0;
  response.writeHead(isPart ? 206 : 200, {
    "Content-Length": body.length + lie,
    ETag: fault === "other-etag" ? `"${run.requests}"` : '"first"',
    ...(isPart && { "Content-Range": `bytes ${from}-${to - 1}/${content.length + lie}` }),
  });
  const cutAt = Math.floor(run.random() * body.length);
  const length = fault === "cut" || fault === "truncate" || fault === "stall" ? cutAt : body.length;
  let sent = 0;
  for (; sent < length && !response.destroyed; sent += PIECE) {
    const piece = body.subarray(sent, Math.min(sent + PIECE, length));
    await new Promise((done) => response.write(piece, done));
    run.sent[name] = (run.sent[name] ?? 0) + piece.length;
  }
  if (fault === "stall") return; // until the other side has had enough
  if (fault === "cut" || fault === "truncate" || lie > 0) {
    response.destroy();
    return;
  }
  response.end();
  if (from === 0 && !response.destroyed && fault !== "flip") run.begun.add(name);
}

function nextFault(run: Run): Fault {
  const { random, plan, faulted } = run;
  const soFar = Object.values(faulted).reduce((sum, count) => sum + count, 0);
  if (plan.faults.length === 0 || soFar >= plan.most || random() > plan.rate) return "none";
  const fault = plan.faults[Math.floor(random() * plan.faults.length)] ?? "none";
  faulted[fault] = (faulted[fault] ?? 0) + 1;
  return fault;
}

/** Mostly for now, seldom for good. */
function refuse(response: ServerResponse, run: Run): void {
  const isFinal = run.random() < 0.05;
  if (isFinal) run.finals++;
  const statuses = isFinal ? FINAL_STATUSES : STATUSES;
  const status = statuses[Math.floor(run.random() * statuses.length)] ?? 500;
  const retryAfter = status === 429 || status === 503 ? { "Retry-After": String(Math.floor(run.random() * 100)) } : {};
  response.setHeader("Access-Control-Expose-Headers", "Retry-After");
  response.writeHead(status, retryAfter).end("no");
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handle);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
