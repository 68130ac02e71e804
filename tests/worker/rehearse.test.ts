/** What a rehearsal takes for paging and what not, on GPUs whose every cost is known. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { stated } from "../../src/fit/budget";
import { deviceOf } from "../../src/fit/device";
import { fit } from "../../src/fit/fit";
import { buffersOf, type RehearsalProgress } from "../../src/fit/rehearsal";
import { DEFAULT_SETTINGS } from "../../src/fit/verdict";
import { GiB, MiB } from "../../src/shared/units";
import { rehearse } from "../../src/worker/rehearse/rehearse";
import { makeReport } from "../fixtures/make-report";
import { SimulatedGpu, type SimulatedCosts } from "../fixtures/simulated-gpu";

const signal = new AbortController().signal;
const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

/** A card of 1 TB/s behind a PCIe of 16 GB/s, that plenty fits on. */
const FAST: SimulatedCosts = {
  bandwidth: 1e12,
  cacheBytes: 50 * MiB,
  cacheBandwidth: 4e12,
  perDispatch: 0.005,
  perWait: 0.3,
  memoryBytes: 100 * GiB,
  pagingBandwidth: 16e9,
};

const { verdicts } = fit(deviceOf(makeReport()), stated(100 * GiB), CATALOGUE, DEFAULT_SETTINGS);
const MODELS = verdicts.map(({ model, best }) => ({ id: model.id, sizes: buffersOf(model, best) }));
/** The starter's, about. */
const STARTER = [30, ...Array.from({ length: 30 }, () => 8), 10].map((size) => size * MiB);

beforeEach(() => {
  vi.stubGlobal("navigator", { locks: { request: (_: string, __: object, work: () => unknown) => work() } });
  vi.stubGlobal("GPUBufferUsage", { STORAGE: 1, COPY_DST: 2, COPY_SRC: 4 });
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

async function rehearseOn(
  costs: Partial<SimulatedCosts>,
  sizes: readonly number[],
  onProgress?: (gpu: SimulatedGpu, progress: RehearsalProgress) => void,
) {
  const gpu = new SimulatedGpu({ ...FAST, ...costs });
  vi.spyOn(performance, "now").mockImplementation(() => gpu.now);
  const rehearsal = await rehearse(gpu.api, sizes, { signal, onProgress: (progress) => onProgress?.(gpu, progress) });
  return { gpu, rehearsal };
}

describe("a GPU that everything fits on", () => {
  it.each([
    ["a fast card", {}],
    ["one that waits cost 2 ms more on", { perWait: 2.3 }],
    ["one with dispatches that cost much", { perDispatch: 0.03, perWait: 0.1 }],
    ["one with a large cache", { cacheBytes: 96 * MiB, perWait: 0.1, bandwidth: 1.8e12, cacheBandwidth: 7e12 }],
    ["an older one with a large cache", { cacheBytes: 128 * MiB, perWait: 0.1, bandwidth: 5e11, cacheBandwidth: 2e12 }],
    ["a phone's", { cacheBytes: 2 * MiB, bandwidth: 3e10, cacheBandwidth: 1e11, perDispatch: 0.1, perWait: 5 }],
  ])("passes with each model: %s", async (_, costs) => {
    for (const { id, sizes } of [...MODELS, { id: "starter", sizes: STARTER }]) {
      const { rehearsal, gpu } = await rehearseOn(costs, sizes);
      expect(rehearsal.outcome, id).toBe("passed");
      expect(gpu.largestSubmit, id).toBeLessThanOrEqual(80 * MiB); // what a watchdog sees at once
    }
  });

  it("passes where something else takes the GPU for a while", async () => {
    let toldOfAll = 0;
    const { rehearsal } = await rehearseOn({}, STARTER, (gpu, { bytesDone, bytesTotal }) => {
      // Told first when the last buffer is filled, then while all is read for the first time.
      if (bytesDone === bytesTotal && ++toldOfAll === 2) gpu.now += 100;
    });
    expect(toldOfAll).toBeGreaterThan(2);
    expect(rehearsal.outcome).toBe("passed");
  });
});

describe("a GPU that pages", () => {
  const large = MODELS.filter(({ sizes }) => sum(sizes) > 512 * MiB);

  it.each([0.3, 2])("fails with each model that it has room for most of, where a wait takes %s ms", async (perWait) => {
    expect(large.length).toBeGreaterThan(5);
    for (const { id, sizes } of large) {
      const { rehearsal } = await rehearseOn({ perWait, memoryBytes: 0.75 * sum(sizes) }, sizes);
      expect(rehearsal, id).toMatchObject({ outcome: "failed", bytes: 0 });
    }
  });

  it("fails with the starter", async () => {
    const { rehearsal } = await rehearseOn({ memoryBytes: 0.75 * sum(STARTER) }, STARTER);
    expect(rehearsal.outcome === "failed" && rehearsal.reason).toMatch(/are read \d+ times as slowly as a part/);
  });

  it("is given up soon, and tells meanwhile that it goes on", async () => {
    const sizes = Array.from({ length: 64 }, () => 128 * MiB);
    const toldAt: number[] = [];
    const costs = { memoryBytes: 6 * GiB, pagingBandwidth: 20e6 };
    const { rehearsal, gpu } = await rehearseOn(costs, sizes, ({ now }) => toldAt.push(now));
    expect(rehearsal.outcome).toBe("failed");
    const silences = toldAt.map((at, i) => at - (toldAt[i - 1] ?? 0));
    expect(Math.max(...silences)).toBeLessThan(120_000);
    // Filled at 20 MB/s once, and a batch of 256 MiB for each try; all of it would be three times 8 GiB.
    const sinceFilled = gpu.now - (toldAt[sizes.length + 2] ?? NaN);
    expect(sinceFilled).toBeLessThan((3 * 1000 * 384 * MiB) / 20e6);
  });
});

describe("its buffers", () => {
  it("are the model's own, whole up to what a binding may be", async () => {
    const sizes = [300 * MiB, 128 * MiB, 100 * MiB + 4, 8];
    const { gpu, rehearsal } = await rehearseOn({}, sizes);
    const MOST = 128 * MiB;
    expect(gpu.bufferSizes).toEqual([16, 44 * MiB, 100 * MiB + 16, MOST, MOST, MOST]);
    expect(rehearsal).toMatchObject({ outcome: "passed", bytes: sum(gpu.bufferSizes) });
  });
});
