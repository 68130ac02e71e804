/** A model host for pages of other origins: ranges, validators, CORS; and faults, one for each request in turn. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type HostFault =
  | { readonly kind: "none" }
  /** The connection is lost after so many bytes. */
  | { readonly kind: "cut"; readonly after: number }
  | { readonly kind: "status"; readonly status: number; readonly headers?: Record<string, string> }
  /** The byte at this place of the file comes wrong. */
  | { readonly kind: "flip"; readonly at: number }
  /** The whole file, whatever was asked for. */
  | { readonly kind: "no-ranges" }
  /** From here on the file is another, of another ETag. */
  | { readonly kind: "replaced"; readonly by: Buffer };

export interface AskedRange {
  readonly from: number;
  /** Bytes of the body that were sent. */
  sent: number;
}

export interface ChunkHost {
  readonly url: string;
  /** Every request, in order. */
  readonly asked: readonly AskedRange[];
  /** Of the next requests; then there are none. */
  faults: HostFault[];
  /** [ms] before each piece of 64 KiB, on every connection: a line that takes its time. */
  pause: number;
  /** Lets no byte through while true, and no connection either. */
  isDown: boolean;
  stop(): Promise<void>;
}

export async function startChunkHost(content: Buffer): Promise<ChunkHost> {
  let file = { content, etag: '"first"' };
  const asked: AskedRange[] = [];
  const server = createServer((request, response) => {
    if (host.isDown) {
      request.socket.destroy();
      return;
    }
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Expose-Headers", "Content-Range, ETag, Retry-After");
    const fault = host.faults.shift() ?? { kind: "none" };
    if (fault.kind === "replaced") file = { content: fault.by, etag: '"second"' };
    if (fault.kind === "status") {
      asked.push({ from: NaN, sent: 0 });
      response.writeHead(fault.status, fault.headers).end();
    } else void answer(request, response, file, fault);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const host: ChunkHost = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`,
    asked,
    faults: [],
    pause: 0,
    isDown: false,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return host;

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    { content, etag }: typeof file,
    fault: HostFault,
  ): Promise<void> {
    const range = fault.kind === "no-ranges" ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const from = Number(range?.[1] ?? 0);
    const to = Math.min(Number(range?.[2] || Infinity) + 1, content.length);
    const note = { from, sent: 0 };
    asked.push(note);
    const body = Buffer.from(content.subarray(from, to));
    if (fault.kind === "flip") body.writeUInt8(body.readUInt8(fault.at - from) ^ 1, fault.at - from);
    response.writeHead(range === null ? 200 : 206, {
      "Content-Length": body.length,
      ETag: etag,
      ...(range !== null && { "Content-Range": `bytes ${from}-${to - 1}/${content.length}` }),
    });
    const length = fault.kind === "cut" ? Math.min(fault.after, body.length) : body.length;
    const write = (bytes: Buffer) => new Promise((done) => response.write(bytes, done));
    for (; note.sent < length; note.sent += 65_536) {
      if (host.pause > 0) await new Promise((done) => setTimeout(done, host.pause));
      if (host.isDown) response.destroy();
      if (response.destroyed) return;
      await write(body.subarray(note.sent, Math.min(note.sent + 65_536, length)));
    }
    note.sent = length;
    if (fault.kind === "cut") response.destroy();
    else response.end();
  }
}
