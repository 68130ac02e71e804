import { describe, expect, it } from "vitest";
import { IN_PROMPT } from "../../src/engine/wgsl/kernels/sample/sample";
import { CHECKED_SETTINGS, makeOperands, NEUTRAL } from "../../src/engine/wgsl/kernels/sample/sample.check";
import {
  adjustedLogits,
  drawPlace,
  drawToken,
  keptTokens,
  philox2x32,
  randomBits,
} from "../../src/engine/wgsl/kernels/sample/sample.ref";

/** Logits whose probabilities at temperature 1 are these. */
const logitsOf = (...probabilities: number[]) => probabilities.map(Math.log);

const kept = (logits: number[], settings: Partial<typeof NEUTRAL>) => keptTokens(logits, { ...NEUTRAL, ...settings });

describe("randomBits", () => {
  it("is Philox2x32-10, by the known answers in Random123's kat_vectors", () => {
    expect(philox2x32([0, 0], 0)).toEqual([0xff1dae59, 0x6cd10df2]);
    expect(philox2x32([0xffffffff, 0xffffffff], 0xffffffff)).toEqual([0x2c3f628b, 0xab4fd7ad]);
    expect(philox2x32([0x243f6a88, 0x85a308d3], 0x13198a2e)).toEqual([0xdd7ce038, 0xf62a4c12]);
  });

  it("counts positions in the counter's first word", () => {
    expect([0, 1, 2].map((position) => randomBits(0, position))).toEqual([0xff1dae59, 0xdcdce855, 0x049f6998]);
  });

  it("spreads evenly over counters and over seeds", () => {
    for (const draw of [(i: number) => randomBits(5, i), (i: number) => randomBits(i, 5)]) {
      const bins = new Array<number>(64).fill(0);
      for (let i = 0; i < 64_000; i++) bins[draw(i) >>> 26] = (bins[draw(i) >>> 26] ?? 0) + 1;
      const statistic = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
      expect(Math.abs(statistic - 63)).toBeLessThan(3.5 * Math.sqrt(2 * 63));
    }
  });
});

describe("keptTokens by hand", () => {
  const halves = logitsOf(0.5, 0.25, 0.125, 0.125);

  it("keeps all, in the order of the draw, with probabilities that sum to 1", () => {
    const all = kept(halves, {});
    expect(all?.ids).toEqual([0, 1, 2, 3]);
    expect(all?.probabilities.map((each) => Math.round(each * 1000))).toEqual([500, 250, 125, 125]);
    const wide = kept(new Array<number>(600).fill(0), {});
    expect(wide?.ids.slice(0, 4)).toEqual([0, 256, 512, 1]);
  });

  it("keeps the k likeliest, and who ties with the last", () => {
    expect(kept(halves, { topK: 2 })?.ids).toEqual([0, 1]);
    expect(kept(halves, { topK: 3 })?.ids).toEqual([0, 1, 2, 3]);
    expect(kept(halves, { topK: 99 })?.ids).toEqual([0, 1, 2, 3]);
  });

  it("keeps the smallest set that reaches topP, the token that crosses it included", () => {
    expect(kept(halves, { topP: 0.4 })?.ids).toEqual([0]);
    expect(kept(halves, { topP: 0.6 })?.ids).toEqual([0, 1]);
    expect(kept(halves, { topP: 0.76 })?.ids).toEqual([0, 1, 2, 3]);
    expect(kept(halves, { topP: 0 })?.ids).toEqual([0]);
  });

  it("takes topP of what top-k left", () => {
    // Of 0.5 and 0.25, the first has two thirds.
    expect(kept(halves, { topK: 2, topP: 0.66 })?.ids).toEqual([0]);
    expect(kept(halves, { topK: 2, topP: 0.67 })?.ids).toEqual([0, 1]);
  });

  it("takes min-p of the largest, after the temperature", () => {
    expect(kept(halves, { minP: 0.4 })?.ids).toEqual([0, 1]);
    expect(kept(halves, { minP: 0.4, temperature: 2 })?.ids).toEqual([0, 1, 2, 3]);
    expect(kept(halves, { minP: 1 })?.ids).toEqual([0]);
  });

  it("says where f32 may decide otherwise", () => {
    expect(kept(halves, { topP: 0.75 })?.doubtful).toBe(2);
    expect(kept(halves, { topP: 0.7 })?.doubtful).toBe(0);
    expect(kept(halves, { minP: 0.25 })?.doubtful).toBeGreaterThan(0);
  });

  it("takes the lowest of the largest when greedy", () => {
    expect(kept([1, 3, 3], { temperature: 0 })?.ids).toEqual([1]);
    expect(kept([1, 3, 3], { topK: 1 })?.ids).toEqual([1]);
  });

  it("knows what is no number", () => {
    for (const logits of [
      [1, NaN],
      [Infinity, 1],
      [-Infinity, -Infinity],
    ])
      expect(kept(logits, {})).toBeUndefined();
    expect(kept([-Infinity, 1], {})?.ids).toEqual([1]);
  });
});

describe("adjustedLogits by hand", () => {
  const operands = {
    logits: Float32Array.of(2, -2, 2, 2),
    seen: Uint32Array.of(IN_PROMPT, IN_PROMPT + 1, 3, 0),
    bias: Float32Array.of(0, 0, 2, -1),
  };

  it("penalises repetition in prompt and reply, the rest in the reply only, after the bias", () => {
    const settings = { ...NEUTRAL, usesBias: true, repetitionPenalty: 2, frequencyPenalty: 0.5, presencePenalty: 0.25 };
    expect([...adjustedLogits(operands, settings).logits]).toEqual([1, -4.75, 0.25, 1]);
  });

  it("puts what the mask forbids out of reach, before the penalties", () => {
    const settings = { ...NEUTRAL, usesMask: true, repetitionPenalty: 2 };
    const { logits } = adjustedLogits({ ...operands, mask: Uint32Array.of(0b1010) }, settings);
    expect([logits[1], logits[3]]).toEqual([-4, 2]);
    expect(Math.max(logits[0] ?? NaN, logits[2] ?? NaN)).toBeLessThan(-1e29);
    expect(keptTokens(logits, { ...settings, temperature: 100 })?.ids.toSorted()).toEqual([1, 3]);
  });

  it("changes nothing when neutral", () => {
    expect([...adjustedLogits(operands, NEUTRAL).logits]).toEqual([...operands.logits]);
  });
});

describe("the draw", () => {
  it("has every place once, and its own inverse", () => {
    const ids = [0, 1, 255, 256, 1002, 65_535, 65_536, 151_935, 262_143];
    expect(ids.map(drawPlace).map(drawPlace)).toEqual(ids);
    expect(drawPlace(0x3_0201)).toBe(0x01_0203);
  });

  it("takes the token in whose stretch the random number lies", () => {
    const tokens = keptTokens(logitsOf(0.5, 0.25, 0.25), NEUTRAL);
    if (tokens === undefined) throw new Error("no tokens");
    for (let position = 0; position < 200; position++) {
      const random = randomBits(9, position) / 2 ** 32;
      const { token, margin } = drawToken(tokens, 9, position);
      expect(token).toBe(random < 0.5 ? 0 : random < 0.75 ? 1 : 2);
      expect(margin).toBeCloseTo(
        Math.min(...(token === 1 ? [0.5, 0.75] : [token === 0 ? 0.5 : 0.75]).map((at) => Math.abs(random - at))),
        12,
      );
    }
  });
});

describe("what the self-check draws", () => {
  it("can be foretold on any adapter: no draw and no boundary is within ten times what f32 may do", () => {
    for (const settings of CHECKED_SETTINGS) {
      for (let position = 0; position < 6; position++) {
        const operands = makeOperands({ vocabulary: 1003, seed: settings.seed * 100 + position });
        const tokens = keptTokens(adjustedLogits(operands, settings).logits, settings);
        if (tokens === undefined) throw new Error("no tokens");
        expect(tokens.doubtful, `seed ${settings.seed}`).toBe(0);
        const { margin } = drawToken(tokens, settings.seed, position);
        expect(margin, `seed ${settings.seed} at ${position}`).toBeGreaterThan(10 * tokens.slack);
      }
    }
  });
});
