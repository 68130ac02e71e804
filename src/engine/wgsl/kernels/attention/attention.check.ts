/** Runs attention against its twin, on seeded data. */
import type { Gpu } from "../../gpu/gpu";
import type { Comparison } from "../compare";
import { seededRandom } from "../random";
import { activation, fromHalves, poisoned, runCheck, thenNaN, TOKENS_BEYOND } from "../run-check";
import { TOLERANCES } from "../tolerances";
import { compileAttention, type AttentionSpec } from "./attention";
import { attentionReference } from "./attention.ref";

export interface AttentionCase extends AttentionSpec {
  readonly tokens: number;
  /** Of the first token: how many came before. */
  readonly position: number;
  readonly seed?: number;
}

const F16_NAN = 0x7e00;

export async function checkAttention({ device }: Gpu, wanted: AttentionCase): Promise<Comparison> {
  const { heads, headDim, tokens, position } = wanted;
  const random = seededRandom(wanted.seed ?? 2026);
  const perToken = heads * headDim;
  const capacity = (tokens + TOKENS_BEYOND) * perToken;
  const q = thenNaN(tokens * perToken, capacity, () => activation(random) * (4 / Math.sqrt(headDim)));
  const kv = makeCache(random, wanted);
  const attended = poisoned(capacity);
  const { values, terms } = attentionReference({ ...wanted, q, kv: kv.values });
  const expected = { values: Float64Array.from(attended), terms: new Float64Array(capacity) };
  expected.values.set(values);
  expected.terms.set(terms);
  return runCheck(device, {
    kernel: await compileAttention(device, wanted),
    contents: { q, kv: kv.stored, attended },
    state: { position, count: tokens },
    outputs: { attended: { expected, tolerance: TOLERANCES.attention } },
  });
}

/** Keys and values of all positions up to the last token's; NaN beyond, which must not be used. */
function makeCache(random: () => number, { kvHeads, headDim, context, kv, tokens, position }: AttentionCase) {
  const length = 2 * kvHeads * context * headDim;
  const isFilled = (i: number) => Math.floor(i / headDim) % context < position + tokens;
  if (kv === "f32") {
    const values = Float32Array.from({ length }, (_, i) => (isFilled(i) ? activation(random) : NaN));
    return { values, stored: values };
  }
  const halves = Uint16Array.from({ length }, (_, i) => (isFilled(i) ? halfActivation(random) : F16_NAN));
  return { values: fromHalves(halves.buffer), stored: new Uint32Array(halves.buffer) };
}

/** Bits of an f16 up to 1, one in a hundred up to 64, of either sign; no subnormals: a GPU may read those as zero. */
function halfActivation(random: () => number): number {
  const exponent = random() < 0.01 ? 20 : 9 + Math.floor(random() * 6);
  return (random() < 0.5 ? 0x8000 : 0) | (exponent << 10) | Math.floor(random() * 1024);
}
