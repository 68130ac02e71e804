/** Serves a model of made-up weights, made as it is asked for: nothing is written, nothing held. */
import { syntheticGguf } from "../synthetic/gguf";
import type { Mix } from "../synthetic/mixes";
import type { ShapeName } from "../synthetic/shapes";
import type { Served } from "../serve";
import { serveFiles } from "../serve-files";

export async function serveSynthetic(shape: ShapeName, mix: Mix): Promise<Served & { readonly size: number }> {
  const model = syntheticGguf(shape, { mix });
  const name = `${shape}.gguf`;
  const { url, close } = await serveFiles((path) => (path === name ? model : undefined));
  return { url: url + name, close, size: model.size };
}
