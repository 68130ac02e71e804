/** Every shape of the matrix products with every finish, both inputs, ragged sizes. */
import { describe, expect, it } from "vitest";
import { checkLinear, type LinearCase } from "../../src/engine/wgsl/kernels/linear/linear.check";
import type { Finish } from "../../src/engine/wgsl/kernels/linear/linear";
import {
  PLAIN_DECODE,
  PLAIN_PREFILL,
  type DecodeShape,
  type PrefillShape,
} from "../../src/engine/wgsl/kernels/linear/shapes";
import { expectAgreement, openPlainGpu } from "./helpers/expect-agreement";

type FinishCase = Pick<LinearCase, "segments" | "finish" | "part" | "hasBias">;

const DECODE_SHAPES: readonly DecodeShape[] = [
  { kind: "rows", quadsPerThread: 1, workgroup: 64 },
  { kind: "rows", quadsPerThread: 3, workgroup: 32 },
  ...[4, 8, 16, 32, 64].map((lanes) => ({ kind: "tree", lanes, workgroup: 64 }) as const),
  { kind: "subgroup", workgroup: 32 },
  { kind: "subgroup", workgroup: 128 },
];
const REGISTER_SHAPES: readonly PrefillShape[] = [
  { kind: "register", quadsPerThread: 1, workgroup: 64 },
  { kind: "register", quadsPerThread: 3, workgroup: 32 },
];
/** Groups of 32: fewer than the lanes of most trees, and no multiple of any. */
const COLUMNS = 288;
const PREFILLED = [1, 3, 13, 33].map((tokens) => ({ tokens }));

const QKV: Finish = {
  kind: "qkv",
  ...{ heads: 3, kvHeads: 1, headDim: 64, context: 48 },
  ropePairs: "halves",
  kv: "f32",
};

// Rows that are no multiple of any tile.
const FINISHES: Readonly<Record<Finish["kind"], FinishCase>> = {
  qkv: { segments: [{ format: "q4_0", rows: 320 }], finish: QKV, hasBias: true },
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
const PREFILL_FINISHES = Object.entries(FINISHES).filter(([kind]) => kind !== "head");

const gpu = await openPlainGpu();

const agrees = (wanted: LinearCase) => expectAgreement(gpu, (on) => checkLinear(on, wanted));
const named = <T extends object>(shapes: readonly T[]) =>
  shapes.map((shape) => [Object.values(shape).join(" "), shape] as const);

describe.each(named(DECODE_SHAPES))("decoding, %s", (_, shape) => {
  const usual = { columns: COLUMNS, shape, runs: [{ tokens: 1, position: 5 }] };
  it.each(Object.entries(FINISHES))("%s", async (kind, finish) => {
    // Both inputs with one finish; the others with what they take in a model.
    if (kind === "residual") await agrees({ ...usual, ...finish, isNormed: true });
    await agrees({ ...usual, ...finish, isNormed: kind !== "residual" });
  });
});

describe.each(named(REGISTER_SHAPES))("prefilling, %s", (_, shape) => {
  const usual = { columns: COLUMNS, shape, runs: PREFILLED };
  it.each(PREFILL_FINISHES)("%s", async (kind, finish) => {
    if (kind === "residual") await agrees({ ...usual, ...finish, isNormed: true });
    await agrees({ ...usual, ...finish, isNormed: kind !== "residual" });
  });
});

// One of each: SwiftShader takes seconds to compile barriers among 128 threads.
describe("prefilling, shared", () => {
  const usual = { columns: COLUMNS, shape: { kind: "shared" }, runs: PREFILLED } as const;
  it("qkv, normed", () => agrees({ ...usual, ...FINISHES.qkv, isNormed: true }));
  it("residual", () =>
    agrees({
      ...usual,
      segments: [{ format: "mlc_q4_f16", rows: 132 }],
      finish: { kind: "residual" },
      isNormed: false,
    }));
});

describe("q, k, v", () => {
  const forms = [
    ["decoding", PLAIN_DECODE, [{ tokens: 1, position: 47 }, { tokens: 1 }]],
    ["prefilling", PLAIN_PREFILL, [{ tokens: 7, position: 40 }, { tokens: 3 }]],
  ] as const;
  describe.each(forms)("%s", (_, shape, runs) => {
    for (const ropePairs of ["halves", "adjacent"] as const) {
      for (const kv of ["f32", "f16"] as const) {
        it.each([
          { heads: 2, kvHeads: 2, headDim: 64 },
          { heads: 6, kvHeads: 2, headDim: 20 },
          { heads: 7, kvHeads: 1, headDim: 80 },
        ])(`pairs ${ropePairs}, cache ${kv}, %o`, async (heads) => {
          const rows = (heads.heads + 2 * heads.kvHeads) * heads.headDim;
          const finish = { kind: "qkv", ...heads, context: 48, ropePairs, kv } as const;
          for (const hasBias of [true, false]) {
            await agrees({
              ...{ segments: [{ format: "q8_0", rows }], columns: 64, shape, finish, isNormed: true },
              ...{ runs, hasBias },
            });
          }
        });
      }
    }
  });
});

describe("parts of a matrix", () => {
  const forms = [
    ["decoding", PLAIN_DECODE, [{ tokens: 1 }]],
    ["prefilling", PLAIN_PREFILL, [{ tokens: 6 }]],
  ] as const;
  describe.each(forms)("%s", (_, shape, runs) => {
    const usual = { columns: 96, shape, isNormed: false, runs };
    it.each([0, 64, 128])("residual from row %i of 180", (firstRow) => {
      const segments = [{ format: "q5_1", rows: Math.min(64, 180 - firstRow) }] as const;
      return agrees({ ...usual, segments, finish: { kind: "residual" }, part: { firstRow, rowsOfAllParts: 180 } });
    });
    it.each([0, 128, 256])("gate and up from row %i of 320", (firstRow) => {
      const rows = Math.min(64, 160 - firstRow / 2);
      const segments = [
        { format: "q4_0", rows },
        { format: "q8_0", rows },
      ] as const;
      return agrees({ ...usual, segments, finish: { kind: "gate-up" }, part: { firstRow, rowsOfAllParts: 320 } });
    });
  });

  it.each([0, 64, 128])("head from row %i of 131", (firstRow) => {
    const segments = [{ format: "q8_0", rows: Math.min(64, 131 - firstRow) }] as const;
    return agrees({
      ...{ columns: 96, shape: PLAIN_DECODE, isNormed: true, runs: [{ tokens: 1 }], segments },
      finish: { kind: "head", vocabulary: 131 },
      part: { firstRow, rowsOfAllParts: 131 },
    });
  });
});

it("runs subgroup shapes here, so that they were tested above", () => {
  expect(gpu.hasSubgroups).toBe(true);
});
