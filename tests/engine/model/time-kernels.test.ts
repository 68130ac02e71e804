import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KernelTimer, type Candidate } from "../../../src/engine/wgsl/model/time-kernels";
import { fakeGpu } from "../fake-device";

/** A clock that only the GPU's work moves. */
let now: number;
let owed: number;
beforeEach(() => {
  now = 0;
  owed = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => void vi.restoreAllMocks());

const SUBMIT_MS = 0.5;

function gpuOf() {
  const gpu = fakeGpu();
  const device = {
    createCommandEncoder: () => ({ beginComputePass: () => ({ end: () => undefined }), finish: () => ({}) }),
    queue: {
      submit: () => undefined,
      onSubmittedWorkDone() {
        now += SUBMIT_MS + owed;
        owed = 0;
        return Promise.resolve();
      },
    },
  } as unknown as GPUDevice;
  return { ...gpu, device };
}

/** One that takes so long for its whole work, and notes the shares it was run at. */
function candidate(choice: string, ms: number) {
  const shares: number[] = [];
  const made: Candidate<string> = {
    choice,
    encode(_pass, share) {
      shares.push(share);
      owed += ms * share;
      return share;
    },
  };
  return { ...made, shares };
}

describe("timing candidates", () => {
  it("finds what each takes, however little that is, in their order", async () => {
    const candidates = [candidate("a", 20), candidate("b", 10), candidate("tiny", 0.05), candidate("c", 40)];
    const timings = await new KernelTimer(gpuOf(), 10_000).time(candidates);
    expect(timings.map(({ choice }) => choice)).toEqual(["a", "b", "tiny", "c"]);
    const [a, b, tiny] = timings.map(({ ms }) => ms);
    // A quarter of it was long enough, so that of the submit there is four times as much.
    expect(a).toBeCloseTo(20 + 4 * SUBMIT_MS);
    expect(b).toBeCloseTo(10 + SUBMIT_MS);
    // Repeated until a sample is long: the submit is shared by many.
    expect(tiny).toBeLessThan(0.1);
    expect(timings[3]?.ms).toBe(Infinity);
  });

  it("drops one that is hopeless after a tiny sample of it", async () => {
    const [good, hopeless] = [candidate("good", 10), candidate("hopeless", 800)];
    const timings = await new KernelTimer(gpuOf(), 10_000).time([good, hopeless]);
    expect(timings[1]).toEqual({ choice: "hopeless", ms: Infinity });
    // Once to warm up, once to see, once because it may have been something else.
    expect(hopeless.shares).toEqual([1 / 16, 1 / 16, 1 / 16]);
  });

  it("drops none for a short sample, which is mostly the submit's own cost", async () => {
    // At a sixteenth both look alike.
    const timings = await new KernelTimer(gpuOf(), 10_000).time([candidate("a", 1), candidate("b", 0.9)]);
    expect(timings.map(({ ms }) => ms).every(Number.isFinite)).toBe(true);
    expect(timings[1]?.ms).toBeLessThan(timings[0]?.ms ?? NaN);
  });

  it("counts the work that was really done, as it comes in workgroups", async () => {
    const coarse: Candidate<string> = {
      choice: "coarse",
      encode() {
        owed += 100;
        return 1;
      },
    };
    const [timing] = await new KernelTimer(gpuOf(), 10_000).time([coarse]);
    expect(timing?.ms).toBeCloseTo(100 + SUBMIT_MS);
  });

  it("takes the better of two samples: something else may have had the GPU", async () => {
    let run = 0;
    const disturbed: Candidate<string> = {
      choice: "disturbed",
      encode(_pass, share) {
        run++;
        owed += run === 2 ? 500 : 160 * share;
        return share;
      },
    };
    const [timing] = await new KernelTimer(gpuOf(), 10_000).time([disturbed]);
    expect(timing?.ms).toBeCloseTo((10 + SUBMIT_MS) * 16);
  });

  it("does not take a disturbed short sample for a long one", async () => {
    let run = 0;
    const disturbed: Candidate<string> = {
      choice: "disturbed",
      encode(_pass, share) {
        owed += ++run === 2 ? 50 : 8 * share; // at a sixteenth, half of what it seems to take is the submit
        return share;
      },
    };
    const [timing] = await new KernelTimer(gpuOf(), 10_000).time([disturbed]);
    expect(timing?.ms).toBeCloseTo(8 + SUBMIT_MS);
  });

  it("measures those that are close again, when whatever slowed one down is over", async () => {
    let slowed = true;
    const good = candidate("good", 10);
    const unlucky: Candidate<string> = {
      ...good,
      encode(pass, share) {
        if (slowed) owed += 8 * share;
        return good.encode(pass, share);
      },
    };
    const other = candidate("other", 12);
    const watched: Candidate<string> = {
      ...other,
      encode(pass, share) {
        slowed = false; // its turn comes after the first's
        return other.encode(pass, share);
      },
    };
    const [first, second] = await new KernelTimer(gpuOf(), 10_000).time([unlucky, watched]);
    expect(first?.ms).toBeLessThan(second?.ms ?? NaN);
    expect(first?.ms).toBeCloseTo(10 + 4 * SUBMIT_MS);
  });

  it("measures the first whatever the budget, and none after it is spent", async () => {
    const [first, second] = [candidate("first", 100), candidate("second", 1)];
    const timer = new KernelTimer(gpuOf(), 5);
    const timings = await timer.time([first, second]);
    expect(timings[0]?.ms).toBeGreaterThan(90);
    expect(timings[1]).toEqual({ choice: "second", ms: Infinity });
    expect(second.shares).toEqual([]);
    // The budget is of all calls together.
    const [third] = await timer.time([candidate("third", 10)]);
    expect(third?.ms).toBeLessThan(Infinity);
  });

  it("ends, and stays within its budget by a sample, where work costs nothing", async () => {
    const nothing = candidate("nothing", 0);
    const timings = await new KernelTimer(gpuOf(), 1000).time([nothing]);
    expect(nothing.shares.length).toBeLessThan(1000);
    expect(timings[0]?.ms).toBeLessThan(0.1);
    expect(now).toBeLessThan(20);
  });

  it("ends with a device that is lost", async () => {
    const gpu = gpuOf();
    Object.assign(gpu.device.queue, { onSubmittedWorkDone: () => new Promise(() => undefined) });
    const timing = new KernelTimer(gpu, 100).time([candidate("a", 1)]);
    gpu.lose();
    await expect(timing).rejects.toMatchObject({ code: "device-lost" });
  });
});
