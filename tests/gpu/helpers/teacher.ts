/** Feeds a loaded model given tokens and reads its logits: what the oracle's are compared with. */
import { readBack, submit } from "../../../src/engine/wgsl/gpu/gpu";
import type { LoadedModel } from "../../../src/engine/wgsl/model/loaded-model";
import { PREFILL_TOKENS } from "../../../src/engine/wgsl/model/plan";

/** Prefills all but the last token, in parts of at most `part`. */
export async function prefill({ gpu, buffers, forward }: LoadedModel, tokens: readonly number[], part = PREFILL_TOKENS): Promise<void> {
  const { queue } = gpu.device;
  for (let from = 0; from < tokens.length - 1; from += part) {
    const own = tokens.slice(from, Math.min(from + part, tokens.length - 1));
    queue.writeBuffer(buffers.scratch.tokens, 0, new Uint32Array(own));
    queue.writeBuffer(buffers.scratch.state, 0, new Uint32Array([from, 0, 0, own.length]));
    for (const step of forward.prefill(own.length)) submit(gpu.device, step);
    await queue.onSubmittedWorkDone();
  }
}

/** @returns [vocabulary], the logits after `token` at `position`. */
export async function decodeLogits(model: LoadedModel, token: number, position: number): Promise<Float32Array> {
  const { gpu, buffers, forward } = model;
  gpu.device.queue.writeBuffer(buffers.scratch.state, 0, new Uint32Array([position, token, 0, 1]));
  submit(gpu.device, (pass) => forward.decode.forEach((step) => step(pass)));
  return new Float32Array(await readBack(gpu.device, buffers.scratch.logits));
}
