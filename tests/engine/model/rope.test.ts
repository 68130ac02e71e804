import { describe, expect, it } from "vitest";
import { ropeTable, writeRopeTable } from "../../../src/engine/wgsl/model/rope";
import { SMALL } from "./tensors";

describe("the RoPE table", () => {
  it.each([
    { headDim: 64, base: 10_000, factors: undefined },
    { headDim: 128, base: 1_000_000, factors: undefined },
    { headDim: 64, base: 500_000, factors: Float32Array.from({ length: 32 }, (_, i) => (i < 16 ? 1 : 32)) },
    { headDim: 64, base: 10_000, factors: Float32Array.from({ length: 32 }, (_, i) => 1 + i / 7) },
  ])(
    "is [position, headDim / 4, cos cos sin sin], of $headDim dimensions on base $base",
    ({ headDim, base, factors }) => {
      const context = 1000;
      const table = ropeTable({ ...SMALL, headDim, rope: { base, pairs: "halves", factors } }, 0, context);
      expect(table).toHaveLength(context * headDim);
      for (const position of [0, 1, 2, 17, 255, 999]) {
        for (let pair = 0; pair < headDim / 2; pair++) {
          // Su et al., section 3.4.2: position × base^(−2i / d), divided by Llama 3's factor.
          const angle = (position * Math.pow(base, (-2 * pair) / headDim)) / (factors?.[pair] ?? 1);
          const quad = position * headDim + Math.floor(pair / 2) * 4;
          expect(table[quad + (pair % 2)]).toBeCloseTo(Math.cos(angle), 6);
          expect(table[quad + 2 + (pair % 2)]).toBeCloseTo(Math.sin(angle), 6);
        }
      }
    },
  );

  it("turns nothing at position 0, and never stretches", () => {
    const table = ropeTable({ ...SMALL, headDim: 8 }, 0, 300);
    expect([...table.subarray(0, 8)]).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
    for (let quad = 0; quad < table.length; quad += 4) {
      for (const i of [quad, quad + 1]) {
        expect((table[i] ?? NaN) ** 2 + (table[i + 2] ?? NaN) ** 2).toBeCloseTo(1, 6);
      }
    }
  });

  it("is written in slices that make up the whole", () => {
    const config = { ...SMALL, headDim: 16 };
    const written = new Float32Array(2500 * 16);
    const queue = {
      writeBuffer: (_buffer: unknown, offset: number, data: Float32Array) => written.set(data, offset / 4),
    } as unknown as GPUQueue;
    writeRopeTable(queue, {} as GPUBuffer, config, 2500);
    expect(Buffer.from(written.buffer).equals(Buffer.from(ropeTable(config, 0, 2500).buffer))).toBe(true);
  });
});
