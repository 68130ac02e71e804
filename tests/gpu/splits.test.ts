/**
 * Matrices larger than a binding may be, in parts: the whole forward against transformers, with limits so small that
 * tiny models need what large ones do.
 */
import { afterEach, describe, expect, inject, it } from "vitest";
import type { ModelFile } from "../../src/engine/wgsl/formats/model-file";
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { PLAIN_CHOICE } from "../../src/engine/wgsl/model/choice";
import { makeBuffers } from "../../src/engine/wgsl/model/buffers";
import { buildForward } from "../../src/engine/wgsl/model/forward";
import { loadWeights } from "../../src/engine/wgsl/model/load-weights";
import { loadModel, type LoadedModel } from "../../src/engine/wgsl/model/loaded-model";
import { planMatrix } from "../../src/engine/wgsl/model/matrix-plan";
import type { ModelPlan } from "../../src/engine/wgsl/model/plan";
import { readOracle } from "../fixtures/oracle/read-oracle";
import tinyLlama from "../fixtures/oracle/synthetic-tiny-llama-all-types.json";
import tinyQwen2Mixed from "../fixtures/oracle/synthetic-tiny-qwen2-q4_k_m.json";
import { refused } from "../helpers/refused";
import { countGpuCalls } from "./helpers/counting";
import { never, openSynthetic } from "./helpers/models";
import { compareWithOracle } from "./helpers/teacher";

/** As in oracle.test.ts. */
const F32_BOUND = 1e-5;
/** Room for the prompts that are compared. */
const CONTEXT = 64;

let model: LoadedModel | undefined;
afterEach(() => {
  model?.gpu.device.destroy();
  model = undefined;
});

/** [bytes] what each kind of matrix may take. */
interface Bindings {
  readonly vocabulary: number;
  readonly attentionOutput: number;
  readonly gateUp: number;
  readonly down: number;
}

/** The model as it would be where bindings were so small: its activations, which are larger than that, stay whole. */
async function loadInParts(file: ModelFile, bindings: Bindings): Promise<LoadedModel> {
  const gpu = await openGpu(navigator.gpu);
  const whole = await loadModel(gpu, file, { kv: "f32", choice: PLAIN_CHOICE, contextLength: CONTEXT, signal: never });
  const { embedding, head, layers } = file.tensors;
  const plan: ModelPlan = {
    ...whole.plan,
    embedding: planMatrix("embedding", [embedding], "rows", bindings.vocabulary),
    head: head && planMatrix("head", [head], "rows", bindings.vocabulary),
    layers: whole.plan.layers.map(({ qkv }, i) => {
      const layer = layers[i];
      const [gate, ...up] = layer?.gateUp ?? [];
      if (layer === undefined || gate === undefined) throw new Error(`There is no layer ${i}.`);
      return {
        qkv,
        attentionOutput: planMatrix("attention output", [layer.attentionOutput], "rows", bindings.attentionOutput),
        gateUp: planMatrix("gate and up", [gate, ...up], "pairs", bindings.gateUp),
        down: planMatrix("down", [layer.down], "rows", bindings.down),
      };
    }),
  };
  const buffers = { ...makeBuffers(gpu.device, file, plan), scratch: whole.buffers.scratch };
  await loadWeights(gpu, file, buffers.parts, buffers.vectors, { signal: never });
  const sampledTokens = plan.config.vocabulary;
  const forward = await buildForward(gpu.device, plan, buffers, { choice: PLAIN_CHOICE, sampledTokens });
  model = { ...whole, plan, buffers, forward };
  return model;
}

const cases = [
  {
    name: "untied, of all types",
    json: tinyLlama,
    open: () => openSynthetic("tiny-llama", { mix: "all-types" }),
    bindings: { vocabulary: 30_720, attentionOutput: 30_720, gateUp: 200_000, down: 100_000 },
    // Of layer 0 and of layer 1, where there are two numbers.
    parts: { embedding: 8, head: 8, attentionOutput: [2, 2], gateUp: [4, 12], down: [2, 4] },
  },
  {
    name: "tied, of q4_k and q6_k",
    json: tinyQwen2Mixed,
    open: () => openSynthetic("tiny-qwen2", { mix: "q4_k_m" }),
    bindings: { vocabulary: 60_000, attentionOutput: 30_720, gateUp: 100_000, down: 60_000 },
    parts: { embedding: 4, head: undefined, attentionOutput: [2, 2], gateUp: [2, 2], down: [2, 4] },
  },
];

describe("a model in parts agrees with the oracle", () => {
  // The first has all there is to be cut; that an embedding can be the head as well is in test:full.
  it.each(inject("isFull") ? cases : cases.slice(0, 1))(
    "$name",
    { timeout: 120_000 },
    async ({ json, open, bindings, parts }) => {
      const loaded = await loadInParts(await open(), bindings);
      const { embedding, head, layers } = loaded.plan;
      expect({
        embedding: embedding.parts.length,
        head: head?.parts.length,
        attentionOutput: layers.map((layer) => layer.attentionOutput.parts.length),
        gateUp: layers.map((layer) => layer.gateUp.parts.length),
        down: layers.map((layer) => layer.down.parts.length),
      }).toEqual(parts);

      const oracle = readOracle(json);
      const prompts = oracle.prompts.filter(({ tokens }) => tokens.length > 1 && tokens.length + 4 <= CONTEXT);
      expect(prompts.map(({ name }) => name)).toEqual(["both-ends", "random-33"]);
      for (const prompt of prompts) {
        const agreement = await compareWithOracle(loaded, oracle, prompt, { steps: 4, prefillPart: 23 });
        console.log(`${prompt.name}: ${agreement.worst.toExponential(1)} of the range`);
        expect(agreement.wrongArgMax, prompt.name).toEqual([]);
        expect(agreement.worst, prompt.name).toBeLessThan(F32_BOUND);
      }
    },
  );
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
      refused("model-unsupported", /^blk\.0\.attn_q\.weight needs one binding of 72 KiB; .* allows 64 KiB\.$/),
    );
    stop();
    expect(counts.buffers).toBe(0);
    gpu.device.destroy();
  });
});
