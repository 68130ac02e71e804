/** Writes what a request brings to the GPU: where decoding starts, how tokens are sampled. */
import { IngleError } from "../../../shared/errors";
import type { Sampling } from "../../engine";
import { DECODE_STATE } from "../kernels/decode-state";
import { IN_PROMPT, packSamplingParams } from "../kernels/sample/sample";
import type { LoadedModel } from "../model/loaded-model";

export interface PreparedRequest {
  /** All in the cache but the last. */
  readonly prompt: readonly number[];
  readonly sampling: Sampling;
  readonly bias: Readonly<Record<number, number>>;
}

/** @throws IngleError "request-invalid" */
export function prepareRequest({ gpu, plan, buffers }: LoadedModel, { prompt, sampling, bias }: PreparedRequest): void {
  const { queue } = gpu.device;
  const { scratch } = buffers;
  const { vocabulary } = plan.config;

  const state = new Uint32Array(DECODE_STATE.words);
  state[DECODE_STATE.position] = prompt.length - 1;
  state[DECODE_STATE.token] = prompt.at(-1) ?? 0;
  state[DECODE_STATE.count] = 1;
  queue.writeBuffer(scratch.state, 0, state);

  const seen = new Uint32Array(vocabulary);
  for (const token of prompt) seen[token] = IN_PROMPT;
  queue.writeBuffer(scratch.seen, 0, seen);

  const biased = Object.entries(bias);
  if (biased.length > 0) queue.writeBuffer(scratch.bias, 0, biasOf(biased, vocabulary));
  queue.writeBuffer(scratch.params, 0, packSamplingParams({ ...sampling, usesBias: biased.length > 0 }));
}

/** @returns [vocabulary] */
function biasOf(biased: readonly [string, number][], vocabulary: number): Float32Array<ArrayBuffer> {
  const bias = new Float32Array(vocabulary);
  for (const [id, value] of biased) {
    const token = Number(id);
    if (!(token >= 0 && token < vocabulary && Number.isInteger(token) && Number.isFinite(value))) {
      throw new IngleError("request-invalid", `logitBias names token ${id}; the model has 0 to ${vocabulary - 1}.`);
    }
    bias[token] = value;
  }
  return bias;
}
