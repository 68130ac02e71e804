/** The whole forward against Hugging Face transformers (tests/fixtures/oracle); `npm run test:full` takes all of it. */
import { afterEach, describe, expect, inject, it } from "vitest";
import type { ModelFile } from "../../src/engine/wgsl/formats/model-file";
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";
import type { KvFormat } from "../../src/engine/wgsl/kernels/linear/linear";
import { PLAIN_CHOICE, type KernelChoice } from "../../src/engine/wgsl/model/choice";
import { loadModel, type LoadedModel } from "../../src/engine/wgsl/model/loaded-model";
import { readOracle } from "../fixtures/oracle/read-oracle";
import starterJson from "../fixtures/oracle/smollm2-135m.json";
import tinyLlama from "../fixtures/oracle/synthetic-tiny-llama-all-types.json";
import tinyQwen2 from "../fixtures/oracle/synthetic-tiny-qwen2-all-types.json";
import tinyQwen2Mixed from "../fixtures/oracle/synthetic-tiny-qwen2-q4_k_m.json";
import { never, openStarter, openSynthetic } from "./helpers/models";
import { compareWithOracle } from "./helpers/teacher";

/** The bound, of the range of a step's logits. */
const BOUND = 1e-3;
/** What f32 holds: a dozen times the oracle's own float32. */
const F32_BOUND = 1e-5;

let model: LoadedModel | undefined;
afterEach(() => {
  model?.gpu.device.destroy();
  model = undefined;
});

async function load(file: ModelFile, kv: KvFormat, choice: KernelChoice = PLAIN_CHOICE): Promise<LoadedModel> {
  const gpu = await openGpu(navigator.gpu);
  model = await loadModel(gpu, file, { kv, choice, contextLength: 2048, signal: never });
  return model;
}

describe("the starter agrees with the oracle", () => {
  const oracle = readOracle(starterJson);
  // One of a single token, a chat, another alphabet, code.
  const sample = [
    "one-letter",
    ...oracle.prompts.map(({ name }) => name).filter((name) => /chat|chinese|code/.test(name)),
  ];
  const prompts = oracle.prompts.filter(({ name, tokens }) => sample.includes(name) && tokens.length < 80).slice(0, 4);

  it.each([
    { kv: "f32", bound: F32_BOUND },
    { kv: "f16", bound: BOUND },
  ] as const)("with a KV cache in $kv", { timeout: 300_000 }, async ({ kv, bound }) => {
    const loaded = await load(await openStarter(), kv);
    expect(prompts).toHaveLength(4);
    for (const prompt of kv === "f32" ? prompts : prompts.slice(0, 2)) {
      const agreement = await compareWithOracle(loaded, oracle, prompt, { steps: inject("isFull") ? 16 : 8 });
      console.log(`${prompt.name}, KV ${kv}: ${agreement.worst.toExponential(1)} of the range`);
      expect(agreement.wrongArgMax, prompt.name).toEqual([]);
      expect(agreement.worst, prompt.name).toBeLessThan(bound);
    }
  });
});

describe("tiny models of every tensor type agree with the oracle", () => {
  const forms: Record<string, KernelChoice> = {
    plain: PLAIN_CHOICE,
    "tree and shared tile": {
      decode: { kind: "tree", lanes: 8, workgroup: 64 },
      prefill: { kind: "shared" },
      decodeAttention: { queries: 1, workgroup: 128 },
      prefillAttention: { queries: 3, workgroup: 32 },
    },
    subgroup: { ...PLAIN_CHOICE, decode: { kind: "subgroup", workgroup: 128 } },
  };
  const models = { tinyLlama, tinyQwen2, tinyQwen2Mixed };
  // The forms with barriers take a software adapter a quarter of a minute a model: one has them here, all in test:full.
  const cases = Object.entries(models).flatMap(([name, json], i) =>
    Object.keys(forms)
      .filter((form) => i === 0 || form === "plain" || inject("isFull"))
      .map((form) => ({ name, form, json })),
  );

  it.each(cases)("$name, $form", { timeout: 120_000 }, async ({ form, json }) => {
    const oracle = readOracle(json);
    const { synthetic } = oracle.model;
    if (synthetic === undefined) throw new Error("The fixture does not say what it is of.");
    const { shape, ...how } = synthetic;
    const file = await openSynthetic(
      shape as Parameters<typeof openSynthetic>[0],
      how as Parameters<typeof openSynthetic>[1],
    );
    const loaded = await load(file, "f32", forms[form]);
    // SwiftShader is slow at workgroup memory: the forms that use it see fewer.
    const sample = form === "plain" ? { prompts: 4, steps: 16 } : { prompts: 2, steps: 4 };
    for (const prompt of oracle.prompts.slice(0, sample.prompts)) {
      // In parts, the last of them ragged.
      const agreement = await compareWithOracle(loaded, oracle, prompt, { steps: sample.steps, prefillPart: 23 });
      expect(agreement.wrongArgMax, prompt.name).toEqual([]);
      expect(agreement.worst, prompt.name).toBeLessThan(F32_BOUND);
    }
  });
});
