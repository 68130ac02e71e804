import { readBack, storageBuffer, submit, withBuffers, type Gpu } from "../../gpu/gpu";
import { compareOutputs, type Comparison } from "../compare";
import { DECODE_STATE } from "../decode-state";
import { seededRandom } from "../random";
import { TOLERANCES } from "../tolerances";
import {
  createSampler,
  IN_PROMPT,
  SAMPLING_LIST_BYTES,
  samplingParamsBuffer,
  type Sampler,
  type SamplingSettings,
} from "./sample";
import { adjustedLogits, drawToken, isInMask, keptTokens, type SamplerOperands } from "./sample.ref";

export const NEUTRAL: SamplingSettings = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  seed: 0,
  usesBias: false,
  usesMask: false,
};

/** A vocabulary that no workgroup size divides, and enough tokens in reach that the lists of the kernel overflow. */
const CHECKED = { vocabulary: 1003, ringLength: 8, steps: 6 };

const OUT_OF_REACH = -1e29;

/** Every filter by itself, and together as models ask for. The seeds are such that no draw is too near a boundary
 * to foretell. */
export const CHECKED_SETTINGS: readonly SamplingSettings[] = [
  { ...NEUTRAL, temperature: 0, seed: 11 },
  { ...NEUTRAL, seed: 12 },
  { ...NEUTRAL, temperature: 2.5, topK: 300, seed: 13 },
  { ...NEUTRAL, temperature: 3, topP: 0.9, seed: 14 },
  { ...NEUTRAL, minP: 0.05, seed: 15 },
  { ...NEUTRAL, temperature: 0.7, topK: 20, topP: 0.8, repetitionPenalty: 1.05, usesBias: true, seed: 16 },
  { ...NEUTRAL, repetitionPenalty: 1.3, frequencyPenalty: 0.5, presencePenalty: 0.25, seed: 18 },
  { ...NEUTRAL, temperature: 2, topK: 30, repetitionPenalty: 1.2, usesBias: true, usesMask: true, seed: 19 },
];

/** Draws a few tokens under each of the settings, and compares them and the adjusted logits. */
export async function checkSample(
  { device }: Gpu,
  { settings: all = CHECKED_SETTINGS, steps = CHECKED.steps } = {},
): Promise<Comparison> {
  const sampler = await createSampler(device, CHECKED);
  const [actual, expected, termSum]: [number[], number[], number[]] = [[], [], []];
  for (const settings of all) {
    for (let position = 0; position < steps; position++) {
      const operands = makeOperands({ ...CHECKED, seed: settings.seed * 100 + position });
      const { ring, logits } = await runSampler(device, sampler, { ...CHECKED, operands, settings, position });
      const adjusted = adjustedLogits(operands, settings);
      const kept = keptTokens(logits, settings);
      for (const [id, logit] of logits.entries()) {
        // Out of reach is as good as any other number that is: the check's error would be of 10^30.
        const isOut = settings.usesMask && !isInMask(operands.mask, id);
        actual.push(isOut && logit < OUT_OF_REACH ? 0 : logit);
        expected.push(isOut ? 0 : (adjusted.logits[id] ?? NaN));
        termSum.push(isOut ? 0 : (adjusted.termSum[id] ?? NaN));
      }
      actual.push(ring[0] ?? NaN);
      expected.push(kept ? drawToken(kept, settings.seed, position).token : NaN);
      termSum.push(0);
    }
  }
  return compareOutputs(
    Float32Array.from(actual),
    Float64Array.from(expected),
    Float64Array.from(termSum),
    TOLERANCES.sample,
  );
}

/** Logits as a language model's: a normal bulk, and a few per cent that stand out. */
export function makeOperands({ vocabulary, seed }: { vocabulary: number; seed: number }): SamplerOperands {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const logits = Float32Array.from({ length: vocabulary }, () => 2 * normal() + (random() < 0.03 ? 9 * random() : 0));
  const seen = Uint32Array.from({ length: vocabulary }, () => {
    const times = random() < 0.1 ? Math.floor(random() * 5) : 0;
    return times + (random() < 0.1 ? IN_PROMPT : 0);
  });
  const bias = Float32Array.from({ length: vocabulary }, () => (random() < 0.02 ? random() * 8 - 4 : 0));
  const mask = Uint32Array.from({ length: Math.ceil(vocabulary / 32) }, () => random() * 2 ** 32);
  return { logits, seen, bias, mask };
}

export interface SamplerRun {
  readonly ringLength: number;
  readonly operands: SamplerOperands;
  readonly settings: SamplingSettings;
  /** Of the first token. */
  readonly position: number;
  /** Tokens to draw, from the same logits but for what the penalties do. */
  readonly draws?: number;
}

export interface SamplerOutcome {
  /** [vocabulary] */
  readonly logits: Float32Array;
  /** [vocabulary] */
  readonly seen: Uint32Array;
  /** [ringLength] */
  readonly ring: Uint32Array;
  /** [DECODE_STATE.words] */
  readonly state: Uint32Array;
}

export async function runSampler(device: GPUDevice, sampler: Sampler, run: SamplerRun): Promise<SamplerOutcome> {
  return withBuffers(async (keep) => {
    const buffers = {
      logits: keep(storageBuffer(device, "sample logits", run.operands.logits)),
      seen: keep(storageBuffer(device, "sample seen", run.operands.seen)),
      bias: keep(storageBuffer(device, "sample bias", run.operands.bias)),
      state: keep(storageBuffer(device, "sample state", stateAt(run.position))),
      ring: keep(storageBuffer(device, "sample ring", run.ringLength * Uint32Array.BYTES_PER_ELEMENT)),
      params: keep(samplingParamsBuffer(device, run.settings)),
      list: keep(storageBuffer(device, "sample list", SAMPLING_LIST_BYTES)),
      mask: keep(storageBuffer(device, "sample mask", run.operands.mask ?? Uint32Array.BYTES_PER_ELEMENT)),
    };
    const group = sampler.bindGroup(buffers);
    submit(device, (pass) => {
      for (let i = 0; i < (run.draws ?? 1); i++) sampler.encode(pass, group);
    });
    return {
      logits: new Float32Array(await readBack(device, buffers.logits)),
      seen: new Uint32Array(await readBack(device, buffers.seen)),
      ring: new Uint32Array(await readBack(device, buffers.ring)),
      state: new Uint32Array(await readBack(device, buffers.state)),
    };
  });
}

export function stateAt(position: number): Uint32Array<ArrayBuffer> {
  const state = new Uint32Array(DECODE_STATE.words);
  state[DECODE_STATE.position] = position;
  return state;
}
