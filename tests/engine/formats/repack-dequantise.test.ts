/**
 * File bytes → planes → weights, against gguf-py and NumPy, with no tolerance. Ours are exact doubles; the oracle's are
 * f32 that were rounded at most once, so ours rounded to f32 must have the very same bits. At most once, because
 * gguf-py's products are exact in f32's 24 bits: 11 of an f16, at most 7 of a sub-scale and 5 of a quant (q6_k; -128
 * and -32 take one bit). Only adding or subtracting a minimum rounds. MLC's are doubles in NumPy, rounded at the end.
 */
import { describe, expect, it } from "vitest";
import { type Plane, layoutMatrix } from "../../../src/engine/wgsl/formats/layouts";
import { type MlcType, repackMlcScales, repackRows } from "../../../src/engine/wgsl/formats/repack";
import { dequantiseRow } from "../../../src/engine/wgsl/kernels/decoders/dequantise.ref";
import { type DequantiseCase, readDequantiseCases } from "../../fixtures/dequantise/read-cases";

/** The matrix as it lies in a GPU buffer: all planes, gaps between them filled with what must not be read. */
function repackAll({ type, rows, columns, data, scales }: DequantiseCase) {
  const { planes, words: length } = layoutMatrix(type, rows, columns);
  const words = new Uint32Array(length).fill(0xffffffff);
  const output = planes.map(({ firstWord, wordsPerRow }) =>
    words.subarray(firstWord, firstWord + Math.ceil(rows * wordsPerRow)),
  );
  repackRows(type, columns, rows, data, output);
  if (scales !== undefined && output[1] !== undefined) {
    repackMlcScales(type as MlcType, columns, rows, scales, output[1]);
  }
  return { planes, words };
}

function dequantiseAll({ type, rows, columns }: DequantiseCase, planes: readonly Plane[], words: Uint32Array) {
  return Array.from({ length: rows }, (_, row) => dequantiseRow(type, planes, words, row, columns));
}

describe("dequantiseRow after repackRows", () => {
  for (const each of readDequantiseCases()) {
    const { type, columns, values } = each;
    const { planes, words } = repackAll(each);

    it(`${type}: has the oracle's weights, bit for bit in f32`, () => {
      for (const [row, weights] of dequantiseAll(each, planes, words).entries()) {
        const want = values.subarray(row * columns, (row + 1) * columns);
        expect([...Float32Array.from(weights)], `row ${row}`).toEqual([...want]);
      }
    });

    it(`${type}: meets zero, scales below f16's normal numbers, huge ones, and both signs`, () => {
      const sizes = [...values].map(Math.abs);
      expect(sizes.filter((size) => size === 0).length).toBeGreaterThan(0);
      expect(sizes.filter((size) => size > 0 && size < 2 ** -14).length).toBeGreaterThan(0);
      expect(sizes.filter((size) => size > 1e4).length).toBeGreaterThan(0);
      expect(values.filter((value) => value < 0).length).toBeGreaterThan(values.length / 4);
      expect(values.filter((value) => value > 0).length).toBeGreaterThan(values.length / 4);
    });
  }

  it("refuses a row that isn't there and a plane that isn't given", () => {
    const { planes, words } = layoutMatrix("q4_0", 2, 32);
    expect(() => dequantiseRow("q4_0", planes, new Uint32Array(words), 4, 32)).toThrow(RangeError);
    expect(() => dequantiseRow("q4_0", planes.slice(0, 1), new Uint32Array(words), 0, 32)).toThrow(RangeError);
  });
});
