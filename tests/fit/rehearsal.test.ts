/** What a rehearsal asks for, and which model is taken after it. */
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../src/catalogue/catalogue";
import { learn, rehearsed, stated, UNKNOWN_BUDGET, type MemoryBudget } from "../../src/fit/budget";
import { deviceOf } from "../../src/fit/device";
import { fit, judgeModel, type ModelVerdict } from "../../src/fit/fit";
import { buffersOf, type Rehearsal } from "../../src/fit/rehearsal";
import { rehearseDown } from "../../src/fit/rehearse-down";
import { DEFAULT_SETTINGS } from "../../src/fit/verdict";
import { GiB } from "../../src/shared/units";
import { makeReport } from "../fixtures/make-report";

const device = deviceOf(makeReport());
const { verdicts } = fit(device, stated(64 * GiB), CATALOGUE, DEFAULT_SETTINGS);

function verdictOf(id: string): ModelVerdict {
  const found = verdicts.find(({ model }) => model.id === id);
  if (found === undefined) throw new Error(`The catalogue has no ${id}.`);
  return found;
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

it("asks for what the model needs and no more", () => {
  for (const { model, all } of verdicts) {
    for (const verdict of all) {
      const total = sum(buffersOf(model, verdict));
      expect(Math.abs(total - verdict.bytes.total)).toBeLessThan(1000); // bytes are rounded up
    }
  }
});

/** A GPU that has so much, and gives no more. */
const gpuOf =
  (bytes: number) =>
  (sizes: readonly number[]): Promise<Rehearsal> => {
    const wanted = sum(sizes);
    if (wanted <= bytes)
      return Promise.resolve({ outcome: "passed", bytes: wanted, bandwidth: { alone: 1, together: 1 } });
    return Promise.resolve({ outcome: "failed", bytes, bandwidth: undefined, reason: "The GPU gave no more." });
  };

describe("stepping down", () => {
  const parts = (rehearse: ReturnType<typeof gpuOf>, replacedBytes = 0) => ({
    device,
    catalogue: CATALOGUE,
    settings: DEFAULT_SETTINGS,
    rehearse,
    replacedBytes,
  });

  it("takes what is wanted where there is room", async () => {
    const wanted = verdictOf("Qwen2.5-3B-Instruct");
    const { verdict, given, budget } = await rehearseDown(wanted, parts(gpuOf(16 * GiB)));
    expect(verdict).toBe(wanted);
    expect(given).toEqual([]);
    // Proved, and enough for the model: nothing is kept back of it.
    expect(fit(device, budget, [wanted.model], DEFAULT_SETTINGS).verdicts[0]?.best.state).toBe("fits");
  });

  it("goes on to the next that fits what was there, and says why", async () => {
    const { verdict, given } = await rehearseDown(verdictOf("Llama-3.1-8B-Instruct"), parts(gpuOf(2 * GiB)));
    expect(verdict?.model.parameters).toBeLessThan(3e9);
    expect(verdict?.model.isGeneral).toBe(true);
    expect(given).toEqual([{ id: "Llama-3.1-8B-Instruct", reason: "The GPU gave no more." }]);
  });

  it("keeps the limit that it met, and what passed below it", async () => {
    const wanted = verdictOf("Llama-3.1-8B-Instruct");
    const { verdict, budget } = await rehearseDown(wanted, parts(gpuOf(2 * GiB)));
    if (verdict === undefined) throw new Error("Nothing fits 2 GiB.");
    const proven = sum(buffersOf(verdict.model, verdict.best));
    expect(budget).toEqual({ bytes: 2 * GiB, source: "rehearsed", isLimit: true, proven });
    expect(judgeModel(wanted.model, device, budget, DEFAULT_SETTINGS).best.state).toBe("does-not-fit");
    expect(judgeModel(verdict.model, device, budget, DEFAULT_SETTINGS).best.state).toBe("fits");
  });

  it("counts the memory of the model that would be replaced, but tries nothing that there is no room for beside it", async () => {
    const tried: number[] = [];
    const gpu = gpuOf(2 * GiB);
    const rehearse = (sizes: readonly number[]) => {
      tried.push(sum(sizes));
      return gpu(sizes);
    };
    const { budget } = await rehearseDown(verdictOf("Llama-3.1-8B-Instruct"), parts(rehearse, 3 * GiB));
    expect(budget).toMatchObject({ bytes: 5 * GiB, isLimit: true });
    expect(tried).toHaveLength(2);
    // What passes shows how much there is beside it, and says nothing of a limit.
    const { budget: passed } = await rehearseDown(verdictOf("Qwen2.5-0.5B-Instruct"), parts(gpu, 3 * GiB));
    expect(passed).toEqual(rehearsed(passed.bytes ?? NaN));
    expect(passed.bytes).toBeLessThan(2 * GiB);
  });

  it("ends where there is room for none, and where nothing is known of how much there was", async () => {
    const { verdict, given } = await rehearseDown(verdictOf("Llama-3.1-8B-Instruct"), parts(gpuOf(0)));
    expect(verdict).toBeUndefined();
    expect(given.length).toBeGreaterThan(2);
    expect(new Set(given.map(({ id }) => id)).size).toBe(given.length);
    expect(UNKNOWN_BUDGET.bytes).toBeUndefined();
  });
});

describe("what several rehearsals tell together", () => {
  const limit = (bytes: number, proven?: number): MemoryBudget => ({
    bytes,
    source: "rehearsed",
    isLimit: true,
    ...(proven !== undefined && { proven }),
  });

  it.each<[string, MemoryBudget | undefined, MemoryBudget, MemoryBudget]>([
    ["the first", undefined, limit(4), limit(4)],
    ["the larger of what passed", rehearsed(6), rehearsed(2), rehearsed(6)],
    ["what passed below a limit", limit(4), rehearsed(2), limit(4, 2)],
    ["a limit above what passed", rehearsed(2), limit(4), limit(4, 2)],
    ["the smaller limit", limit(4, 1), limit(3), limit(3, 1)],
    ["no limit below what once passed", rehearsed(6), limit(2), limit(6, 6)],
    ["no limit that something passed beyond", limit(4, 2), rehearsed(5), rehearsed(5)],
    ["the later limit, where what passed lies beyond the earlier", limit(4), limit(7, 5), limit(7, 5)],
  ])("is %s", (_, before, now, together) => {
    expect(learn(before, now)).toEqual(together);
  });
});

describe("what only a rehearsal found to be too large", () => {
  const { model } = verdictOf("Llama-3.1-8B-Instruct");
  const judge = (budget: MemoryBudget, on = device) => judgeModel(model, on, budget, DEFAULT_SETTINGS).best;

  it("can be tried again, and nothing else that does not fit", () => {
    const failed: MemoryBudget = { bytes: 2 * GiB, source: "rehearsed", isLimit: true };
    expect(judge(failed)).toMatchObject({ state: "does-not-fit", canRetry: true });
    expect(judge(stated(2 * GiB))).toMatchObject({ state: "does-not-fit", canRetry: false });
    expect(judge(failed, { ...device, diskLeft: 0 })).toMatchObject({ state: "does-not-fit", canRetry: false });
    expect(judge(rehearsed(16 * GiB))).toMatchObject({ state: "fits", canRetry: false });
  });

  it("or what failed on the only engine that runs it", () => {
    const { model } = verdictOf("Llama-3.1-70B-Instruct");
    const large = {
      ...device,
      diskLeft: undefined,
      limits: { ...device.limits, maxBufferSize: 2 * GiB, maxStorageBufferBindingSize: 2 * GiB },
    };
    const after = (rate: number | undefined, memory: number, on = large) => {
      const settings = { ...DEFAULT_SETTINGS, measuredSpeed: () => rate };
      return judgeModel(model, on, stated(memory * GiB), settings).all.find(
        ({ build }) => build.quantization === "q3f16_1",
      );
    };
    expect(after(undefined, 64)).toMatchObject({ state: "fits", canRetry: false });
    expect(after(0, 64)).toMatchObject({ engine: "webllm", state: "does-not-fit", canRetry: true });
    expect(after(0, 8)).toMatchObject({ state: "does-not-fit", canRetry: false });
    expect(after(0, 64, { ...large, hasF16: false })).toMatchObject({ state: "does-not-fit", canRetry: false });
  });
});
