/** A static host as plain as they come: files below a sub-path, no headers of its own, and it can go away. */
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import sirv from "sirv";

export interface StaticHost {
  readonly url: string;
  /** Refuses every further connection, and ends those there are: the network is gone. */
  stop(): Promise<void>;
}

/** @param path where the page lies, such as "/some/where/". */
export async function startStaticHost(folder: string, path = "/"): Promise<StaticHost> {
  const files = sirv(folder, { dev: true, etag: true, dotfiles: true }); // dev: files may change between requests
  const server = createServer((request, response) => {
    const url = request.url ?? "/";
    if (!url.startsWith(path)) {
      response.writeHead(404).end("There is nothing here.");
      return;
    }
    request.url = url.slice(path.length - 1);
    files(request, response, () => void response.writeHead(404).end("There is nothing here."));
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    async stop() {
      if (!server.listening) return;
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
