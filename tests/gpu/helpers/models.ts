/** Models for the engine's tests: the starter as `npm run starter` left it, and synthetic ones made on the spot. */
import { readGguf } from "../../../src/engine/wgsl/formats/gguf";
import type { ByteSource } from "../../../src/engine/wgsl/formats/byte-source";
import { readModelUrl } from "../../../src/engine/wgsl/formats/detect";
import type { ModelFile } from "../../../src/engine/wgsl/formats/model-file";
import { STARTER } from "../../../src/shared/starter";
import { syntheticGguf } from "../../../scripts/synthetic/gguf";

export const never = new AbortController().signal;

export const starterUrl = new URL(`/.cache/starter/${STARTER.file}`, location.href).href;

export function openStarter(): Promise<ModelFile> {
  return readModelUrl(starterUrl, never);
}

/** Its tokens, chat template and first layers: for what has nothing to do with what it says, and needs many tokens. */
export async function openShortStarter(layers = 3): Promise<ModelFile> {
  const { config, tensors, ...rest } = await openStarter();
  return { ...rest, config: { ...config, layers }, tensors: { ...tensors, layers: tensors.layers.slice(0, layers) } };
}

export function openSynthetic(...args: Parameters<typeof syntheticGguf>): Promise<ModelFile> {
  return readGguf([syntheticSource(...args)], never);
}

export function syntheticSource(...args: Parameters<typeof syntheticGguf>): ByteSource {
  const file = syntheticGguf(...args);
  return {
    name: `${args[0]}.gguf`,
    size: file.size,
    // eslint-disable-next-line @typescript-eslint/require-await -- made, not fetched
    async *stream(from, to) {
      yield* file.stream(from, to);
    },
  };
}
