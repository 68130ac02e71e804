/**
 * The whole forward of MLC's weights against the very same weights dequantised into an F32 GGUF file: of GGUF it is
 * known that it agrees with transformers (oracle.test.ts).
 */
import { afterEach, describe, expect, inject, it } from "vitest";
import type { ModelFile } from "../../src/engine/wgsl/formats/model-file";
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { PLAIN_CHOICE } from "../../src/engine/wgsl/model/choice";
import { loadModel } from "../../src/engine/wgsl/model/loaded-model";
import { TINY_MLC, type TinyMlc } from "../helpers/tiny-mlc";
import { never } from "./helpers/models";
import { randomMlc } from "./helpers/random-mlc";
import { decodeLogits, prefill } from "./helpers/teacher";

/** As in oracle.test.ts, of a step's range. */
const F32_BOUND = 1e-5;
const PROMPT = 13;
const STEPS = 4;
/** Of the vocabulary, no two neighbours alike. */
const tokens = Array.from({ length: PROMPT + STEPS }, (_, i) => (7 + 11 * i) % TINY_MLC.tokens);

let device: GPUDevice | undefined;
afterEach(() => device?.destroy());

/** @returns of each step [vocabulary] */
async function logitsOf(file: ModelFile): Promise<Float32Array[]> {
  const gpu = await openGpu(navigator.gpu);
  device = gpu.device;
  const model = await loadModel(gpu, file, { kv: "f32", choice: PLAIN_CHOICE, contextLength: 64, signal: never });
  await prefill(model, tokens.slice(0, PROMPT), 5);
  const steps: Float32Array[] = [];
  for (let at = PROMPT - 1; at < PROMPT + STEPS - 1; at++) {
    steps.push(await decodeLogits(model, tokens[at] ?? NaN, at));
  }
  device.destroy();
  return steps;
}

function rangeOf(logits: Float32Array): number {
  return Math.max(...logits) - Math.min(...logits);
}

/** The largest error of any step, as a share of the step's range. */
function worstOf(got: readonly Float32Array[], wanted: readonly Float32Array[]): number {
  const shares = wanted.flatMap((step, s) =>
    [...step].map((logit, id) => Math.abs((got[s]?.[id] ?? NaN) - logit) / rangeOf(step)),
  );
  return shares.some(Number.isNaN) ? Infinity : Math.max(...shares);
}

const cases: readonly TinyMlc[] = [
  { architecture: "llama", quantization: "q4f16_1" },
  { architecture: "llama", quantization: "q0f32", rawFloat32: true },
  { architecture: "qwen2", quantization: "q4f32_1", tied: true },
  { architecture: "qwen2", quantization: "q0f16", tied: true },
  // Of these each part has been seen above, though not together.
  ...(inject("isFull")
    ? ([
        { architecture: "llama", quantization: "q4f32_1" },
        { architecture: "qwen2", quantization: "q4f32_1", rawFloat32: true },
        { architecture: "qwen2", quantization: "q4f16_1", tied: true },
      ] as const)
    : []),
];

describe("a model in MLC's form is the same as its GGUF", () => {
  it.each(cases)("%j", { timeout: 120_000 }, async (model) => {
    const { mlc, gguf } = await randomMlc(model);
    expect(mlc.config.vocabulary).toBe(TINY_MLC.tokens);
    expect({ ...mlc.config, rope: null, rmsEpsilon: NaN }).toEqual({ ...gguf.config, rope: null, rmsEpsilon: NaN });
    // Llama's queries and keys lie in another order, and are turned accordingly.
    const pairs = model.architecture === "llama" ? "adjacent" : "halves";
    expect([mlc.config.rope.pairs, gguf.config.rope.pairs]).toEqual(["halves", pairs]);

    const wanted = await logitsOf(gguf);
    const got = await logitsOf(mlc);
    const worst = worstOf(got, wanted);
    console.log(`${JSON.stringify(model)}: ${worst.toExponential(1)} of the range`);
    expect(worst).toBeLessThan(F32_BOUND);
    // Something was computed: logits are apart, and other tokens give others.
    for (const step of wanted) expect(rangeOf(step)).toBeGreaterThan(2);
    expect(worstOf(wanted.slice(1), wanted.slice(0, -1))).toBeGreaterThan(0.1);
  });
});
