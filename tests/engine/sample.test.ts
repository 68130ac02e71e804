import { describe, expect, it } from "vitest";
import {
  FORBIDDEN,
  isGreedy,
  packSamplingParams,
  samplerSource,
  SAMPLING_FLAGS,
  SAMPLING_PARAMS_BYTES,
  type SamplingSettings,
} from "../../src/engine/wgsl/kernels/sample/sample";

const OFF: SamplingSettings = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  seed: 0,
  usesBias: false,
  usesMask: false,
};

function words(settings: SamplingSettings) {
  const packed = packSamplingParams(settings);
  return { floats: [...new Float32Array(packed, 0, 6)], integers: [...new Uint32Array(packed, 24, 4)] };
}

/** Members of a WGSL struct, in order, each of 4 bytes. */
function structOf(source: string, name: string): string[] {
  const body = new RegExp(`struct ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  return [...body.matchAll(/^\s*(\w+: (?:u32|f32)),/gm)].map((match) => match[1] ?? "");
}

describe("packSamplingParams", () => {
  it("fills the kernel's struct in its order", () => {
    const source = samplerSource({ vocabulary: 8, ringLength: 4 }).join("\n");
    const members = structOf(source, "SamplingParams");
    expect(members).toEqual([
      "inverse_temperature: f32",
      "reach: f32",
      "min_p_reach: f32",
      "repetition: f32",
      "frequency: f32",
      "presence: f32",
      "top_k: u32",
      "top_p: u32",
      "seed: u32",
      "flags: u32",
    ]);
    expect(members.length * 4).toBeLessThanOrEqual(SAMPLING_PARAMS_BYTES);
    const { floats, integers } = words({
      ...OFF,
      temperature: 0.5,
      topK: 20,
      topP: 0.75,
      minP: Math.exp(-2),
      repetitionPenalty: 1.25,
      frequencyPenalty: -0.5,
      presencePenalty: 2,
      seed: 7,
      usesBias: true,
      usesMask: true,
    });
    expect(floats).toEqual([2, 15.5, 1, 1.25, -0.5, 2]);
    expect(integers).toEqual([20, 0.75 * 2 ** 32, 7, 2 + 4 + 8 + 16 + 32]);
  });

  it("names the flags as the kernel does", () => {
    const source = samplerSource({ vocabulary: 8, ringLength: 4 }).join("\n");
    const flags = [...source.matchAll(/const USES_(\w+) = (\d+)u;/g)].map((match) => Number(match[2]));
    expect(flags).toEqual(Object.values(SAMPLING_FLAGS));
  });

  it("puts what is forbidden as far away as the kernel does", () => {
    const source = samplerSource({ vocabulary: 8, ringLength: 4 }).join("\n");
    expect(Number(/const FORBIDDEN = ([^;]+);/.exec(source)?.[1])).toBe(FORBIDDEN);
  });

  it("raises no flag where nothing is asked for", () => {
    expect(words(OFF)).toEqual({ floats: [1, 31, 31, 1, 0, 0], integers: [0, 0xffffffff, 0, 0] });
  });

  it.each([
    ["temperature 0", { temperature: 0 }],
    ["a temperature nothing should be divided by", { temperature: 1e-7 }],
    ["top-k 1", { topK: 1 }],
  ])("is greedy at %s, and divides by nothing", (_, some) => {
    const settings = { ...OFF, ...some };
    expect(isGreedy(settings)).toBe(true);
    expect(words(settings).floats.every(Number.isFinite)).toBe(true);
    expect((words(settings).integers[3] ?? 0) & SAMPLING_FLAGS.greedy).toBe(SAMPLING_FLAGS.greedy);
  });

  it("keeps a share of the mass within 32 bits, and min-p within the kernel's reach", () => {
    expect(words({ ...OFF, topP: 1 - 1e-12 }).integers[1]).toBe(0xffffffff);
    expect(words({ ...OFF, topP: -1 }).integers[1]).toBe(0);
    expect(words({ ...OFF, minP: 1e-30 }).floats[2]).toBe(31);
    expect(words({ ...OFF, minP: 1 }).floats[2]).toBe(0);
    expect(words({ ...OFF, minP: 3 }).floats[2]).toBe(0);
  });

  it("takes the low 32 bits of a seed", () => {
    expect(words({ ...OFF, seed: 2 ** 32 + 5 }).integers[2]).toBe(5);
    expect(words({ ...OFF, seed: -1 }).integers[2]).toBe(0xffffffff);
  });
});

it("refuses a vocabulary whose masses do not sum in 64 bits", () => {
  expect(() => samplerSource({ vocabulary: 262_145, ringLength: 4 })).toThrow("262145");
  expect(samplerSource({ vocabulary: 262_144, ringLength: 4 }).length).toBe(6);
});
