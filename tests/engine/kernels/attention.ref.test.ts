import { describe, expect, it } from "vitest";
import { attentionReference, type AttentionOperands } from "../../../src/engine/wgsl/kernels/attention/attention.ref";
import { seededRandom } from "../../../src/engine/wgsl/kernels/random";

/** Two positions, one head of two dimensions. */
const SMALL: AttentionOperands = {
  ...{ heads: 1, kvHeads: 1, headDim: 2, context: 3, tokens: 1, position: 1 },
  q: Float32Array.of(1, 0),
  kv: Float32Array.of(...[0, 5, Math.LN2, 5, NaN, NaN], ...[1, 10, 4, 40, NaN, NaN]),
};

describe("attentionReference", () => {
  it("weighs the values by softmax, of the positions so far only", () => {
    // Scores 0 and ln 2: weights 1/3 and 2/3.
    const { values } = attentionReference(SMALL);
    expect(values[0]).toBeCloseTo(3, 6);
    expect(values[1]).toBeCloseTo(30, 5);
  });

  it("lets the first of two tokens not see the second", () => {
    const { values } = attentionReference({ ...SMALL, tokens: 2, position: 0, q: Float32Array.of(1, 0, 1, 0) });
    expect([...values.subarray(0, 2)]).toEqual([1, 10]);
    expect(values[2]).toBeCloseTo(3, 6);
  });

  it("gives neighbouring heads the same keys and values", () => {
    const kv = Float32Array.of(...[0, 0, 0, 0], ...[1, 2, 3, 4]); // two kv heads of one position
    const q = new Float32Array(8);
    const { values } = attentionReference({
      heads: 4,
      kvHeads: 2,
      headDim: 2,
      context: 1,
      tokens: 1,
      position: 0,
      q,
      kv,
    });
    expect([...values]).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
  });

  it("does not overflow where a score is far off", () => {
    const { values } = attentionReference({ ...SMALL, q: Float32Array.of(1e5, 0) });
    expect([...values]).toEqual([4, 40]);
  });

  it("has sizes of terms that bound what an error in the scores does", () => {
    const small = 1e-6;
    for (let seed = 1; seed <= 50; seed++) {
      const random = seededRandom(seed);
      const make = (length: number, scale: number) =>
        Float32Array.from({ length }, () => (random() * 2 - 1) * scale * (random() < 0.1 ? 10 : 1));
      const shape = { heads: 2, kvHeads: 1, headDim: 8, context: 20, tokens: 1, position: 19 };
      const q = make(16, 2);
      const kv = make(2 * 20 * 8, 1);
      const { values, terms } = attentionReference({ ...shape, q, kv });
      const moved = Float64Array.from(q, (value) => value * (random() < 0.5 ? 1 - small : 1 + small));
      const off = attentionReference({ ...shape, q: moved as unknown as Float32Array, kv });
      for (const [i, value] of values.entries()) {
        expect(Math.abs((off.values[i] ?? NaN) - value)).toBeLessThanOrEqual(small * (terms[i] ?? NaN) * 1.001);
      }
    }
  });
});
