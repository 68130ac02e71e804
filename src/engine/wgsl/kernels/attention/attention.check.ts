/** Runs attention against its twin, on seeded data. */
import type { Gpu } from "../../gpu/gpu";
import { joinComparisons, type Comparison } from "../compare";
import { seededRandom } from "../random";
import { fromHalves, poisoned, runCheck, thenNaN, TOKENS_BEYOND } from "../run-check";
import { TOLERANCES } from "../tolerances";
import { compileAttention, type AttentionKernel, type AttentionSpec } from "./attention";
import { attentionReference } from "./attention.ref";

export interface AttentionRun {
  readonly tokens: number;
  /** Of the first token: how many came before. */
  readonly position: number;
}

export interface AttentionCase extends AttentionSpec {
  /** Dispatches to check, each with inputs of its own. */
  readonly runs: readonly AttentionRun[];
  readonly seed?: number;
}

const F16_NAN = 0x7e00;

export async function checkAttention({ device }: Gpu, wanted: AttentionCase): Promise<Comparison> {
  const random = seededRandom(wanted.seed ?? 2026);
  const kernel = await compileAttention(device, wanted);
  const comparisons: Comparison[] = [];
  for (const run of wanted.runs) comparisons.push(await checkRun(device, kernel, wanted, run, random));
  return joinComparisons(comparisons);
}

async function checkRun(
  device: GPUDevice,
  kernel: AttentionKernel,
  spec: AttentionSpec,
  run: AttentionRun,
  random: () => number,
): Promise<Comparison> {
  const length = run.tokens * spec.heads * spec.headDim;
  const capacity = length + TOKENS_BEYOND * spec.heads * spec.headDim;
  const q = thenNaN(length, capacity, (i) => queryComponent(random, Math.floor(i / spec.headDim), spec.headDim));
  const kv = makeCache(random, spec, run.position + run.tokens);
  const attended = poisoned(capacity);
  const { values, terms } = attentionReference({ ...spec, ...run, q, kv: kv.values });
  const expected = { values: Float64Array.from(attended), terms: new Float64Array(capacity) };
  expected.values.set(values);
  expected.terms.set(terms);
  return runCheck(device, {
    kernel,
    contents: { q, kv: kv.stored, attended },
    state: { position: run.position, count: run.tokens },
    outputs: { attended: { expected, tolerance: TOLERANCES.attention } },
  });
}

/** Scores a few apart, so that many positions count; but in every fifth head so far that nearly all weigh nothing. */
function queryComponent(random: () => number, head: number, headDim: number): number {
  return (random() * 2 - 1) * (8 / Math.sqrt(headDim)) * (head % 5 === 4 ? 40 : 1);
}

/** Keys and values of `filled` positions; NaN beyond, which must not be used. */
function makeCache(random: () => number, { kvHeads, headDim, context, kv }: AttentionSpec, filled: number) {
  const length = 2 * kvHeads * context * headDim;
  const isFilled = (i: number) => Math.floor(i / headDim) % context < filled;
  if (kv === "f32") {
    const outlier = () => (random() < 0.01 ? 16 : 1);
    const values = Float32Array.from({ length }, (_, i) => (isFilled(i) ? (random() * 2 - 1) * outlier() : NaN));
    return { values, stored: values };
  }
  const halves = Uint16Array.from({ length }, (_, i) => (isFilled(i) ? half(random) : F16_NAN));
  return { values: fromHalves(halves.buffer), stored: new Uint32Array(halves.buffer) };
}

/** Bits of an f16 below 1, one in a hundred below 16, of either sign; no subnormals: a GPU may read those as zero. */
function half(random: () => number): number {
  const exponent = random() < 0.01 ? 18 : 9 + Math.floor(random() * 6);
  return (random() < 0.5 ? 0x8000 : 0) | (exponent << 10) | Math.floor(random() * 1024);
}
