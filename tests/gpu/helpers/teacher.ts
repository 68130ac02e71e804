/** Feeds a loaded model given tokens and reads its logits: what the oracle's are compared with. */
import { readBack, submit } from "../../../src/engine/wgsl/gpu/gpu";
import type { LoadedModel } from "../../../src/engine/wgsl/model/loaded-model";
import { PREFILL_TOKENS } from "../../../src/engine/wgsl/model/plan";
import type { Oracle, OraclePrompt } from "../../fixtures/oracle/read-oracle";

export interface Agreement {
  readonly steps: number;
  /** The largest error of a logit, as a share of its step's range. */
  readonly worst: number;
  /** Steps where the likeliest token differs though the oracle's two largest are further apart than twice the error. */
  readonly wrongArgMax: readonly number[];
}

/** Prefills all but the last token, in parts of at most `part`. */
export async function prefill(model: LoadedModel, tokens: readonly number[], part = PREFILL_TOKENS): Promise<void> {
  const { gpu, buffers, forward } = model;
  const { queue } = gpu.device;
  for (let from = 0; from < tokens.length - 1; from += part) {
    const own = tokens.slice(from, Math.min(from + part, tokens.length - 1));
    queue.writeBuffer(buffers.scratch.tokens, 0, new Uint32Array(own));
    queue.writeBuffer(buffers.scratch.state, 0, new Uint32Array([0, from, 0, own.length]));
    for (const step of forward.prefill(own.length)) submit(gpu.device, step);
    await queue.onSubmittedWorkDone();
  }
}

/** @returns [vocabulary], the logits after `token` at `position`. */
export async function decodeLogits(model: LoadedModel, token: number, position: number): Promise<Float32Array> {
  const { gpu, buffers, forward } = model;
  gpu.device.queue.writeBuffer(buffers.scratch.state, 0, new Uint32Array([token, position, 0, 1]));
  submit(gpu.device, (pass) => forward.decode.forEach((step) => step(pass)));
  return new Float32Array(await readBack(gpu.device, buffers.scratch.logits));
}

/** Teacher-forced: the oracle's greedy tokens are fed whatever the model would have said. */
export async function compareWithOracle(
  model: LoadedModel,
  oracle: Oracle,
  prompt: OraclePrompt,
  { steps, prefillPart }: { readonly steps: number; readonly prefillPart?: number },
): Promise<Agreement> {
  await prefill(model, prompt.tokens, prefillPart);
  const tokens = [...prompt.tokens, ...prompt.greedy];
  const first = prompt.tokens.length - 1;
  let worst = 0;
  const wrongArgMax: number[] = [];
  for (let s = 0; s < steps; s++) {
    const logits = await decodeLogits(model, tokens[first + s] ?? NaN, first + s);
    const step = prompt.step(s);
    const range = step.max - step.min;
    let error = 0;
    const compare = (got: number | undefined, want: number | undefined) => {
      const off = Math.abs((got ?? NaN) - (want ?? NaN));
      error = Math.max(error, Number.isNaN(off) ? Infinity : off);
    };
    step.topIds.forEach((id, i) => compare(logits[id], step.topLogits[i]));
    oracle.probeIds.forEach((id, i) => compare(logits[id], step.probeLogits[i]));
    const { min, max } = rangeOf(logits);
    compare(max, step.max);
    compare(min, step.min);
    prompt.fullLogits[s]?.forEach((want, id) => compare(logits[id], want));
    worst = Math.max(worst, error / range);
    if (argMax(logits) !== step.topIds[0] && step.gap >= 2 * error) wrongArgMax.push(s);
  }
  return { steps, worst, wrongArgMax };
}

function rangeOf(logits: Float32Array): { min: number; max: number } {
  let [min, max] = [Infinity, -Infinity];
  for (const logit of logits) {
    min = Math.min(min, logit);
    max = Math.max(max, logit);
  }
  return { min, max };
}

function argMax(logits: Float32Array): number {
  let best = 0;
  logits.forEach((logit, id) => {
    if (logit > (logits[best] ?? -Infinity)) best = id;
  });
  return best;
}
