import { beforeAll, afterAll, describe, expect, it } from "vitest";
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { readModelUrl } from "../../src/engine/wgsl/formats/detect";
import { loadModel, type LoadedModel } from "../../src/engine/wgsl/model/loaded-model";
import { PLAIN_CHOICE } from "../../src/engine/wgsl/model/choice";
import json from "../fixtures/oracle/smollm2-135m.json";
import { readOracle } from "../fixtures/oracle/read-oracle";
import { decodeLogits, prefill } from "./helpers/teacher";

const oracle = readOracle(json);
const url = new URL("/.cache/starter/SmolLM2-135M-Instruct.Q4_1.gguf", location.href).href;

describe("starter", () => {
  let model: LoadedModel;
  beforeAll(async () => {
    const gpu = await openGpu(navigator.gpu);
    const t0 = performance.now();
    const file = await readModelUrl(url, new AbortController().signal);
    const t1 = performance.now();
    model = await loadModel(gpu, file, { kv: (globalThis as any).KV ?? "f32", contextLength: 2048, choice: PLAIN_CHOICE, signal: new AbortController().signal });
    console.log("header", t1 - t0, "load", performance.now() - t1, model.plan.bytes);
  }, 60000);
  afterAll(() => model.dispose());
  it.each(oracle.prompts.filter((p) => p.tokens.length < 200).slice(0, 4))("$name", async (prompt) => {
    let t0 = performance.now();
    await prefill(model, prompt.tokens);
    console.log("prefill ms/token", (performance.now() - t0) / prompt.tokens.length, prompt.tokens.length);
    t0 = performance.now();
    let worst = 0;
    const all = [...prompt.tokens, ...prompt.greedy];
    for (let s = 0; s < 16; s++) {
      const logits = await decodeLogits(model, all[prompt.tokens.length - 1 + s]!, prompt.tokens.length - 1 + s);
      const step = prompt.step(s);
      step.topIds.forEach((id, i) => (worst = Math.max(worst, Math.abs(logits[id]! - step.topLogits[i]!) / (step.max - step.min))));
      oracle.probeIds.forEach((id, i) => (worst = Math.max(worst, Math.abs(logits[id]! - step.probeLogits[i]!) / (step.max - step.min))));
      const best = logits.indexOf(Math.max(...logits));
      if (best !== step.topIds[0]) console.log("argmax differs", s, best, step.topIds[0], step.gap);
    }
    console.log(prompt.name, "worst error of range", worst, "decode ms/token", (performance.now() - t0) / 16);
    expect(worst).toBeLessThan(1e-3);
  });
});
