import { describe, expect, it } from "vitest";
import { PLANES, layoutMatrix } from "../../../src/engine/wgsl/formats/layouts";
import type { MatrixType } from "../../../src/engine/wgsl/formats/model-file";
import { type MlcType, bytesPerRow, repackMlcScales, repackRows } from "../../../src/engine/wgsl/formats/repack";
import { type DequantiseCase, readDequantiseCases } from "../../fixtures/dequantise/read-cases";

const CASES = readDequantiseCases();

/** What no plane may keep, wherever it isn't written. */
const STALE = 0xdeadbeef;

function staleWords(length: number): Uint32Array {
  return new Uint32Array(length).fill(STALE);
}

function isMlc(type: MatrixType): type is MlcType {
  return type.startsWith("mlc_");
}

/** All planes of rows [from, to) of a case, its bytes put at an odd place of a larger buffer. */
function repackSome({ type, columns, data, scales, rows: all }: DequantiseCase, from: number, to: number) {
  const rows = to - from;
  const planes = layoutMatrix(type, rows, columns).planes.map(({ wordsPerRow }) =>
    staleWords(Math.ceil(rows * wordsPerRow)),
  );
  repackRows(type, columns, rows, rowsOf(data, all, from, to), isMlc(type) ? planes.slice(0, 1) : planes);
  const second = planes[1];
  if (isMlc(type) && scales !== undefined && second !== undefined) {
    repackMlcScales(type, columns, rows, rowsOf(scales, all, from, to), second);
  }
  return planes;
}

function rowsOf(tensor: Uint8Array, rows: number, from: number, to: number): Uint8Array {
  const bytes = tensor.length / rows;
  const padded = new Uint8Array(tensor.length + 9).fill(0xee);
  padded.set(tensor, 3);
  return padded.subarray(3 + from * bytes, 3 + to * bytes);
}

describe("repackRows against planes made weight by weight in Python", () => {
  it("has a case for every type", () => {
    expect(CASES.map(({ type }) => type).sort()).toEqual(Object.keys(PLANES).sort());
  });

  for (const each of CASES) {
    const { type, rows, columns, data, planes } = each;

    it(`${type}: knows a row's bytes`, () => {
      expect(bytesPerRow(type, columns) * rows).toBe(data.length);
    });

    it(`${type}: makes the same planes, bit for bit`, () => {
      expect(repackSome(each, 0, rows)).toEqual(planes);
    });

    it(`${type}: makes them chunk by chunk too`, () => {
      const chunks = [repackSome(each, 0, 2), repackSome(each, 2, rows)];
      const joined = planes.map((_, plane) => Uint32Array.from(chunks.flatMap((chunk) => [...(chunk[plane] ?? [])])));
      expect(joined).toEqual(planes);
    });
  }

  it("writes into the middle of a buffer and nowhere else", () => {
    for (const { type, rows, columns, data, planes } of CASES) {
      const whole = planes.map((plane) => staleWords(plane.length + 2));
      const output = whole.map((words) => words.subarray(1, -1));
      repackRows(type, columns, rows, data, output);
      expect(output[0], type).toEqual(planes[0]);
      for (const words of whole) expect([words.at(0), words.at(-1)], type).toEqual([STALE, STALE]);
    }
  });
});

describe("repackRows by hand", () => {
  it("puts q4_0's nibbles and odd scale where layouts.ts says", () => {
    const input = new Uint8Array(18);
    input.set([0x34, 0x12], 0);
    input[2 + 5] = 0xb7; // weights 5 (7) and 21 (11)
    const output = [staleWords(4), staleWords(1)];
    repackRows("q4_0", 32, 1, input, output);
    // Weight 4k + c is nibble k of word c.
    expect(output.map((words) => [...words])).toEqual([[0, (7 << 4) | (11 << 20), 0, 0], [0x1234]]);
  });

  it("refuses lengths that don't fit, before it writes", () => {
    const cases: readonly [columns: number, rows: number, bytes: number, words: readonly number[]][] = [
      [32, 1, 17, [4, 1]],
      [32, 1, 19, [4, 1]],
      [32, 1, 18, [5, 1]],
      [32, 1, 18, [4]],
      [32, 2, 36, [8, 2]],
      [33, 1, 18, [4, 1]],
      [0, 1, 0, [0, 0]],
    ];
    for (const [columns, rows, bytes, words] of cases) {
      const output = words.map(staleWords);
      expect(() => repackRows("q4_0", columns, rows, new Uint8Array(bytes), output)).toThrow(RangeError);
      expect(output).toEqual(words.map(staleWords));
    }
    expect(() => bytesPerRow("q6_k", 128)).toThrow(RangeError);
    expect(() => repackMlcScales("mlc_q4_f16", 96, 3, new Uint8Array(17), staleWords(5))).toThrow(RangeError);
    expect(() => repackMlcScales("mlc_q4_f16", 96, 3, new Uint8Array(18), staleWords(4))).toThrow(RangeError);
  });
});
