/**
 * The proxy every test browser goes through, loopback included. It notes each host that is asked for and forwards to
 * this machine only: loopback as it is, and names of the tests' own as they are mapped to loopback ports.
 */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { pipeline } from "node:stream";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

export class LoggingProxy {
  /** Every host asked for, in order, as "name:port". */
  readonly asked: string[] = [];
  /** Every plain http request's whole address: what a server gets to see. */
  readonly addresses: string[] = [];
  /** Names that stand for a server of a test: name → loopback port. */
  readonly names = new Map<string, number>();

  readonly #server = createServer((incoming, outgoing) => this.#forward(incoming, outgoing));
  readonly #sockets = new Set<Socket>();

  async start(): Promise<void> {
    this.#server.on("connect", (incoming: IncomingMessage, client: Socket, head: Buffer) => {
      this.#tunnel(incoming.url ?? "", client, head);
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Hosts that are neither this machine nor a name some test gave. */
  get strangers(): string[] {
    return [...new Set(this.asked.map(nameOf))].filter((name) => !LOOPBACK.has(name) && !this.names.has(name));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Where a host is on this machine; undefined for one that isn't. */
  #locate(host: string): { host: string; port: number } | undefined {
    const name = nameOf(host);
    const named = this.names.get(name);
    if (named !== undefined) return { host: "127.0.0.1", port: named };
    if (!LOOPBACK.has(name)) return undefined;
    return { host: name.replace(/[[\]]/g, ""), port: Number(/:(\d+)$/.exec(host)?.[1] ?? 80) };
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const url = new URL(incoming.url ?? "", "http://nowhere.invalid");
    this.asked.push(url.port === "" ? `${url.hostname}:80` : url.host);
    this.addresses.push(url.href);
    const target = this.#locate(url.host);
    if (target === undefined) {
      outgoing.writeHead(502).end();
      return;
    }
    const { method, headers } = incoming;
    const onward = request({ ...target, path: url.pathname + url.search, method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      pipeline(response, outgoing, () => undefined); // a connection that is lost there is lost here
    });
    onward.on("error", () => outgoing.destroy()); // as a server that is gone looks
    incoming.pipe(onward);
  }

  #tunnel(host: string, client: Socket, head: Buffer): void {
    this.asked.push(host);
    client.on("error", () => client.destroy());
    const target = this.#locate(host);
    if (target === undefined) {
      client.end("HTTP/1.1 502 Not on this machine\r\n\r\n");
      return;
    }
    const onward = connect(target.port, target.host, () => {
      client.write("HTTP/1.1 200 Connected\r\n\r\n");
      onward.write(head);
      onward.pipe(client);
      client.pipe(onward);
    });
    onward.on("error", () => client.destroy());
  }
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, "");
}
