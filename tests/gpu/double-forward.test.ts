/** The whole forward, prefill and decode, against a textbook's in double: |error| ≤ 1e-6 + 1e-5 · Σ|terms|. */
import { afterEach, describe, expect, inject, it } from "vitest";
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { compareOutputs, joinComparisons } from "../../src/engine/wgsl/kernels/compare";
import { TOLERANCES } from "../../src/engine/wgsl/kernels/tolerances";
import { PLAIN_CHOICE } from "../../src/engine/wgsl/model/choice";
import { loadModel, type LoadedModel } from "../../src/engine/wgsl/model/loaded-model";
import { DoubleForward } from "./helpers/double-forward";
import { never, openSynthetic } from "./helpers/models";
import { decodeLogits, prefill } from "./helpers/teacher";

let model: LoadedModel | undefined;
afterEach(() => {
  model?.gpu.device.destroy();
  model = undefined;
});

describe("the whole forward is the textbook's", () => {
  const cases = [
    ["tiny-llama", "all-types", 71],
    ["tiny-qwen2", "q4_k_m", 5],
    ["tiny-qwen2", "all-types", 37],
    ["tiny-llama", "q4_0", 1],
  ] as const;
  // Both shapes, each once; all four in test:full.
  it.each(inject("isFull") ? cases : cases.slice(0, 2))(
    "%s of %s, after a prompt of %i",
    { timeout: 120_000 },
    async (shape, mix, length) => {
      // Other weights than the oracle's fixtures have; with outliers, as all synthetic ones.
      const file = await openSynthetic(shape, { mix, seed: 7 });
      const steps = 4;
      const tokens = Array.from({ length: length + steps }, (_, i) => (17 + i * i * 31) % file.config.vocabulary);
      const gpu = await openGpu(navigator.gpu);
      model = await loadModel(gpu, file, { kv: "f32", choice: PLAIN_CHOICE, contextLength: 128, signal: never });
      const reference = await DoubleForward.of(file);

      await prefill(model, tokens.slice(0, length), 32);
      for (const token of tokens.slice(0, length - 1)) reference.next(token);
      const comparisons = [];
      for (let at = length - 1; at < length + steps - 1; at++) {
        const { values, terms } = reference.next(tokens[at] ?? NaN);
        const logits = await decodeLogits(model, tokens[at] ?? NaN, at);
        comparisons.push(compareOutputs(logits, values, terms, TOLERANCES.forward));
      }
      const worst = joinComparisons(comparisons);
      console.log(`${shape} ${mix}: ${worst.maxErrorOverBound.toFixed(3)} of the bound`);
      expect(worst).toMatchObject({ verdict: "pass", outputs: steps * file.config.vocabulary });
    },
  );
});
