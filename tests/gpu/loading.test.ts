/** Loading that fails when memory has been allocated already, and what is left of it then. */
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../src/engine/wgsl/formats/byte-source";
import { readGguf } from "../../src/engine/wgsl/formats/gguf";
import { openGpu, type Gpu } from "../../src/engine/wgsl/gpu/gpu";
import { PLAIN_CHOICE, type KernelChoice } from "../../src/engine/wgsl/model/choice";
import { loadModel } from "../../src/engine/wgsl/model/loaded-model";
import { WgslEngine } from "../../src/engine/wgsl/engine";
import { IngleError } from "../../src/shared/errors";
import { countGpuCalls } from "./helpers/counting";
import { never, starterUrl, syntheticSource } from "./helpers/models";
import { reply } from "./helpers/sessions";

const SUBGROUPS: KernelChoice = { ...PLAIN_CHOICE, decode: { kind: "subgroup", workgroup: 128 } };

/** A device on which nothing with subgroups compiles, whatever the adapter offers. */
async function openGpuWithoutSubgroups(): Promise<Gpu> {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter?.requestDevice();
  if (!device) throw new Error("No adapter.");
  const lost = device.lost.then(({ message }) => new IngleError("device-lost", message));
  return { device, hasF16: false, hasSubgroups: false, adapterName: "plain", lost };
}

/** The tiny model's file, with something that happens when so much of its weights has been read. */
function interrupted(then: () => void): ByteSource {
  const whole = syntheticSource("tiny-llama", { mix: "q4_0" });
  return {
    ...whole,
    async *stream(from, to, signal) {
      const isOfWeights = from > 0 && to - from > whole.size / 4;
      let left = isOfWeights ? (to - from) / 2 : Infinity;
      for await (const chunk of whole.stream(from, to, signal)) {
        yield chunk;
        left -= chunk.length;
        if (left <= 0) then();
      }
    },
  };
}

async function loadCounted(gpu: Gpu, source: ByteSource, choice = PLAIN_CHOICE, signal = never) {
  const file = await readGguf([source], never);
  const counted = countGpuCalls();
  try {
    const outcome = await loadModel(gpu, file, { kv: "f32", choice, contextLength: 64, signal }).catch(
      (thrown: unknown) => thrown,
    );
    return { outcome, counts: counted.counts };
  } finally {
    counted.stop();
  }
}

describe("loading that fails half way gives all memory back", { timeout: 120_000 }, () => {
  it("when the file breaks off", async () => {
    const gpu = await openGpu(navigator.gpu);
    const source = interrupted(() => {
      throw new IngleError("source-failed", "The cable was pulled.");
    });
    const { outcome, counts } = await loadCounted(gpu, source);
    expect(outcome).toMatchObject({ code: "source-failed", message: "The cable was pulled." });
    expect(counts.buffers).toBeGreaterThan(10);
    expect(counts.destroyed).toBe(counts.buffers);
  });

  it("when it is stopped", async () => {
    const gpu = await openGpu(navigator.gpu);
    const stop = new AbortController();
    const { outcome, counts } = await loadCounted(
      gpu,
      interrupted(() => stop.abort()),
      PLAIN_CHOICE,
      stop.signal,
    );
    expect(outcome).toMatchObject({ code: "aborted" });
    expect(counts.buffers).toBeGreaterThan(10);
    expect(counts.destroyed).toBe(counts.buffers);
  });

  it("when a kernel does not compile", async () => {
    const gpu = await openGpuWithoutSubgroups();
    const { outcome, counts } = await loadCounted(gpu, syntheticSource("tiny-llama", { mix: "q4_0" }), SUBGROUPS);
    expect(outcome).toMatchObject({ code: "gpu-validation" });
    expect((outcome as IngleError).message).toContain("does not compile");
    expect(counts.buffers).toBeGreaterThan(10);
    expect(counts.destroyed).toBe(counts.buffers);
  });

  it("when the device is lost", async () => {
    const gpu = await openGpu(navigator.gpu);
    const { outcome, counts } = await loadCounted(
      gpu,
      interrupted(() => gpu.device.destroy()),
    );
    expect(outcome).toMatchObject({ code: "device-lost" });
    expect(counts.buffers).toBeGreaterThan(10);
    expect(counts.destroyed).toBe(counts.buffers);
  });
});

it("a remembered choice that does not compile any more gives way to the plain one", { timeout: 120_000 }, async () => {
  const engine = new WgslEngine({
    openGpu: openGpuWithoutSubgroups,
    memory: { get: () => Promise.resolve(SUBGROUPS), set: () => Promise.resolve() },
    page: new URL(location.href),
    openStored: () => Promise.reject(new Error("Nothing is stored here.")),
  });
  const session = await engine.load({ kind: "url", url: starterUrl }, { contextLength: 64, signal: never });
  const { text } = await reply(session, {
    input: { messages: [{ role: "user", content: "What is the capital of France?" }] },
    sampling: { temperature: 0 },
    maxTokens: 12,
  });
  expect(text).toContain("Paris");
  session.dispose();
});
