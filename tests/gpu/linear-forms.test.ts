/** Every shape with every finish and input, at ragged sizes, and several formats in one matrix. */
import { describe, expect, it } from "vitest";
import { guarded, openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { checkLinear, type LinearCase } from "../../src/engine/wgsl/kernels/linear/linear.check";
import type { Finish } from "../../src/engine/wgsl/kernels/linear/linear";
import type { DecodeShape, PrefillShape } from "../../src/engine/wgsl/kernels/linear/shapes";

const gpu = await openGpu(navigator.gpu);

async function expectPass(wanted: LinearCase): Promise<void> {
  const result = await guarded(gpu, "linear", () => checkLinear(gpu, wanted));
  if (import.meta.env["VITE_SHOW"])
    console.log(`ratio ${expect.getState().currentTestName} ${result.maxErrorOverBound}`);
  expect(result.verdict, JSON.stringify(result)).toBe("pass");
}

const DECODE_SHAPES: readonly DecodeShape[] = [
  { kind: "rows", quadsPerThread: 1, workgroup: 64 },
  { kind: "rows", quadsPerThread: 4, workgroup: 16 },
  ...[4, 8, 16, 32, 64].map((lanes) => ({ kind: "tree" as const, lanes, workgroup: 64 })),
  { kind: "tree", lanes: 64, workgroup: 256 },
  { kind: "subgroup", workgroup: 32 },
  { kind: "subgroup", workgroup: 128 },
];
const PREFILL_SHAPES: readonly PrefillShape[] = [
  { kind: "register", quadsPerThread: 1, workgroup: 32 },
  { kind: "register", quadsPerThread: 4, workgroup: 16 },
  { kind: "shared" },
];
const name = (shape: object) => Object.values(shape).join(" ");

const QKV: Finish = {
  kind: "qkv",
  heads: 3,
  kvHeads: 1,
  headDim: 64,
  context: 48,
  ropePairs: "halves",
  kv: "f32",
};

const FINISHES: Record<string, Pick<LinearCase, "segments" | "finish"> & Partial<LinearCase>> = {
  "qkv halves": { segments: [{ format: "q4_0", rows: 320 }], finish: QKV, position: 5, hasBias: true },
  residual: { segments: [{ format: "q8_0", rows: 132 }], finish: { kind: "residual" } },
  "gate-up": {
    segments: [
      { format: "q5_0", rows: 68 },
      { format: "q4_1", rows: 68 },
    ],
    finish: { kind: "gate-up" },
  },
  head: { segments: [{ format: "q8_0", rows: 131 }], finish: { kind: "head", vocabulary: 131 } },
};

describe.each(DECODE_SHAPES.map((shape) => [name(shape), shape] as const))("decode, %s", (_, shape) => {
  it.each(Object.entries(FINISHES))("%s", async (_, { segments, finish, ...rest }) => {
    for (const isNormed of [false, true]) {
      await expectPass({ segments, columns: 288, shape, finish, isNormed, tokens: 1, ...rest });
    }
  });
});

describe.each(PREFILL_SHAPES.map((shape) => [name(shape), shape] as const))("prefill, %s", (_, shape) => {
  it.each(Object.entries(FINISHES).filter(([kind]) => kind !== "head"))(
    "%s",
    async (_, { segments, finish, ...rest }) => {
      for (const [tokens, isNormed] of [
        [1, true],
        [3, false],
        [13, true],
        [33, false],
      ] as const) {
        await expectPass({ segments, columns: 288, shape, finish, isNormed, tokens, ...rest });
      }
    },
  );
});
