import { describe, expect, it } from "vitest";
import {
  finishReference,
  productReference,
  type FinishOperands,
} from "../../../src/engine/wgsl/kernels/linear/linear.ref";
import type { Finish } from "../../../src/engine/wgsl/kernels/linear/linear";
import { seededRandom } from "../../../src/engine/wgsl/kernels/random";
import type { Expected } from "../../../src/engine/wgsl/kernels/run-check";

const sums = (values: number[], terms = values.map(Math.abs)): Expected => ({
  values: Float64Array.from(values),
  terms: Float64Array.from(terms),
});
const floats = (...values: number[]) => Float32Array.from(values);
const ONE_TOKEN = { tokens: 1, position: 0, rowsOfAllParts: 4, firstRow: 0 };

describe("productReference", () => {
  const operands = {
    ...{ rows: 2, columns: 4, tokens: 2, rmsEpsilon: 0.5 },
    row: (index: number) => Float64Array.of(1, 2, 3, index),
    x: floats(1, -1, 0, 10, 2, 2, 2, 2),
  };

  it("multiplies, a token at a time", () => {
    const { values, terms } = productReference({ ...operands, squares: undefined });
    expect([...values]).toEqual([-1, 9, 12, 14]);
    expect([...terms]).toEqual([3, 13, 12, 14]);
  });

  it("divides by the root of the mean square, made of the sums it is given", () => {
    const { values, terms } = productReference({ ...operands, squares: floats(14, 62) }); // of 4 columns: 4, 16
    expect([...values]).toEqual([-0.5, 4.5, 3, 3.5]);
    expect([...terms]).toEqual([1.5, 6.5, 3, 3.5]);
  });
});

describe("finishReference", () => {
  it("qkv: bias, a quarter turn, 1 / √headDim into q, keys and values into their slots", () => {
    // One head of four dimensions each; at position 1 of 2 the first pair turns by a quarter, the second by none.
    const rope = floats(NaN, NaN, NaN, NaN, 0, 1, 1, 0);
    const product = sums([10, 20, 30, 40, 1, 2, 3, 4, 5, 6, 7, 8]);
    const bias = floats(0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0, 0, -8);
    const before = { q: new Float32Array(8).fill(-1), kv: new Float32Array(16).fill(-1) };
    const run = (ropePairs: "halves" | "adjacent") =>
      finishReference({ kind: "qkv", heads: 1, kvHeads: 1, headDim: 4, context: 2, ropePairs, kv: "f32" }, product, {
        ...ONE_TOKEN,
        position: 1,
        bias,
        rope,
        ...before,
      });
    const untouched = [-1, -1, -1, -1];
    const halves = run("halves"); // dimensions 0 and 2, 1 and 3
    expect([...(halves["q"]?.values ?? [])]).toEqual([-15, 10, 5, 20, ...untouched]);
    expect([...(halves["kv"]?.values ?? [])]).toEqual([...untouched, -3, 2, 1, 4, ...untouched, 5.5, 6, 7, 0]);
    expect([...(halves["kv"]?.terms ?? [])]).toEqual([0, 0, 0, 0, 3, 2, 1, 4, 0, 0, 0, 0, 5.5, 6, 7, 16]);
    const adjacent = run("adjacent"); // dimensions 0 and 1, 2 and 3
    expect([...(adjacent["q"]?.values ?? [])]).toEqual([-10, 5, 15, 20, ...untouched]);
  });

  it("residual: adds, times the next norm, sums squares of four", () => {
    const before = { residual: floats(1, 1, 1, 1), normed: new Float32Array(4), squaresOut: new Float32Array(1) };
    const { residual, normed, squaresOut } = finishReference({ kind: "residual" }, sums([1, -1, 2, 3]), {
      ...ONE_TOKEN,
      ...before,
      nextNorm: floats(1, 1, -2, 0.5),
    });
    expect([...(residual?.values ?? [])]).toEqual([2, 0, 3, 4]);
    expect([...(normed?.values ?? [])]).toEqual([2, 0, -6, 2]);
    expect([...(squaresOut?.values ?? [])]).toEqual([29]);
    expect([...(residual?.terms ?? [])]).toEqual([2, 2, 3, 4]);
  });

  it("residual of a part: its rows only, of each token", () => {
    const part = { tokens: 2, position: 0, rowsOfAllParts: 8, firstRow: 4, nextNorm: new Float32Array(8).fill(1) };
    const before = { residual: new Float32Array(16), normed: new Float32Array(16), squaresOut: new Float32Array(4) };
    const product = sums([1, 2, 3, 4, 5, 6, 7, 8]);
    const { residual, squaresOut } = finishReference({ kind: "residual" }, product, { ...part, ...before });
    expect([...(residual?.values ?? [])]).toEqual([0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8]);
    expect([...(squaresOut?.values ?? [])]).toEqual([0, 30, 0, 174]);
  });

  it("gate-up: SiLU of the upper half times the lower", () => {
    const { hidden } = finishReference({ kind: "gate-up" }, sums([0, 1, 5, -2]), {
      ...ONE_TOKEN,
      hidden: new Float32Array(2),
    });
    expect(hidden?.values[0]).toBe(0);
    expect(hidden?.values[1]).toBeCloseTo(-2 * 0.731_058_578_630_004_9, 14);
  });

  it("head: no logit past the vocabulary", () => {
    const { logits } = finishReference({ kind: "head", vocabulary: 6 }, sums([1, 2, 3, 4]), {
      ...ONE_TOKEN,
      ...{ rowsOfAllParts: 8, firstRow: 4, logits: floats(9, 9, 9, 9, 9, 9, 9) },
    });
    expect([...(logits?.values ?? [])]).toEqual([9, 9, 9, 9, 1, 2, 9]);
  });

  it("refuses to go on without a buffer that it writes", () => {
    expect(() => finishReference({ kind: "gate-up" }, sums([1, 1]), ONE_TOKEN)).toThrow(RangeError);
  });
});

// What the sizes of terms promise: move each product by up to δ of its terms, and no output moves by more than δ of its.
describe("the sizes of terms", () => {
  const SMALL = 1e-6;
  const ROWS = 32;
  const finishes: [Finish, Partial<FinishOperands>][] = [
    [
      { kind: "qkv", heads: 2, kvHeads: 1, headDim: 8, context: 2, ropePairs: "halves", kv: "f32" },
      { bias: new Float32Array(ROWS).fill(1), q: new Float32Array(16), kv: new Float32Array(32) },
    ],
    [
      { kind: "residual" },
      {
        nextNorm: new Float32Array(ROWS).fill(-3),
        residual: new Float32Array(ROWS).fill(0.5),
        normed: new Float32Array(ROWS),
        squaresOut: new Float32Array(ROWS / 4),
      },
    ],
    [{ kind: "gate-up" }, { hidden: new Float32Array(ROWS / 2) }],
    [{ kind: "head", vocabulary: ROWS }, { logits: new Float32Array(ROWS) }],
  ];

  it.each(finishes)("bound what %o makes of an error in the product", (finish, operands) => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seededRandom(seed);
      const uniform = () => random() * 2 - 1;
      const values = Float64Array.from({ length: ROWS }, () => uniform() * 10 ** (4 * random() - 2));
      const terms = values.map((value) => Math.abs(value) * (1 + 10 * random()));
      const moved = values.map((value, i) => value + (terms[i] ?? 0) * (random() < 0.5 ? -SMALL : SMALL));
      const angles = Array.from({ length: 4 }, () => random() * 7);
      const rope = floats(
        ...[0, 2].flatMap((i) =>
          [Math.cos, Math.sin].flatMap((turn) => [turn(angles[i] ?? NaN), turn(angles[i + 1] ?? NaN)]),
        ),
      );
      const all = { tokens: 1, position: 0, rowsOfAllParts: ROWS, firstRow: 0, rope, ...operands };
      const [exact, off] = [values, moved].map((product) => finishReference(finish, { values: product, terms }, all));
      for (const [name, { values: want, terms: sizes }] of Object.entries(exact ?? {})) {
        for (const [i, value] of want.entries()) {
          const error = Math.abs((off?.[name]?.values[i] ?? NaN) - value);
          // And a little for products of two errors, and for doubles.
          expect(error, `${name} ${i}`).toBeLessThanOrEqual(SMALL * (sizes[i] ?? NaN) * 1.001 + 1e-12);
        }
      }
    }
  });
});
