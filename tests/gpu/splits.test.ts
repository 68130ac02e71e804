/**
 * Matrices larger than a binding may be, in parts: the whole forward against transformers, with limits so small that
 * tiny models need what large ones do.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { ModelFile } from "../../src/engine/wgsl/formats/model-file";
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { PLAIN_CHOICE } from "../../src/engine/wgsl/model/choice";
import { loadModel, type LoadedModel } from "../../src/engine/wgsl/model/loaded-model";
import { readOracle } from "../fixtures/oracle/read-oracle";
import tinyLlama from "../fixtures/oracle/synthetic-tiny-llama-all-types.json";
import tinyQwen2Mixed from "../fixtures/oracle/synthetic-tiny-qwen2-q4_k_m.json";
import { refused } from "../helpers/refused";
import { countGpuCalls } from "./helpers/counting";
import { never, openSynthetic } from "./helpers/models";
import { compareWithOracle } from "./helpers/teacher";
import { widened } from "./helpers/widened";

/** As in oracle.test.ts. */
const F32_BOUND = 1e-5;
/** Room for the prompts that are compared; a longer cache would not fit the binding. */
const CONTEXT = 64;

let model: LoadedModel | undefined;
afterEach(() => {
  model?.gpu.device.destroy();
  model = undefined;
});

async function load(file: ModelFile, binding: number): Promise<LoadedModel> {
  const gpu = await openGpu(navigator.gpu);
  const limits = { maxStorageBufferBindingSize: binding, maxBufferSize: 2 * binding };
  model = await loadModel(gpu, file, {
    kv: "f32",
    choice: PLAIN_CHOICE,
    contextLength: CONTEXT,
    limits,
    signal: never,
  });
  return model;
}

/**
 * The least that q, k and v of each layer fit in, which are never cut. The attention output is in f32, or it would be
 * smaller than they are; so is the untied embedding, in q5_0.
 */
const cases = [
  {
    name: "untied, of all types",
    json: tinyLlama,
    open: () => openSynthetic("tiny-llama", { mix: "all-types" }),
    binding: 384 * 512 + 256,
    // Of layer 0 and of layer 1, where there are two numbers.
    parts: { embedding: 6, head: 2, attentionOutput: [2, 2], gateUp: [4, 12], down: [1, 2] },
  },
  {
    name: "tied, of q4_k and q6_k",
    json: tinyQwen2Mixed,
    open: () => openSynthetic("tiny-qwen2", { mix: "q4_k_m" }),
    // A row of q6_k is 210 bytes in the file, 212 on the GPU.
    binding: 512 * 212 + 256,
    parts: { embedding: 2, head: undefined, attentionOutput: [4, 4], gateUp: [2, 2], down: [1, 2] },
  },
];

describe("a model in parts agrees with the oracle", () => {
  it.each(cases)("$name", { timeout: 120_000 }, async ({ json, open, binding, parts }) => {
    const loaded = await load(await widened(await open(), { embedding: parts.head !== undefined }), binding);
    const { embedding, head, layers } = loaded.plan;
    expect({
      embedding: embedding.parts.length,
      head: head?.parts.length,
      attentionOutput: layers.map((layer) => layer.attentionOutput.parts.length),
      gateUp: layers.map((layer) => layer.gateUp.parts.length),
      down: layers.map((layer) => layer.down.parts.length),
    }).toEqual(parts);
    expect(layers.map(({ qkv }) => qkv.parts.length)).toEqual([1, 1]);
    for (const { buffer } of loaded.buffers.parts) expect(buffer.size, buffer.label).toBeLessThanOrEqual(binding);

    const oracle = readOracle(json);
    const prompts = oracle.prompts.filter(({ tokens }) => tokens.length > 1 && tokens.length + 4 <= CONTEXT);
    expect(prompts.map(({ name }) => name)).toEqual(["both-ends", "random-33"]);
    for (const prompt of prompts) {
      const agreement = await compareWithOracle(loaded, oracle, prompt, { steps: 4, prefillPart: 23 });
      console.log(`${prompt.name}: ${agreement.worst.toExponential(1)} of the range`);
      expect(agreement.wrongArgMax, prompt.name).toEqual([]);
      expect(agreement.worst, prompt.name).toBeLessThan(F32_BOUND);
    }
  });
});

describe("what can't be cut", () => {
  it("is refused by its name, with what it needs and what there is, and nothing is allocated", async () => {
    const gpu = await openGpu(navigator.gpu);
    const file = await openSynthetic("tiny-qwen2", { mix: "q4_0" });
    const { counts, stop } = countGpuCalls();
    const limits = { maxStorageBufferBindingSize: 65_536, maxBufferSize: 2 ** 20 };
    const loading = loadModel(gpu, file, { kv: "f32", choice: PLAIN_CHOICE, contextLength: 32, limits, signal: never });
    // 512 rows of 256 weights in q4_0: 144 bytes a row.
    await expect(loading).rejects.toMatchObject(
      refused("model-unsupported", "blk.0.attn_q.weight needs one binding of 72 KiB; this adapter allows 64 KiB."),
    );
    stop();
    expect(counts.buffers).toBe(0);
    gpu.device.destroy();
  });
});
