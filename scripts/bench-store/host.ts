/** Serves made-up files to the bench: as many as are asked for, of the same random bytes, with ranges. */
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface FilesHost {
  readonly url: string;
  /** Of every file. */
  readonly sha256: string;
  close(): Promise<void>;
}

export async function serveFiles(bytes: number): Promise<FilesHost> {
  const content = randomBytes(bytes);
  const server = createServer((request, response) => {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const from = Number(range?.[1] ?? 0);
    const to = Math.min(Number(range?.[2] || Infinity) + 1, bytes);
    response.writeHead(range === null ? 200 : 206, {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Expose-Headers": "Content-Range",
      "Content-Length": to - from,
      ...(range !== null && { "Content-Range": `bytes ${from}-${to - 1}/${bytes}` }),
    });
    response.end(content.subarray(from, to));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sha256: createHash("sha256").update(content).digest("hex"),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
