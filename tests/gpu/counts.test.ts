/** What decoding costs beside arithmetic, and what loading leaves behind: counted at WebGPU's own functions. */
import { afterEach, describe, expect, inject, it } from "vitest";
import type { MatrixType } from "../../src/engine/wgsl/formats/model-file";
import { openGpu, type Gpu } from "../../src/engine/wgsl/gpu/gpu";
import { planMatrix } from "../../src/engine/wgsl/model/matrix-plan";
import { planModel } from "../../src/engine/wgsl/model/plan";
import { countGpuCalls } from "./helpers/counting";
import { openSynthetic } from "./helpers/models";
import { openSession, reply } from "./helpers/sessions";

const everything = {
  temperature: 0.7,
  topK: 20,
  topP: 0.8,
  minP: 0.01,
  repetitionPenalty: 1.05,
  frequencyPenalty: 0.1,
  presencePenalty: 0.1,
  seed: 1,
};
/** A text that no reply of made-up weights ends by itself within so few tokens. */
const input = { text: "abc" };

let gpu: Gpu | undefined;
afterEach(() => gpu?.device.destroy());

async function costOf(tokensPerSubmit: number, shape: "tiny-llama" | "tiny-qwen2", mix: "q4_0" | "all-types") {
  gpu = await openGpu(navigator.gpu);
  const file = await openSynthetic(shape, { mix });
  const { session } = await openSession(file, { gpu, contextLength: 256, tokensPerSubmit });
  await reply(session, { input, sampling: everything, maxTokens: 8 });
  const short = countGpuCalls();
  const a = await reply(session, { input, sampling: everything, maxTokens: 8 });
  short.stop();
  const long = countGpuCalls();
  const b = await reply(session, { input, sampling: everything, maxTokens: 40 });
  long.stop();
  // What comes in one submit comes at once, in no time that is known.
  const { usage } = await reply(session, { input, sampling: everything, maxTokens: tokensPerSubmit });
  expect([usage.completionTokens, usage.decodeTokensPerSecond]).toEqual([tokensPerSubmit, undefined]);
  session.dispose();
  const tokens = b.usage.completionTokens - a.usage.completionTokens;
  expect(tokens).toBe(32);
  const perToken = (name: keyof typeof long.counts) => (long.counts[name] - short.counts[name]) / tokens;
  return { perToken, layers: file.config.layers };
}

describe("a decoded token", { timeout: 120_000 }, () => {
  it.each([
    { shape: "tiny-qwen2", mix: "q4_0" },
    { shape: "tiny-llama", mix: "all-types" },
  ] as const)(
    "of $shape, $mix, creates nothing and takes five dispatches a layer and three",
    async ({ shape, mix }) => {
      const { perToken, layers } = await costOf(1, shape, mix);
      // 24 layers: 123, of the 125 there may be.
      expect(perToken("dispatches")).toBe(5 * layers + 3);
      expect(perToken("submits")).toBeLessThanOrEqual(1);
      expect(perToken("bytesRead")).toBe(4);
      for (const kind of ["buffers", "bindGroups", "pipelines", "shaderModules"] as const)
        expect(perToken(kind)).toBe(0);
    },
  );

  it("takes less than half a submit when several fly", async () => {
    const { perToken } = await costOf(4, "tiny-qwen2", "q4_0");
    expect(perToken("submits")).toBe(0.25);
    expect(perToken("bytesRead")).toBe(4);
  });
});

describe("a model's memory", { timeout: 300_000 }, () => {
  const times = inject("isFull") ? 20 : 4;
  it(`is given back whole, ${times} times over`, async () => {
    gpu = await openGpu(navigator.gpu);
    const file = await openSynthetic("tiny-llama", { mix: "q4_0" });
    const counted = countGpuCalls();
    for (let i = 0; i < times; i++) {
      const { session } = await openSession(file, { gpu, contextLength: 64 });
      if (i % 2 === 0) await reply(session, { input, maxTokens: 2 });
      session.dispose();
    }
    counted.stop();
    expect(counted.counts.buffers).toBeGreaterThan(times);
    expect(counted.counts.destroyed).toBe(counted.counts.buffers);
  });

  /** Bits a weight may take, by type. */
  const bitsOf: Record<MatrixType, number> = {
    f32: 32,
    f16: 16,
    bf16: 16,
    q4_0: 4.5,
    mlc_q4_f16: 4.5,
    mlc_q4_bf16: 4.5,
    mlc_q4_f32: 5,
    q4_1: 5,
    q4_k: 5,
    q5_0: 6,
    q5_1: 6,
    q5_k: 6,
    q6_k: 7,
    q8_0: 8.5,
  };

  it.each(Object.entries(bitsOf) as [MatrixType, number][])("is in %s at most %f bits a weight", (type, bits) => {
    const tensor = { name: "w", type, rows: 1024, columns: 1024, data: { source: 0, offset: 0, bytes: 0 } };
    const { parts } = planMatrix("w", [tensor], "rows", 2 ** 27);
    const words = parts.reduce((sum, part) => sum + part.words, 0);
    expect((words * 32) / (1024 * 1024)).toBeLessThanOrEqual(bits);
  });

  it.each(["q4_0", "q4_k_m", "q8_0", "f16"] as const)("is little but weights and cache, in %s", async (mix) => {
    const file = await openSynthetic("qwen2.5-0.5b", { mix });
    const limits = { maxStorageBufferBindingSize: 128 * 2 ** 20, maxBufferSize: 256 * 2 ** 20 };
    const { bytes } = planModel(file, limits, { kv: "f16", contextLength: 2048 });
    const { tensors, config } = file;
    const weights = [
      tensors.embedding,
      ...tensors.layers.flatMap(({ qkv, gateUp, attentionOutput, down }) => [...qkv, ...gateUp, attentionOutput, down]),
    ].reduce((sum, { type, rows, columns }) => sum + (rows * columns * bitsOf[type]) / 8, 0);
    expect(bytes.kv).toBe(2 * config.kvHeads * config.headDim * config.layers * 2048 * 2);
    expect(bytes.total).toBeLessThanOrEqual(1.1 * (weights + bytes.kv));
  });
});
