import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { guarded, openGpu, type Gpu } from "../../src/engine/wgsl/gpu/gpu";
import {
  createSampler,
  IN_PROMPT,
  NO_TOKEN,
  type Sampler,
  type SamplingSettings,
} from "../../src/engine/wgsl/kernels/sample/sample";
import {
  checkSample,
  makeOperands,
  NEUTRAL,
  runSampler,
  type SamplerOutcome,
  type SamplerRun,
} from "../../src/engine/wgsl/kernels/sample/sample.check";
import {
  adjustedLogits,
  drawToken,
  keptTokens,
  type Kept,
  type SamplerOperands,
} from "../../src/engine/wgsl/kernels/sample/sample.ref";

const VOCABULARY = 1003;
const RING = 2048;

let gpu: Gpu;
let sampler: Sampler;

beforeAll(async () => {
  gpu = await openGpu(navigator.gpu);
  sampler = await createSampler(gpu.device, { vocabulary: VOCABULARY, ringLength: RING });
});
afterAll(() => gpu.device.destroy());

function run(what: Partial<SamplerRun> & { operands: SamplerOperands }): Promise<SamplerOutcome> {
  const all = { ringLength: RING, settings: NEUTRAL, position: 0, ...what };
  return guarded(gpu, "sample", () => runSampler(gpu.device, sampler, all));
}

/** These logits, and for all other tokens one that is hardly ever drawn. */
function operandsOf(likely: Readonly<Record<number, number>>, others = -5): SamplerOperands {
  const logits = new Float32Array(VOCABULARY).fill(others);
  for (const [id, logit] of Object.entries(likely)) logits[Number(id)] = logit;
  return { logits, seen: new Uint32Array(VOCABULARY), bias: new Float32Array(VOCABULARY) };
}

const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);

function kept(logits: Float32Array, settings: SamplingSettings): Kept {
  const tokens = keptTokens(logits, settings);
  if (tokens === undefined) throw new Error("The reference keeps no token.");
  return tokens;
}

it("passes the check it offers", async () => {
  const comparison = await guarded(gpu, "sample", () => checkSample(gpu));
  expect(comparison).toMatchObject({ verdict: "pass" });
  expect(comparison.outputs).toBeGreaterThan(40_000);
});

describe("greedy", () => {
  it.each([
    { name: "temperature 0", settings: { ...NEUTRAL, temperature: 0 } },
    { name: "top-k 1", settings: { ...NEUTRAL, topK: 1, temperature: 2 } },
    { name: "a temperature too low to divide by", settings: { ...NEUTRAL, temperature: 1e-9 } },
  ])("takes the lowest of the largest: $name", async ({ settings }) => {
    const ties = { 999: 3.5, 700: 3.5, 301: 3.5, 45: 3.4999998 };
    const { ring } = await run({ operands: operandsOf(ties), settings });
    expect(ring[0]).toBe(301);
  });

  it("holds -0 and 0 for the same, and finds the least negative", async () => {
    const settings = { ...NEUTRAL, temperature: 0 };
    expect((await run({ operands: operandsOf({ 5: -0, 900: 0 }), settings })).ring[0]).toBe(5);
    expect((await run({ operands: operandsOf({ 1002: -1e-30 }, -2), settings })).ring[0]).toBe(1002);
    expect((await run({ operands: operandsOf({ 7: -3e38 }, -Infinity), settings })).ring[0]).toBe(7);
  });
});

describe("the state after a token", () => {
  it("advances, counts, and writes the ring round and round", async () => {
    const small = await createSampler(gpu.device, { vocabulary: VOCABULARY, ringLength: 4 });
    const operands = operandsOf({ 12: 50 });
    operands.seen[12] = IN_PROMPT + 3;
    operands.seen[13] = 7;
    const tokens = { ringLength: 4, operands, settings: NEUTRAL, position: 41, draws: 6 };
    const outcome = await guarded(gpu, "sample", () => runSampler(gpu.device, small, tokens));
    expect([...outcome.state]).toEqual([12, 47, 6, 0]);
    expect([...outcome.ring]).toEqual([12, 12, 12, 12]);
    expect([outcome.seen[12], outcome.seen[13], outcome.seen[14]]).toEqual([IN_PROMPT + 9, 7, 0]);
  });

  it("puts token i in slot i mod ring length", async () => {
    const small = await createSampler(gpu.device, { vocabulary: VOCABULARY, ringLength: 4 });
    const operands = makeOperands({ vocabulary: VOCABULARY, seed: 9 });
    const settings = { ...NEUTRAL, temperature: 2, seed: 77 };
    const long = await run({ operands, settings, draws: 6 });
    const tokens = { ringLength: 4, operands, settings, position: 0, draws: 6 };
    const { ring } = await guarded(gpu, "sample", () => runSampler(gpu.device, small, tokens));
    const order = [...long.ring.slice(0, 6)];
    expect([...ring]).toEqual([order[4], order[5], order[2], order[3]]);
    expect(new Set(order).size).toBeGreaterThan(3);
  });

  it("leaves the logits as they are, to the bit, where nothing adjusts them", async () => {
    const operands = makeOperands({ vocabulary: VOCABULARY, seed: 3 });
    operands.logits.set([-0, 1e-42, -Infinity, -1e-42]);
    operands.bias.fill(5);
    const settings = { ...NEUTRAL, topK: 40, topP: 0.9, minP: 0.01 };
    const { logits } = await run({ operands, settings, draws: 3 });
    expect(bitsOf(logits)).toEqual(bitsOf(operands.logits));
  });
});

describe("what is no number", () => {
  it.each([
    { name: "NaN", bad: { 800: NaN } },
    { name: "+∞", bad: { 800: Infinity } },
    { name: "all -∞", bad: Object.fromEntries(Array.from({ length: VOCABULARY }, (_, id) => [id, -Infinity])) },
  ])("says so in the ring, and keeps the next kernels in bounds: $name", async ({ bad }) => {
    const operands = operandsOf(bad);
    for (const settings of [NEUTRAL, { ...NEUTRAL, temperature: 0 }, { ...NEUTRAL, topK: 20, topP: 0.8 }]) {
      const { ring, state, seen } = await run({ operands, settings, position: 5 });
      expect(ring[0]).toBe(NO_TOKEN);
      expect([...state]).toEqual([0, 6, 1, 0]);
      expect(seen).toEqual(operands.seen);
    }
  });

  it("sees a NaN whose sign is set, and one that a bias makes", async () => {
    const operands = operandsOf({});
    bitsOf(operands.logits)[1002] = 0xffc00001;
    expect((await run({ operands })).ring[0]).toBe(NO_TOKEN);
    const made = operandsOf({ 3: 3e38 });
    made.bias[3] = 3e38;
    expect((await run({ operands: made, settings: { ...NEUTRAL, usesBias: true } })).ring[0]).toBe(NO_TOKEN);
  });

  it("takes -∞ for a token that cannot be", async () => {
    const { ring } = await run({ operands: operandsOf({ 3: 1, 4: 1 }, -Infinity), draws: 50 });
    expect(new Set(ring.slice(0, 50))).toEqual(new Set([3, 4]));
  });
});

describe("bias and penalties", () => {
  const operands = makeOperands({ vocabulary: VOCABULARY, seed: 11 });

  it.each([
    { name: "bias", settings: { ...NEUTRAL, usesBias: true } },
    { name: "repetition", settings: { ...NEUTRAL, repetitionPenalty: 1.3 } },
    { name: "repetition that rewards", settings: { ...NEUTRAL, repetitionPenalty: 0.8 } },
    { name: "frequency", settings: { ...NEUTRAL, frequencyPenalty: 0.7 } },
    { name: "presence", settings: { ...NEUTRAL, presencePenalty: -1.5 } },
    {
      name: "all",
      settings: {
        ...NEUTRAL,
        usesBias: true,
        repetitionPenalty: 1.1,
        frequencyPenalty: 0.3,
        presencePenalty: 0.4,
        temperature: 0,
      },
    },
  ])("adjusts as the reference does: $name", async ({ settings }) => {
    const { logits } = await run({ operands, settings });
    const expected = adjustedLogits(operands, settings);
    let changed = 0;
    for (const [id, want] of expected.logits.entries()) {
      const bound = 1e-6 + 1e-6 * (expected.termSum[id] ?? NaN);
      if (!(Math.abs((logits[id] ?? NaN) - want) <= bound))
        throw new Error(`Token ${id} has ${logits[id]}, not ${want}.`);
      if (logits[id] !== operands.logits[id]) changed++;
    }
    expect(changed).toBeGreaterThan(10);
  });

  it("forces with +100 and bans with -100", async () => {
    const biased = makeOperands({ vocabulary: VOCABULARY, seed: 12 });
    biased.bias.fill(0);
    biased.bias[640] = 100;
    const settings = { ...NEUTRAL, usesBias: true };
    expect((await run({ operands: biased, settings })).ring[0]).toBe(640);
    const banned = operandsOf({ 8: 9, 9: 2, 10: 1 }, -60);
    banned.bias[8] = -100;
    const { ring } = await run({ operands: banned, settings });
    expect([9, 10]).toContain(ring[0]);
  });
});

describe("the draw", () => {
  it("is the same for the same inputs, another for another seed or position", async () => {
    const operands = makeOperands({ vocabulary: VOCABULARY, seed: 21 });
    const draw = async (seed: number, position: number) => [
      ...(await run({ operands, settings: { ...NEUTRAL, temperature: 1.5, seed }, position, draws: 64 })).ring.slice(
        0,
        64,
      ),
    ];
    const [one, again, seed, later] = [await draw(1, 0), await draw(1, 0), await draw(2, 0), await draw(1, 10)];
    expect(again).toEqual(one);
    expect(seed).not.toEqual(one);
    expect(later.slice(0, 54)).toEqual(one.slice(10));
  });

  const ways = [
    { name: "temperature alone", settings: { ...NEUTRAL, temperature: 1.2, seed: 31 } },
    { name: "all filters, on lists", settings: { ...NEUTRAL, temperature: 0.7, topK: 20, topP: 0.8, seed: 32 } },
    { name: "a nucleus too wide for a list", settings: { ...NEUTRAL, temperature: 4, topP: 0.97, seed: 33 } },
    { name: "min-p", settings: { ...NEUTRAL, minP: 0.02, seed: 0xfffffff0 } },
  ];
  // With all filters, and with none that makes a list; all four in test:full.
  it.each(inject("isFull") ? ways : ways.slice(1, 3))(
    "follows the probabilities, token by token and by chi-square: $name",
    { timeout: 120_000 },
    async ({ settings }) => {
      const operands = makeOperands({ vocabulary: VOCABULARY, seed: 22 });
      const { ring } = await run({ operands, settings, draws: RING });
      const tokens = kept(operands.logits, settings);
      expect(tokens.doubtful).toBe(0);
      let foretold = 0;
      for (const [position, token] of ring.entries()) {
        const drawn = drawToken(tokens, settings.seed, position);
        if (drawn.margin <= tokens.slack) continue;
        foretold++;
        expect(token, `at ${position}`).toBe(drawn.token);
      }
      expect(foretold).toBeGreaterThan(RING * 0.95);
      const { statistic, freedom } = chiSquare(ring, tokens);
      // Mean freedom, variance twice that. The draws are the same every time, so this either holds or does not.
      expect(Math.abs(statistic - freedom)).toBeLessThan(3.5 * Math.sqrt(2 * freedom));
    },
  );

  it("follows the penalties as they grow with every token", async () => {
    const operands = makeOperands({ vocabulary: VOCABULARY, seed: 23 });
    const settings = { ...NEUTRAL, temperature: 0, presencePenalty: 2 };
    const { ring } = await run({ operands, settings, draws: 5 });
    let at = operands;
    for (let i = 0; i < 5; i++) {
      const { logits } = adjustedLogits(at, settings);
      const token = kept(Float32Array.from(logits), settings).ids[0] ?? NaN;
      expect(ring[i]).toBe(token);
      const seen = at.seen.slice();
      seen[token] = (seen[token] ?? NaN) + 1;
      at = { ...at, logits: Float32Array.from(logits), seen };
    }
  });
});

/** Tokens expected fewer than five times are counted as one. */
function chiSquare(drawn: Uint32Array, { ids, probabilities }: Kept): { statistic: number; freedom: number } {
  const counts = new Map<number, number>();
  for (const token of drawn) counts.set(token, (counts.get(token) ?? 0) + 1);
  const cells = [{ expected: 0, seen: 0 }];
  for (const [i, id] of ids.entries()) {
    const cell = { expected: (probabilities[i] ?? NaN) * drawn.length, seen: counts.get(id) ?? 0 };
    const rest = cells[0];
    if (rest === undefined || cell.expected >= 5) cells.push(cell);
    else cells[0] = { expected: rest.expected + cell.expected, seen: rest.seen + cell.seen };
  }
  const used = cells.filter(({ expected }) => expected > 0);
  // Whatever was drawn that cannot be is seen here: the cells must hold every draw.
  expect(used.reduce((sum, { seen }) => sum + seen, 0)).toBe(drawn.length);
  const statistic = used.reduce((sum, { expected, seen }) => sum + (seen - expected) ** 2 / expected, 0);
  return { statistic, freedom: used.length - 1 };
}
