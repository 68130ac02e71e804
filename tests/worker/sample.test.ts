import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { milliseconds } from "../../src/shared/units";
import { mapSpread, sampleRate, throwIfOver, timed, type SamplePlan } from "../../src/worker/measure/sample";

let now: number;
beforeEach(() => {
  now = 5000; // a worker's clock began when the worker did
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => void vi.restoreAllMocks());

const neverStopped = new AbortController().signal;

/** Samples work that takes `cost(amount, run)` ms on the fake clock; notes every amount it was asked for. */
function sample(cost: (amount: number, run: number) => number, plan: Partial<SamplePlan> = {}) {
  const amounts: number[] = [];
  const rate = sampleRate({
    firstAmount: 1,
    maxAmount: Infinity,
    cap: milliseconds(1500),
    signal: neverStopped,
    run: (amount) => {
      const taken = milliseconds(cost(amount, amounts.push(amount)));
      now += taken;
      return Promise.resolve(taken);
    },
    ...plan,
  });
  return { rate, amounts };
}

/** The amounts without the first run, which only warms up, and without the samples at the end. */
const growth = (amounts: readonly number[]) => amounts.slice(1, amounts.indexOf(amounts.at(-1) ?? 0, 1) + 1);

describe("how the amount grows", () => {
  it("by 4 while a sample takes next to nothing, then by 2, until it takes long enough", async () => {
    const { rate, amounts } = sample((amount) => amount / 10);
    await rate;
    expect(growth(amounts)).toEqual([1, 4, 16, 64, 128, 256, 512]);
  });

  it("by 2 from an eighth of the target on, and not at all from the target on", async () => {
    const costs = new Map([
      [1, 3.74],
      [4, 3.75],
      [8, 29.9],
      [16, 30],
    ]);
    const { rate, amounts } = sample((amount) => costs.get(amount) ?? NaN);
    await rate;
    expect(growth(amounts)).toEqual([1, 4, 8, 16]);
  });

  it("up to the largest amount, and lands on it exactly", async () => {
    const { rate, amounts } = sample(() => 0.05, { firstAmount: 3, maxAmount: 100 });
    await rate;
    expect(growth(amounts)).toEqual([3, 12, 48, 100]);
  });

  it("until half the time is up, so that the samples have the other half", async () => {
    // After the first run 20 ms are gone, and with every further one 20 more: 100 is half of the cap and not past it.
    const { rate, amounts } = sample(() => 20, { cap: milliseconds(200) });
    await rate;
    expect(growth(amounts)).toEqual([1, 2, 4, 8, 16]);
    expect(amounts.filter((amount) => amount === 16)).toHaveLength(1 + 4);
  });

  it("runs the first amount once more than it measures it", async () => {
    const { rate, amounts } = sample((_amount, run) => (run === 1 ? 400 : 40));
    await rate;
    expect(amounts).toHaveLength(1 + 1 + 9);
    expect(new Set(amounts)).toEqual(new Set([1]));
  });
});

describe("the rate", () => {
  it("is amount per millisecond over nine samples, and neither warming up nor growing is one", async () => {
    // Samples take 1 to 9 ms.
    const { rate } = sample((_amount, run) => (run <= 2 ? 100 : run - 2), { firstAmount: 100, maxAmount: 100 });
    expect(await rate).toEqual({ median: 100 / 5, lowerQuartile: 100 / 7, upperQuartile: 100 / 3, samples: 9 });
  });

  it("is taken of fewer samples where no more are begun under the cap", async () => {
    const { rate, amounts } = sample(() => 100, { cap: milliseconds(501) });
    expect(await rate).toMatchObject({ median: 1 / 100, samples: 4 });
    expect(amounts).toHaveLength(2 + 4);
  });

  it("is taken of three samples, and no sample begins at the cap itself", async () => {
    const { rate } = sample(() => 100, { cap: milliseconds(500) });
    expect(await rate).toMatchObject({ samples: 3 });
  });

  it("is none where not three samples fit under the cap", async () => {
    const { rate, amounts } = sample(() => 100, { cap: milliseconds(400) });
    await expect(rate).rejects.toMatchObject({
      name: "IngleError",
      code: "timed-out",
      message: "This GPU is too slow to measure in 0.4 s.",
    });
    expect(amounts).toHaveLength(2 + 2);
  });

  it("is none where one run alone takes all the time, which is run twice at most", async () => {
    const { rate, amounts } = sample(() => 10_000);
    await expect(rate).rejects.toMatchObject({ code: "timed-out" });
    expect(amounts).toEqual([1, 1]);
  });
});

describe("stopping a sample", () => {
  it.each([
    ["while it warms up", 1],
    ["while it grows", 3],
    ["while it samples", 8],
  ])("%s ends it after that run", async (_when, last) => {
    const controller = new AbortController();
    const cost = (amount: number, run: number): number => {
      if (run === last) controller.abort();
      return amount * 8; // grows 1, 2, 4: run 4 is the last of these, and the samples begin with run 5
    };
    const { rate, amounts } = sample(cost, { signal: controller.signal });
    await expect(rate).rejects.toMatchObject({ name: "IngleError", code: "aborted" });
    expect(amounts).toHaveLength(last);
  });

  it("passes on what a run throws, and runs no more", async () => {
    const thrown = new TypeError("no");
    const run = vi.fn(() => Promise.reject(thrown));
    await expect(sample(() => 1, { run }).rate).rejects.toBe(thrown);
    expect(run).toHaveBeenCalledOnce();
  });
});

describe("timed", () => {
  it("is how long the work took, all of it", async () => {
    const work = async () => {
      now += 3;
      await Promise.resolve();
      now += 4;
    };
    expect(await timed(work)).toBe(7);
  });

  it.each([0, 0.01, -1])("is never zero: a clock that moved by %d", async (step) => {
    const work = () => Promise.resolve((now += step));
    expect(await timed(work)).toBe(0.05);
  });

  it("passes on what the work throws", async () => {
    const thrown = new TypeError("no");
    await expect(timed(() => Promise.reject(thrown))).rejects.toBe(thrown);
  });
});

describe("throwIfOver", () => {
  const cap = milliseconds(1500);

  it("lets pass until the cap, and says in seconds what was not enough", () => {
    const start = now;
    now += 1500;
    expect(() => throwIfOver(start, cap, neverStopped)).not.toThrow();
    now += 1;
    expect(() => throwIfOver(start, cap, neverStopped)).toThrow(
      expect.objectContaining({ code: "timed-out", message: "This GPU is too slow to measure in 1.5 s." }),
    );
  });

  it("says stopped before it says late", () => {
    expect(() => throwIfOver(now, cap, AbortSignal.abort())).toThrow(expect.objectContaining({ code: "aborted" }));
    expect(() => throwIfOver(now - 9999, cap, AbortSignal.abort())).toThrow(
      expect.objectContaining({ code: "aborted" }),
    );
  });
});

describe("mapSpread", () => {
  const spread = { median: 4, lowerQuartile: 2, upperQuartile: 8, samples: 7 };

  it("maps each value, and keeps the number of samples", () => {
    expect(mapSpread(spread, (value) => value * 10)).toEqual({
      median: 40,
      lowerQuartile: 20,
      upperQuartile: 80,
      samples: 7,
    });
  });

  it("swaps the quartiles under a falling map", () => {
    expect(mapSpread(spread, (value) => 1 / value)).toEqual({
      median: 1 / 4,
      lowerQuartile: 1 / 8,
      upperQuartile: 1 / 2,
      samples: 7,
    });
  });
});
