/**
 * Stands in for Hugging Face: one address that redirects to a signed one on another port, good for one request, with
 * ranges and validators as its CDN has them; and faults, one for each request in turn.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export type Fault =
  | { readonly kind: "none" }
  /** The connection is lost after so many bytes. */
  | { readonly kind: "cut"; readonly after: number }
  /** The answer, of unknown length, ends early as if it were whole. */
  | { readonly kind: "short"; readonly after: number }
  /** Nothing more comes, and the connection stays. */
  | { readonly kind: "stall"; readonly after: number }
  /** Nothing more comes until the test says so. */
  | { readonly kind: "held"; readonly after: number }
  | { readonly kind: "status"; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: "web-page" }
  | { readonly kind: "flipped" }
  | { readonly kind: "no-ranges" }
  | { readonly kind: "wrong-range" }
  /** From here on it is another file of the same length. */
  | { readonly kind: "replaced"; readonly by: Buffer }
  | { readonly kind: "longer" };

interface Asked {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

export class ModelHost {
  /** Every request that reached the second server. */
  readonly asked: Asked[] = [];
  /** Every path that was asked of the first. */
  readonly paths: string[] = [];
  /** Of the next requests; then there are none. */
  faults: Fault[] = [];
  /** Waits until so much of the file is on the other's disk: a lost connection takes with it what is in between. */
  kept: (bytes: number) => Promise<void> = () => Promise.resolve();

  #content: Buffer;
  #etag = '"first"';
  /** Lets go of every answer that is held. */
  release: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => (this.release = resolve));
  readonly #signatures = new Set<string>();
  readonly #sockets = new Set<Socket>();
  readonly #front = this.#server((request, response) => this.#redirect(request, response));
  readonly #back = this.#server((request, response) => this.#answer(request, response));

  constructor(content: Buffer) {
    this.#content = content;
  }

  async start(): Promise<this> {
    for (const server of [this.#front, this.#back]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    return this;
  }

  get url(): string {
    return addressOf(this.#front);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of [this.#front, this.#back]) await new Promise((resolve) => server.close(resolve));
  }

  #server(answer: (request: IncomingMessage, response: ServerResponse) => void): Server {
    const server = createServer(answer);
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    return server;
  }

  #redirect(request: IncomingMessage, response: ServerResponse): void {
    this.paths.push(request.url ?? "");
    const signature = crypto.randomUUID();
    this.#signatures.add(signature);
    response.writeHead(302, { Location: `${addressOf(this.#back)}/blob?signature=${signature}` }).end();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const signature = new URL(request.url ?? "", "http://nowhere").searchParams.get("signature") ?? "";
    if (!this.#signatures.delete(signature)) {
      response.writeHead(403).end();
      return;
    }
    const { range, "if-range": ifRange } = request.headers;
    this.asked.push({ range, ifRange: ifRange === undefined ? undefined : String(ifRange) });
    const fault = this.faults.shift() ?? { kind: "none" };
    if (fault.kind === "status") {
      response.writeHead(fault.status, fault.headers).end();
      return;
    }
    if (fault.kind === "web-page") {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end("<!doctype html>Please sign in.");
      return;
    }
    if (fault.kind === "replaced") [this.#content, this.#etag] = [fault.by, '"second"'];
    this.#sendFile(request, response, fault);
  }

  #sendFile(request: IncomingMessage, response: ServerResponse, fault: Fault): void {
    const { range, "if-range": ifRange } = request.headers;
    const content = fault.kind === "longer" ? Buffer.concat([this.#content, Buffer.from("more")]) : this.#content;
    const current = ifRange === undefined || ifRange === this.#etag;
    const start = current && fault.kind !== "no-ranges" ? Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0) : 0;
    response.setHeader("ETag", this.#etag);
    if (start >= content.length) {
      response.writeHead(416, { "Content-Range": `bytes */${content.length}` }).end();
      return;
    }
    const from = fault.kind === "wrong-range" ? start + 1 : start;
    const body = Buffer.from(content.subarray(from));
    if (fault.kind === "flipped") body.writeUInt8(body.readUInt8(100) ^ 1, 100);
    if (fault.kind !== "short") response.setHeader("Content-Length", body.length);
    response.writeHead(start > 0 ? 206 : 200, {
      "Content-Type": "application/octet-stream",
      ...(start > 0 && { "Content-Range": `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    void this.#sendBody(response, body, fault);
  }

  async #sendBody(response: ServerResponse, body: Buffer, fault: Fault): Promise<void> {
    const write = (bytes: Buffer): Promise<unknown> => new Promise((resolve) => response.write(bytes, resolve));
    switch (fault.kind) {
      case "cut":
        await write(body.subarray(0, fault.after));
        await this.kept(this.#content.length - body.length + fault.after);
        response.destroy();
        break;
      case "stall":
        await write(body.subarray(0, fault.after));
        break;
      case "short":
        await write(body.subarray(0, fault.after));
        response.end();
        break;
      case "held":
        await write(body.subarray(0, fault.after));
        await this.#released;
        await write(body.subarray(fault.after));
        response.end();
        break;
      default:
        await write(body);
        response.end();
    }
  }
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
