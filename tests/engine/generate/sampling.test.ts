import { describe, expect, it } from "vitest";
import { completeSampling, samplingDefaults } from "../../../src/engine/wgsl/generate/sampling";
import { refused } from "../../helpers/refused";

const plain = samplingDefaults({});

describe("a model's defaults", () => {
  it("are Ingle's where its files say nothing", () => {
    expect(plain).toEqual({
      temperature: 0.7,
      topK: 40,
      topP: 0.95,
      minP: 0.05,
      repetitionPenalty: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
    });
  });

  it("are its own with the other filters off, where they say something", () => {
    expect(samplingDefaults({ temperature: 0.6, topP: 0.9 })).toEqual({
      temperature: 0.6,
      topK: 0,
      topP: 0.9,
      minP: 0,
      repetitionPenalty: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
    });
  });
});

describe("a request's sampling", () => {
  it("is what it says, then the defaults", () => {
    expect(completeSampling({ temperature: 0, seed: 7 }, plain)).toEqual({ ...plain, temperature: 0, seed: 7 });
  });

  it("takes what is undefined as left out", () => {
    const asked = { temperature: undefined, seed: undefined } as unknown as Parameters<typeof completeSampling>[0];
    expect(completeSampling(asked, plain)).toMatchObject({ temperature: 0.7, seed: expect.any(Number) as number });
  });

  it("has a seed of its own each time, of 32 bits", () => {
    const seeds = Array.from({ length: 50 }, () => completeSampling({}, plain).seed);
    expect(new Set(seeds).size).toBeGreaterThan(45);
    for (const seed of seeds) expect(seed >>> 0).toBe(seed);
  });

  it.each([
    ["temperature", 0, 100],
    ["topK", 0, 2 ** 31],
    ["topP", 0, 1],
    ["minP", 0, 1],
    ["repetitionPenalty", 0.01, 100],
    ["frequencyPenalty", -100, 100],
    ["presencePenalty", -100, 100],
    ["seed", 0, 2 ** 32 - 1],
  ] as const)("%s can be from %d to %d, and nothing else", (name, least, most) => {
    for (const value of [least, most]) expect(completeSampling({ [name]: value }, plain)[name]).toBe(value);
    const step = name === "topK" || name === "seed" ? 1 : 1e-6;
    for (const value of [least - step, most + step, NaN, Infinity, "1", null]) {
      expect(() => completeSampling({ [name]: value }, plain), String(value)).toThrow(
        expect.objectContaining(refused("request-invalid", new RegExp(`^${name} is .* from ${least} to ${most}`))),
      );
    }
  });

  it.each(["topK", "seed"] as const)("%s is a whole number", (name) => {
    expect(() => completeSampling({ [name]: 1.5 }, plain)).toThrow(`${name} is 1.5; it can be a whole number from 0`);
  });
});
