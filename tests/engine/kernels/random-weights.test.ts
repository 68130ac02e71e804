import { describe, expect, it } from "vitest";
import { layoutMatrix, PLANES } from "../../../src/engine/wgsl/formats/layouts";
import type { WeightFormat } from "../../../src/engine/wgsl/kernels/decoders/decoders";
import { randomMatrix } from "../../../src/engine/wgsl/kernels/decoders/random-weights";
import { seededRandom } from "../../../src/engine/wgsl/kernels/random";

const FORMATS = Object.keys(PLANES) as WeightFormat[];
const make = (format: WeightFormat, rows: number, columns: number, seed = 1) =>
  randomMatrix([{ format, rows }], columns, seededRandom(seed));

describe.each(FORMATS)("randomMatrix of %s", (format) => {
  it("lies as formats/layouts.ts has it", () => {
    const rowsAndColumns = format.endsWith("_k")
      ? ([
          [7, 256],
          [4, 768],
        ] as const)
      : ([
          [7, 96],
          [4, 1056],
          [1, 32],
        ] as const);
    for (const [rows, columns] of rowsAndColumns) {
      const { segments, words } = make(format, rows, columns);
      const { planes, words: length } = layoutMatrix(format, rows, columns);
      expect(segments).toEqual([{ format, rows, planes: planes.map(({ firstWord }) => firstWord) }]);
      expect(words.length).toBe(length);
    }
  });

  it("is hostile and finite: both signs, many values, rows far smaller than others where it has scales", () => {
    const matrix = make(format, 5, 512);
    const usualRow = [0, 1, 2, 3].flatMap((row) => [...matrix.row(row)]);
    const tinyRow = [...matrix.row(4)];
    expect([...usualRow, ...tinyRow].every(Number.isFinite)).toBe(true);
    expect(Math.min(...usualRow)).toBeLessThan(0);
    expect(Math.max(...usualRow)).toBeGreaterThan(0);
    expect(new Set(tinyRow).size).toBeGreaterThan(100);
    const [usual = NaN, tiny = NaN] = [usualRow, tinyRow].map((row) => Math.max(...row.map(Math.abs)));
    if (["f32", "f16", "bf16"].includes(format)) expect(usual / tiny).toBeLessThan(2);
    else expect(usual / tiny).toBeGreaterThan(100);
  });
});

describe("randomMatrix", () => {
  it("puts segments one below the other, each beginning at a whole vector", () => {
    const parts = [
      { format: "q5_0", rows: 3 },
      { format: "q8_0", rows: 2 },
    ] as const;
    const { segments, words, rows, row } = randomMatrix(parts, 96, seededRandom(1));
    const first = layoutMatrix("q5_0", 3, 96);
    expect(rows).toBe(5);
    expect(segments[1]?.planes).toEqual(layoutMatrix("q8_0", 2, 96).planes.map((p) => p.firstWord + first.words));
    expect(segments.map(({ planes }) => (planes[0] ?? NaN) % 4)).toEqual([0, 0]);
    // The q8_0 row by hand: an int8 times an f16 scale is at most 128 of 1024ths of a power of two.
    const bytes = new Int8Array(words.buffer, (segments[1]?.planes[0] ?? NaN) * 4, 192);
    const ratio = [...row(4)].map((value, i) => value / (bytes[96 + i] ?? NaN)).filter(Number.isFinite);
    expect(new Set(ratio).size).toBe(3); // a scale for each of three groups
    expect(() => row(5)).toThrow(RangeError);
  });

  it("gives the same for the same seed and other for another", () => {
    expect(make("q4_k", 3, 256, 1).words).toEqual(make("q4_k", 3, 256, 1).words);
    expect(make("q4_k", 3, 256, 1).words).not.toEqual(make("q4_k", 3, 256, 2).words);
  });
});
