/** Which tokens the sampler may draw, against the reference: hundreds of seeded cases on vocabularies of real models. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guarded, openGpu, readBack, storageBuffer, submit, type Gpu } from "../../src/engine/wgsl/gpu/gpu";
import { seededRandom } from "../../src/engine/wgsl/kernels/random";
import {
  packSamplingParams,
  samplerSource,
  SAMPLING_LIST_BYTES,
  SAMPLING_PARAMS_BYTES,
  type SamplingSettings,
} from "../../src/engine/wgsl/kernels/sample/sample";
import { makeOperands, NEUTRAL, stateAt } from "../../src/engine/wgsl/kernels/sample/sample.check";
import { drawToken, keptTokens, type Kept } from "../../src/engine/wgsl/kernels/sample/sample.ref";

/** The kernel with another end: it tells the token and the least logit it might have drawn. */
const REPORT = `
@group(0) @binding(8) var<storage, read_write> reported: array<u32>; // [2]
@compute @workgroup_size(THREADS)
fn report(@builtin(local_invocation_index) thread: u32) {
  let chosen = choose(thread);
  if (thread == 0u) {
    reported[0] = chosen.token;
    reported[1] = chosen.threshold;
  }
}`;

type Distribution = (random: () => number, vocabulary: number, seed: number) => Float32Array;

const spread = (map: (random: number, id: number) => number): Distribution => {
  return (random, vocabulary) => Float32Array.from({ length: vocabulary }, (_, id) => map(random(), id));
};

const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  "as a language model's": (_, vocabulary, seed) => makeOperands({ vocabulary, seed }).logits,
  flat: spread((random) => random * 0.01),
  "flat, far from zero": spread((random) => 700 + random),
  wide: spread((random) => (random - 0.5) * 2e4),
  peaked: spread((random, id) => (id % 997 === 5 ? 25 + random : random)),
  "of few values": spread((random) => Math.floor(random * 12) / 2),
  "all the same": spread(() => -3.25),
  "around zero, of both signs": spread((random) => (random - 0.5) * 10 ** -Math.floor((random * 1e6) % 42)),
  "mostly banned": spread((random, id) => (id % 50 === 3 ? random * 8 : -Infinity)),
  "one stands out": spread((random, id) => (id === 77 ? 30 : random * 4)),
};

const pick = <T>(random: () => number, from: readonly [T, ...T[]]): T =>
  from[Math.floor(random() * from.length)] ?? from[0];

function settingsFor(random: () => number, seed: number): SamplingSettings {
  return {
    ...NEUTRAL,
    seed,
    temperature: pick(random, [0.01, 0.1, 0.7, 1, 1, 1.5, 5]),
    topK: pick(random, [0, 0, 0, 1, 2, 20, 50, 250, 256, 500, 700, 5000, 40_000, 10 ** 6]),
    topP: pick(random, [1, 1, 1, 0, 1e-6, 0.1, 0.5, 0.8, 0.95, 0.999]),
    minP: pick(random, [0, 0, 0, 0, 1e-4, 0.05, 0.5, 1]),
  };
}

type Reporter = (logits: Float32Array, settings: SamplingSettings) => Promise<{ token: number; threshold: number }>;

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu(navigator.gpu);
});
afterAll(() => gpu.device.destroy());

async function makeReporter(vocabulary: number): Promise<Reporter> {
  const { device } = gpu;
  const code = [...samplerSource({ vocabulary, ringLength: 1 }), REPORT].join("\n");
  const module = device.createShaderModule({ code });
  const compute = { module, entryPoint: "report" };
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute });
  const logits = storageBuffer(device, "logits", vocabulary * 4);
  const params = device.createBuffer({
    size: SAMPLING_PARAMS_BYTES,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const reported = storageBuffer(device, "reported", 8);
  const buffers = new Map([
    [0, logits],
    [1, storageBuffer(device, "seen", vocabulary * 4)],
    [2, storageBuffer(device, "bias", 4)],
    [3, storageBuffer(device, "state", stateAt(0))],
    [5, params],
    [6, storageBuffer(device, "list", SAMPLING_LIST_BYTES)],
    [7, storageBuffer(device, "mask", 4)],
    [8, reported],
  ]);
  const entries = [...buffers].map(([binding, buffer]) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return (values, settings) =>
    guarded(gpu, "sample", async () => {
      device.queue.writeBuffer(logits, 0, values);
      device.queue.writeBuffer(params, 0, packSamplingParams(settings));
      submit(device, (pass) => {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(1);
      });
      const words = new Uint32Array(await readBack(device, reported));
      return { token: words[0] ?? NaN, threshold: floatOfKey(words[1] ?? NaN) };
    });
}

function floatOfKey(key: number): number {
  const bits = Uint32Array.of(key >= 0x80000000 ? key - 0x80000000 : ~key);
  return new Float32Array(bits.buffer)[0] ?? NaN;
}

function keptOf(logits: Float32Array, settings: SamplingSettings): Kept {
  const kept = keptTokens(logits, settings);
  if (kept === undefined) throw new Error("The reference keeps no token.");
  return kept;
}

describe.each([
  { vocabulary: 1003, cases: 160 },
  { vocabulary: 49_152, cases: 70 },
  { vocabulary: 151_936, cases: 40 },
])("of $vocabulary tokens", ({ vocabulary, cases }) => {
  it("keeps what the reference keeps, and draws what it draws", { timeout: 240_000 }, async () => {
    const report = await makeReporter(vocabulary);
    const random = seededRandom(vocabulary);
    const names = Object.keys(DISTRIBUTIONS);
    let [exact, foretold, widest] = [0, 0, 0];
    for (let i = 0; i < cases; i++) {
      const name = names[i % names.length] ?? "";
      const settings = settingsFor(random, i);
      const logits = DISTRIBUTIONS[name]?.(random, vocabulary, i) ?? new Float32Array();
      const { token, threshold } = await report(logits, settings);
      const kept = keptOf(logits, settings);
      const what = `case ${i}, ${name}, ${JSON.stringify(settings)}`;
      expect(threshold, what).not.toBeNaN();
      // No logit lies in between, but those in doubt.
      const misplaced = logits.filter(
        (logit) => (logit >= kept.certain && logit < threshold) || (logit < kept.possible && logit >= threshold),
      );
      expect(misplaced.length, what).toBe(0);
      expect(logits[token], what).toBeGreaterThanOrEqual(kept.possible);
      if (kept.doubtful > 0) continue;
      exact++;
      widest = Math.max(widest, kept.ids.length);
      const drawn = drawToken(kept, settings.seed, 0);
      if (drawn.margin <= kept.slack) continue;
      foretold++;
      expect(token, what).toBe(drawn.token);
    }
    // Doubt is the exception, and not every set is small.
    expect(exact).toBeGreaterThan(cases * 0.85);
    expect(foretold).toBeGreaterThan(cases * 0.6);
    expect(widest).toBeGreaterThan(vocabulary / 4);
    console.log(JSON.stringify({ vocabulary, cases, exact, foretold, widest }));
  });
});
