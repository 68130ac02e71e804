/** Writes what a request brings to the GPU: where decoding starts, how tokens are sampled. */
import { IngleError } from "../../../shared/errors";
import type { GenerateRequest, Sampling } from "../../engine";
import { DECODE_STATE } from "../kernels/decode-state";
import { IN_PROMPT, packSamplingParams } from "../kernels/sample/sample";
import type { LoadedModel } from "../model/loaded-model";

/** Far past what any logit is. */
const MOST_BIAS = 10_000;

export interface PreparedRequest {
  /** All in the cache but the last. */
  readonly prompt: readonly number[];
  readonly sampling: Sampling;
  readonly bias: Readonly<Record<number, number>>;
  /** The tokens that may come first, where not all may: see `writeMask`. */
  readonly mask: Int32Array<ArrayBuffer> | undefined;
}

export function prepareRequest(model: LoadedModel, { prompt, sampling, bias, mask }: PreparedRequest): void {
  const { queue } = model.gpu.device;
  const { scratch } = model.buffers;
  const { vocabulary } = model.plan.config;

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
  if (mask !== undefined) writeMask(model, mask);
  const uses = { usesBias: biased.length > 0, usesMask: mask !== undefined };
  queue.writeBuffer(scratch.params, 0, packSamplingParams({ ...sampling, ...uses }));
}

/** @param mask [⌈vocabulary / 32⌉] Bit i of word w: whether token 32 w + i may come next. */
export function writeMask({ gpu, buffers }: LoadedModel, mask: Int32Array<ArrayBuffer>): void {
  gpu.device.queue.writeBuffer(buffers.scratch.mask, 0, mask);
}

/** @returns [vocabulary] */
function biasOf(biased: readonly [string, number][], vocabulary: number): Float32Array<ArrayBuffer> {
  const bias = new Float32Array(vocabulary);
  for (const [id, value] of biased) bias[Number(id)] = value;
  return bias;
}

/**
 * What can be said of a request before anything is computed for it.
 *
 * @throws IngleError "request-invalid"
 */
export function checkRequest({ maxTokens, logitBias = {} }: GenerateRequest, vocabulary: number): void {
  checkMaxTokens(maxTokens);
  checkLogitBias(logitBias, vocabulary);
}

/** @throws IngleError "request-invalid" */
export function checkMaxTokens(maxTokens: number | undefined): void {
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens >= 1)) {
    throw new IngleError("request-invalid", `maxTokens is ${maxTokens}; it can be a whole number from 1 on.`);
  }
}

/** @throws IngleError "request-invalid" */
export function checkLogitBias(logitBias: Readonly<Record<number, number>>, vocabulary: number): void {
  for (const [id, value] of Object.entries(logitBias)) {
    const token = Number(id);
    if (!(Number.isInteger(token) && token >= 0 && token < vocabulary)) {
      throw new IngleError("request-invalid", `logitBias names token ${id}; the model has 0 to ${vocabulary - 1}.`);
    }
    if (!(Math.abs(value) <= MOST_BIAS)) {
      throw new IngleError(
        "request-invalid",
        `logitBias of token ${id} is ${value}; it can be from −${MOST_BIAS} to ${MOST_BIAS}.`,
      );
    }
  }
}
