/** The catalogue is what the script derives, and its arithmetic is the engine's own. */
import { prebuiltAppConfig } from "@mlc-ai/web-llm";
import { describe, expect, it } from "vitest";
import { deriveCatalogue } from "../../scripts/catalogue/derive";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { countParameters, kvBytesPerToken, scratchBytes, weightFileBytes } from "../../src/catalogue/memory";

describe("the catalogue", () => {
  it("is what `npm run catalogue` writes", () => {
    expect(CATALOGUE).toEqual(deriveCatalogue(prebuiltAppConfig.model_list));
  });

  it("has every family that was asked for, each with its licence and a plain line", () => {
    expect(new Set(CATALOGUE.map(({ family }) => family))).toEqual(
      new Set([
        "Qwen2.5",
        "Qwen2.5-Coder",
        "Qwen2.5-Math",
        "Llama 3.2",
        "Llama 3.1",
        "DeepSeek-R1",
        "SmolLM2",
        "TinyLlama",
      ]),
    );
    for (const { licence, description, languages, builds } of CATALOGUE) {
      expect(licence.url).toMatch(/^https:\/\//);
      expect(description).toMatch(/^[A-Z].{20,120}\.$/);
      expect(languages).toContain("en");
      expect(builds.every(({ webllmBytes, download }) => webllmBytes > 1e8 && download.bytes > 1e8)).toBe(true);
      expect(builds.every(({ library }) => library.startsWith("https://raw.githubusercontent.com/mlc-ai/"))).toBe(true);
    }
  });

  it("leaves q3f16_1 to WebLLM", () => {
    for (const { quantization, engines } of CATALOGUE.flatMap(({ builds }) => builds)) {
      expect(engines).toEqual(quantization === "q3f16_1" ? ["webllm"] : ["webllm", "wgsl"]);
    }
  });

  // As their publishers state them, in millions.
  it.each([
    ["Qwen2.5-0.5B-Instruct", 494],
    ["Qwen2.5-1.5B-Instruct", 1544],
    ["Qwen2.5-3B-Instruct", 3086],
    ["Qwen2.5-7B-Instruct", 7616],
    ["Llama-3.2-1B-Instruct", 1236],
    ["Llama-3.2-3B-Instruct", 3213],
    ["Llama-3.1-8B-Instruct", 8030],
    ["Llama-3.1-70B-Instruct", 70_554],
    ["SmolLM2-135M-Instruct", 135],
    ["TinyLlama-1.1B-Chat-v1.0", 1100],
  ])("%s has its %i million parameters", (id, millions) => {
    const model = CATALOGUE.find((each) => each.id === id);
    expect(Math.round((model?.parameters ?? 0) / 1e6)).toBe(millions);
  });
});

describe("memory", () => {
  const qwen = CATALOGUE.find(({ id }) => id === "Qwen2.5-0.5B-Instruct");
  if (qwen === undefined) throw new Error("The catalogue has no Qwen2.5 0.5B.");

  it("is what bits a weight and numbers a token come to", () => {
    expect(countParameters(qwen.shape)).toBe(494_032_768);
    expect(weightFileBytes(qwen.shape, "q0f16")).toBe(2 * 494_032_768);
    expect(kvBytesPerToken(qwen.shape, 4)).toBe(24 * 2 * 2 * 64 * 4);
  });

  it("of scratch is a few MiB", () => {
    expect(scratchBytes(qwen.shape, 4096)).toBeGreaterThan(2 ** 22);
    expect(scratchBytes(qwen.shape, 4096)).toBeLessThan(2 ** 24);
  });
});
