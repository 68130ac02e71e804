/** Attention against its twin: decoding and prefilling, over contexts that end around a workgroup's positions. */
import { describe, expect, it } from "vitest";
import { guarded, openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { checkAttention, type AttentionCase } from "../../src/engine/wgsl/kernels/attention/attention.check";

const gpu = await openGpu(navigator.gpu);

const USUAL = { heads: 6, kvHeads: 2, headDim: 64, context: 256, kv: "f32", tokens: 1, position: 0 } as const;

async function expectPass(wanted: AttentionCase): Promise<void> {
  const result = await guarded(gpu, "attention", () => checkAttention(gpu, wanted));
  if (import.meta.env["VITE_SHOW"])
    console.log(`ratio ${expect.getState().currentTestName} ${result.maxErrorOverBound}`);
  expect(result.verdict, JSON.stringify(result)).toBe("pass");
}

describe.each([1, 2, 3, 4])("%i queries a workgroup", (queries) => {
  describe.each([32, 64, 128])("of %i threads", (workgroup) => {
    const shape = { queries, workgroup };
    it.each([1, 63, 64, 65, 200])("decodes with %i positions", async (end) => {
      await expectPass({ ...USUAL, shape, position: end - 1 });
    });
    it.each([
      [1, 0],
      [3, 61],
      [13, 0],
      [33, 40],
    ])("prefills %i tokens at %i", async (tokens, position) => {
      await expectPass({ ...USUAL, shape, tokens, position });
    });
  });
});
