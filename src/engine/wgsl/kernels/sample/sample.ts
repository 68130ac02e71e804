/**
 * Samples the next token on the GPU and moves the decode state on. The CPU twin is sample.ref.ts.
 *
 * In this order: the bias is added; what the mask forbids is put out of reach; logits of tokens in the prompt or the reply are divided (positive) or multiplied
 * (negative) by the repetition penalty; those of tokens in the reply lose frequency × times + presence; then the
 * temperature; top-k; top-p on what top-k left, renormalised; min-p, relative to the likeliest; then the draw by
 * inverse CDF from Philox(seed, position). Penalties as in vLLM, filters as in Hugging Face transformers.
 *
 * Ties: top-k and top-p keep every token as likely as the last one they keep; greedy takes the lowest id.
 * Tokens more than 31 nats below the likeliest (1 in 3·10^13) are never drawn. One token always can be.
 * If a logit is NaN or +inf, or all are -inf, the ring gets NO_TOKEN and the state token 0.
 */
import { bind, compile } from "../../gpu/gpu";
import decodeState from "../decode-state.wgsl?raw";
import arithmetic from "./arithmetic.wgsl?raw";
import list from "./list.wgsl?raw";
import kernel from "./sample.wgsl?raw";
import search from "./search.wgsl?raw";

/** In the ring where the GPU computed no number. */
export const NO_TOKEN = 0xffffffff;

/** In `seen`: the token occurs in the prompt. The bits below count how often the reply has it. */
export const IN_PROMPT = 0x80000000;

/** The masses of so many tokens still sum in 64 bits. */
export const LARGEST_VOCABULARY = 2 ** 18;

/** Below this a temperature is greedy, as in vLLM. */
const COLDEST = 1e-5;

/** Further below the likeliest, e^-nats is under the unit of mass, 2^-45. */
export const REACH_NATS = 31;

export interface SamplingSettings {
  /** 0: always the likeliest. */
  readonly temperature: number;
  /** 0: off. */
  readonly topK: number;
  /** 1: off. */
  readonly topP: number;
  /** 0: off. */
  readonly minP: number;
  /** 1: off. */
  readonly repetitionPenalty: number;
  /** 0: off. */
  readonly frequencyPenalty: number;
  /** 0: off. */
  readonly presencePenalty: number;
  /** Its low 32 bits count. */
  readonly seed: number;
  /** Whether the bias buffer is to be added. */
  readonly usesBias: boolean;
  /** Whether only the tokens in the mask buffer may come. It has to have one. */
  readonly usesMask: boolean;
}

export const SAMPLING_FLAGS = { greedy: 1, bias: 2, penalties: 4, topK: 8, topP: 16, mask: 32 } as const;

/**
 * Added to a logit that the mask forbids: below any reach whatever penalties make of it, and finite, since WGSL lets a
 * compiler assume that there are no infinities. What is no number stays none.
 */
export const FORBIDDEN = -1e30;

/** [bytes] of the uniform buffer. */
export const SAMPLING_PARAMS_BYTES = 48;

/** [bytes] of LISTED pairs of u32. */
export const SAMPLING_LIST_BYTES = 256 * 8;

export function isGreedy({ temperature, topK }: SamplingSettings): boolean {
  return temperature < COLDEST || topK === 1;
}

/** The kernel's SamplingParams, as its uniform buffer holds them. */
export function packSamplingParams(settings: SamplingSettings): ArrayBuffer {
  const { temperature, topK, topP, minP, repetitionPenalty, frequencyPenalty, presencePenalty } = settings;
  const greedy = isGreedy(settings);
  const flags =
    (greedy ? SAMPLING_FLAGS.greedy : 0) |
    (settings.usesBias ? SAMPLING_FLAGS.bias : 0) |
    (settings.usesMask ? SAMPLING_FLAGS.mask : 0) |
    (repetitionPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0 ? SAMPLING_FLAGS.penalties : 0) |
    (topK > 0 ? SAMPLING_FLAGS.topK : 0) |
    (topP < 1 ? SAMPLING_FLAGS.topP : 0);
  const minPNats = minP > 0 ? Math.min(REACH_NATS, Math.max(0, -Math.log(minP))) : REACH_NATS;
  const packed = new ArrayBuffer(SAMPLING_PARAMS_BYTES);
  new Float32Array(packed).set([
    greedy ? 0 : 1 / temperature,
    greedy ? 0 : REACH_NATS * temperature,
    greedy ? 0 : minPNats * temperature,
    repetitionPenalty,
    frequencyPenalty,
    presencePenalty,
  ]);
  const topPShare = Math.floor(Math.min(1, Math.max(0, topP)) * 2 ** 32);
  new Uint32Array(packed).set([topK, Math.min(topPShare, 0xffffffff), settings.seed, flags], 6);
  return packed;
}

/** A uniform buffer with these settings; writeBuffer changes them. */
export function samplingParamsBuffer(device: GPUDevice, settings: SamplingSettings): GPUBuffer {
  const packed = packSamplingParams(settings);
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ label: "sampling params", size: packed.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, packed);
  return buffer;
}

export interface SamplerShape {
  /** Tokens, at most 262,144. */
  readonly vocabulary: number;
  /** Slots of the ring of output tokens. */
  readonly ringLength: number;
}

export interface SamplerBuffers {
  /** [vocabulary] f32. Adjusted in place where there is a bias, a mask or a penalty, else left as they are. */
  readonly logits: GPUBuffer;
  /** [vocabulary] u32: IN_PROMPT, and how often the reply has the token. The kernel counts what it draws. */
  readonly seen: GPUBuffer;
  /** [vocabulary] f32, finite or -inf; without `usesBias` any other storage buffer. */
  readonly bias: GPUBuffer;
  /** DecodeState. */
  readonly state: GPUBuffer;
  /** [ringLength] u32: the reply's token i in slot i mod ringLength. */
  readonly ring: GPUBuffer;
  /** Uniform, SAMPLING_PARAMS_BYTES: what packSamplingParams gives. */
  readonly params: GPUBuffer;
  /** SAMPLING_LIST_BYTES that the kernel works in. */
  readonly list: GPUBuffer;
  /** [⌈vocabulary / 32⌉] u32, bit i of word w for token 32 w + i; without `usesMask` any other storage buffer. */
  readonly mask: GPUBuffer;
}

export interface Sampler {
  bindGroup(buffers: SamplerBuffers): GPUBindGroup;
  encode(pass: GPUComputePassEncoder, group: GPUBindGroup): void;
}

export async function createSampler(device: GPUDevice, shape: SamplerShape): Promise<Sampler> {
  const pipeline = await compile(device, "sample", ...samplerSource(shape));
  return {
    bindGroup: ({ logits, seen, bias, state, ring, params, list, mask }) =>
      bind(device, pipeline, [logits, seen, bias, state, ring, params, list, mask]),
    encode: (pass, group) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(1);
    },
  };
}

/** The WGSL module's parts. */
export function samplerSource({ vocabulary, ringLength }: SamplerShape): string[] {
  if (vocabulary > LARGEST_VOCABULARY) {
    throw new RangeError(`A vocabulary of ${vocabulary} tokens is more than the ${LARGEST_VOCABULARY} sampled from.`);
  }
  const prelude = `const VOCABULARY: u32 = ${vocabulary}u;\nconst RING: u32 = ${ringLength}u;`;
  return [prelude, decodeState, arithmetic, search, list, kernel];
}
