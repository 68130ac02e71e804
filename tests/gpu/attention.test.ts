/** Attention against its twin: decoding and prefilling, over contexts that end around a workgroup's positions. */
import { describe, it } from "vitest";
import { checkAttention, type AttentionCase } from "../../src/engine/wgsl/kernels/attention/attention.check";
import { expectAgreement, openPlainGpu } from "./helpers/expect-agreement";

const gpu = await openPlainGpu();
const agrees = (wanted: AttentionCase) => expectAgreement(gpu, (on) => checkAttention(on, wanted));

const DECODED = [1, 63, 64, 65, 200].map((end) => ({ tokens: 1, position: end - 1 }));
const PREFILLED = [
  { tokens: 1, position: 0 },
  { tokens: 3, position: 61 },
  { tokens: 13, position: 0 },
  { tokens: 33, position: 40 },
];
const RUNS = [...DECODED, ...PREFILLED];
const CONTEXT = 204;

describe.each([1, 2, 3, 4])("%i queries a workgroup", (queries) => {
  it.each([32, 64, 128])("of %i threads", (workgroup) =>
    agrees({
      heads: 6,
      kvHeads: 2,
      headDim: 64,
      context: CONTEXT,
      kv: "f32",
      shape: { queries, workgroup },
      runs: RUNS,
    }),
  );
});

describe.each(["f32", "f16"] as const)("a cache of %s", (kv) => {
  describe.each([64, 80, 128])("heads of %i dimensions", (headDim) => {
    it.each([
      [2, 2],
      [6, 2],
      [7, 1],
    ])("%i of them sharing %i", (heads, kvHeads) =>
      agrees({ heads, kvHeads, headDim, context: CONTEXT, kv, shape: { queries: 4, workgroup: 32 }, runs: RUNS }),
    );
  });
});
