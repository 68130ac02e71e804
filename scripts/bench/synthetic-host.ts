/** Serves a model of made-up weights, made as it is asked for: nothing is written, nothing held. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { syntheticGguf } from "../../tests/helpers/synthetic-gguf";
import type { Mix } from "../../tests/helpers/synthetic/mixes";
import type { ShapeName } from "../../tests/helpers/synthetic/shapes";
import { serveFiles, type Served } from "../serve";

export async function serveSynthetic(shape: ShapeName, mix: Mix): Promise<Served & { readonly size: number }> {
  const model = syntheticGguf(shape, { mix });
  const { url, close } = await serveFiles((request, response, missing) => {
    if (request.url !== `/${shape}.gguf`) {
      missing();
      return;
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const from = Number(range?.[1] ?? 0);
    const to = Math.min(Number(range?.[2] || Infinity) + 1, model.size);
    response.setHeader("Accept-Ranges", "bytes");
    if (from >= to) {
      response.writeHead(416, { "Content-Range": `bytes */${model.size}` }).end();
      return;
    }
    response.setHeader("Content-Length", to - from);
    if (range) response.writeHead(206, { "Content-Range": `bytes ${from}-${to - 1}/${model.size}` });
    if (request.method === "HEAD") response.end();
    // The page leaves when it has enough.
    else pipeline(Readable.from(model.stream(from, to), { objectMode: false }), response).catch(() => undefined);
  });
  return { url: `${url}${shape}.gguf`, close, size: model.size };
}
