/**
 * The whole of the outside oracle (tests/fixtures/oracle): every prompt, all 64 steps, teacher-forced, for the starter
 * and for a Qwen2.5-0.5B of made-up weights in a Q4_K_M file's types. With the KV cache the engine uses.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { PLAIN_CHOICE } from "../../src/engine/wgsl/model/choice";
import { loadModel, type LoadedModel } from "../../src/engine/wgsl/model/loaded-model";
import { readOracle } from "../fixtures/oracle/read-oracle";
import starterJson from "../fixtures/oracle/smollm2-135m.json";
import qwenJson from "../fixtures/oracle/synthetic-qwen2.5-0.5b.json";
import { never, openStarter, openSynthetic } from "../gpu/helpers/models";
import { compareWithOracle } from "../gpu/helpers/teacher";

/** The bound, of the range of a step's logits. */
const BOUND = 1e-3;
const STEPS = 64;

describe.each([
  { model: "the starter", json: starterJson, open: openStarter },
  {
    model: "Qwen2.5-0.5B's shape in Q4_K_M's types",
    json: qwenJson,
    open: () => openSynthetic("qwen2.5-0.5b", { mix: "q4_k_m" }),
  },
])("$model", ({ json, open }) => {
  const oracle = readOracle(json);
  let model: LoadedModel;
  let worst = 0;
  beforeAll(async () => {
    const gpu = await openGpu(navigator.gpu);
    model = await loadModel(gpu, await open(), { kv: "f32", choice: PLAIN_CHOICE, contextLength: 2048, signal: never });
  }, 300_000);
  afterAll(() => {
    console.log(
      `largest error: ${worst.toExponential(2)} of the range, over ${oracle.prompts.length} × ${STEPS} steps`,
    );
    model.gpu.device.destroy();
  });

  it("has prompts enough, one of them long", () => {
    expect(oracle.prompts.length).toBeGreaterThanOrEqual(20);
    expect(Math.max(...oracle.prompts.map(({ tokens }) => tokens.length))).toBeGreaterThan(1000);
  });

  it.each(oracle.prompts)("agrees on $name", { timeout: 1_800_000 }, async (prompt) => {
    const agreement = await compareWithOracle(model, oracle, prompt, { steps: STEPS });
    worst = Math.max(worst, agreement.worst);
    console.log(`${prompt.name}: ${agreement.worst.toExponential(2)}`);
    expect(agreement.wrongArgMax).toEqual([]);
    expect(agreement.worst).toBeLessThan(BOUND);
  });
});
