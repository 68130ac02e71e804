/** The mask: what it forbids never comes, and what it allows comes as if the rest were not there. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guarded, openGpu, type Gpu } from "../../src/engine/wgsl/gpu/gpu";
import { seededRandom } from "../../src/engine/wgsl/kernels/random";
import {
  createSampler,
  NO_TOKEN,
  type Sampler,
  type SamplingSettings,
} from "../../src/engine/wgsl/kernels/sample/sample";
import { makeOperands, NEUTRAL, runSampler } from "../../src/engine/wgsl/kernels/sample/sample.check";
import {
  adjustedLogits,
  drawToken,
  isInMask,
  keptTokens,
  type SamplerOperands,
} from "../../src/engine/wgsl/kernels/sample/sample.ref";

const RING = 64;
const MASKED: SamplingSettings = { ...NEUTRAL, usesMask: true };
const SETTINGS: Readonly<Record<string, SamplingSettings>> = {
  greedy: { ...MASKED, temperature: 0 },
  "temperature alone": { ...MASKED, temperature: 1.3 },
  "as hot as can be": { ...MASKED, temperature: 100 },
  "all filters": { ...MASKED, temperature: 0.9, topK: 40, topP: 0.9, minP: 0.02 },
  "more than are allowed": { ...MASKED, temperature: 2, topK: 100_000 },
  "bias and penalties": {
    ...MASKED,
    usesBias: true,
    repetitionPenalty: 100,
    frequencyPenalty: 90,
    presencePenalty: -90,
  },
};
/** Shares of the tokens that may come; 0 is one alone. */
const SHARES = [0, 0.003, 0.5, 0.999];

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu(navigator.gpu);
});
afterAll(() => gpu.device.destroy());

function masked(vocabulary: number, share: number, seed: number): SamplerOperands & { readonly mask: Uint32Array } {
  const random = seededRandom(seed);
  const mask = new Uint32Array(Math.ceil(vocabulary / 32));
  const allow = (id: number) => (mask[id >> 5] = (mask[id >> 5] ?? 0) | (1 << (id & 31)));
  for (let id = 0; id < vocabulary; id++) if (random() < share) allow(id);
  allow(Math.floor(random() * vocabulary));
  // Past the last token nothing is looked at.
  if (vocabulary % 32 !== 0) mask[mask.length - 1] = (mask.at(-1) ?? 0) | (-1 << (vocabulary % 32));
  return { ...makeOperands({ vocabulary, seed }), mask };
}

describe.each([1, 31, 33, 1003, 49_152, 151_665])("of %d tokens", { timeout: 120_000 }, (vocabulary) => {
  let sampler: Sampler;
  beforeAll(async () => {
    sampler = await createSampler(gpu.device, { vocabulary, ringLength: RING });
  });
  const run = (operands: SamplerOperands, settings: SamplingSettings, draws = 1) =>
    guarded(gpu, "sample", () =>
      runSampler(gpu.device, sampler, { ringLength: RING, operands, settings, position: 0, draws }),
    );

  it.each(Object.entries(SETTINGS))("draws what the reference draws: %s", async (_, settings) => {
    let foretold = 0;
    for (const [i, share] of SHARES.entries()) {
      const operands = masked(vocabulary, share, 40 + i);
      const { ring, logits } = await run(operands, { ...settings, seed: i });
      const token = ring[0] ?? NaN;
      expect(token).toBeLessThan(vocabulary);
      expect(isInMask(operands.mask, token), `token ${token}, ${share}`).toBe(true);
      const adjusted = adjustedLogits(operands, settings).logits;
      const largest = adjusted.reduce((a, b) => Math.max(a, b));
      for (const [id, logit] of logits.entries()) {
        // No expect for each of them: a hundred thousand take seconds.
        if (isInMask(operands.mask, id)) {
          if (!(Math.abs(logit - (adjusted[id] ?? NaN)) < 2e-2)) throw new Error(`Token ${id} has ${logit}.`);
        } else if (!(logit < largest - 1e20)) throw new Error(`Token ${id} is within reach, at ${logit}.`);
      }
      const kept = keptTokens(logits, settings);
      if (kept === undefined || kept.doubtful > 0) continue;
      expect(kept.ids.every((id) => isInMask(operands.mask, id))).toBe(true);
      const drawn = drawToken(kept, i, 0);
      if (drawn.margin <= kept.slack) continue;
      foretold++;
      expect(token).toBe(drawn.token);
    }
    expect(foretold).toBeGreaterThan(1);
  });

  it("is not looked at where nothing asks for it", async () => {
    const operands = { ...masked(vocabulary, 0.5, 50), mask: new Uint32Array(Math.ceil(vocabulary / 32)) };
    const { logits } = await run(operands, { ...MASKED, usesMask: false }, 4);
    expect(logits).toEqual(operands.logits);
  });

  it("hides no number that is none", async () => {
    const operands = masked(vocabulary, 0, 51);
    operands.logits.fill(NaN);
    expect((await run(operands, MASKED)).ring[0]).toBe(NO_TOKEN);
  });
});
