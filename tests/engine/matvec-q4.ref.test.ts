import { describe, expect, it } from "vitest";
import { makeOperands } from "../../src/engine/wgsl/kernels/matvec-q4/matvec-q4.check";
import { matvecQ4Reference } from "../../src/engine/wgsl/kernels/matvec-q4/matvec-q4.ref";
import { readMatvecCase } from "../fixtures/matvec-q4/read-case";

/** f16 bits. */
const ONE = 0x3c00;
const SMALLEST = 0x0001;

/** One group of 32 weights, all 8 (which is zero) but for those given by their place. */
function oneGroup(nibbles: Readonly<Record<number, number>>): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(4).fill(0x88888888);
  for (const [place, nibble] of Object.entries(nibbles)) {
    const [word, shift] = [Number(place) >>> 3, 4 * (Number(place) & 7)];
    words[word] = ((words[word] ?? 0) & ~(15 << shift)) | (nibble << shift);
  }
  return words;
}

describe("matvecQ4Reference against llama.cpp's quantiser and NumPy", () => {
  const { operands, y, termSum, subnormalRow } = readMatvecCase();
  const ours = matvecQ4Reference(operands);

  it("has the fixture's shape", () => {
    const { rows, groups, weights, scales, x } = operands;
    expect([weights.length, scales.length, x.length]).toEqual([rows * groups * 4, rows * groups, groups * 32]);
    expect([ours.y.length, ours.termSum.length]).toEqual([rows, rows]);
  });

  it("agrees in every row to 1e-12 of the sum of the terms' sizes", () => {
    for (const [row, want] of y.entries()) {
      const scale = termSum[row] ?? NaN;
      expect(Math.abs((ours.y[row] ?? NaN) - want), `row ${row}`).toBeLessThanOrEqual(1e-12 * scale);
      expect(Math.abs((ours.termSum[row] ?? NaN) - scale), `row ${row}`).toBeLessThanOrEqual(1e-12 * scale);
    }
  });

  it("is not agreement about nothing", () => {
    expect(y.filter((value) => Math.abs(value) > 0.01).length).toBeGreaterThan(30);
    expect(y.every((value, row) => Math.abs(value) <= (termSum[row] ?? NaN))).toBe(true);
  });

  it("covers scales below f16's smallest normal number, which flushing to zero would lose", () => {
    const { groups, scales } = operands;
    const bits = [...scales.subarray(subnormalRow * groups, (subnormalRow + 1) * groups)];
    expect(bits.every((each) => (each & 0x7c00) === 0 && (each & 0x3ff) !== 0)).toBe(true);
    expect(ours.y[subnormalRow]).not.toBe(0);
  });
});

describe("matvecQ4Reference by hand", () => {
  it("takes the first weight from the lowest nibble, and 8 as zero", () => {
    const x = Float32Array.from({ length: 32 }, (_, i) => 2 ** (i % 16));
    for (const [place, nibble, expected] of [
      [0, 9, 1],
      [0, 7, -1],
      [7, 9, 128],
      [8, 9, 256],
      [15, 0, -8 * 2 ** 15],
      [31, 15, 7 * 2 ** 15],
    ] as const) {
      const weights = oneGroup({ [place]: nibble });
      const { y, termSum } = matvecQ4Reference({ rows: 1, groups: 1, weights, scales: Uint16Array.of(ONE), x });
      expect([...y], `nibble ${nibble} at ${place}`).toEqual([expected]);
      expect([...termSum]).toEqual([Math.abs(expected)]);
    }
  });

  it("uses each group's own scale, of each row", () => {
    const weights = Uint32Array.from([0, 1, 2, 3].flatMap(() => [...oneGroup({ 0: 9 })]));
    const x = new Float32Array(64).fill(1);
    const scales = Uint16Array.of(ONE, 0x4000, 0x4400, 0xc800); // 1, 2; 4, -8
    const { y, termSum } = matvecQ4Reference({ rows: 2, groups: 2, weights, scales, x });
    expect([...y]).toEqual([3, -4]);
    expect([...termSum]).toEqual([3, 12]);
  });

  it("keeps terms that cancel, and the smallest scale there is", () => {
    const x = new Float32Array(32).fill(1);
    const cancelling = { rows: 1, groups: 1, weights: oneGroup({ 0: 15, 1: 1 }), scales: Uint16Array.of(SMALLEST), x };
    const { y, termSum } = matvecQ4Reference(cancelling);
    expect([y[0], termSum[0]]).toEqual([0, 14 * 2 ** -24]);
  });

  it("makes the whole row NaN when an operand is too short, rather than read past its end as zero", () => {
    const operands = {
      rows: 1,
      groups: 1,
      weights: new Uint32Array(4),
      scales: Uint16Array.of(ONE),
      x: new Float32Array(31),
    };
    expect(matvecQ4Reference(operands).y[0]).toBeNaN();
  });
});

describe("makeOperands", () => {
  it("gives the same for the same seed and other for another", () => {
    const [first, again, other] = [1, 1, 2].map((seed) => makeOperands({ rows: 5, groups: 2, seed }));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("is hostile: outliers in x, every fifth row of subnormal scales, every nibble in use", () => {
    const { groups, scales, weights, x } = makeOperands({ rows: 10, groups: 28, seed: 2026 });
    expect(x.some((value) => Math.abs(value) > 10)).toBe(true);
    const isSubnormal = (row: number) =>
      [...scales.subarray(row * groups, (row + 1) * groups)].every((bits) => bits > 0 && bits < 0x400);
    expect(
      Array.from({ length: 10 }, (_, row) => isSubnormal(row))
        .map((is, row) => (is ? row : -1))
        .filter((row) => row >= 0),
    ).toEqual([4, 9]);
    const nibbles = new Set(
      [...weights].flatMap((word) => Array.from({ length: 8 }, (_, i) => (word >>> (4 * i)) & 15)),
    );
    expect(nibbles.size).toBe(16);
  });
});
