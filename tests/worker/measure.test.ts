import { beforeEach, describe, expect, it, vi } from "vitest";
import { known, MEASUREMENT_NAMES, unknown } from "../../src/probe/report";
import { IngleError } from "../../src/shared/errors";
import { measure } from "../../src/worker/measure/measure";
import { fakeGpu, type FakeGpu } from "../engine/fake-device";

const SPREAD = { median: 5, lowerQuartile: 4, upperQuartile: 6, samples: 9 };
const never = new AbortController().signal;

// In the place of the real ones, which need a GPU.
const ways = vi.hoisted(() => ({
  bandwidth: vi.fn(),
  throughput: vi.fn(),
  upload: vi.fn(),
  dispatch: vi.fn(),
  latency: vi.fn(),
}));
vi.mock("../../src/worker/measure/read-bandwidth", () => ({ measureReadBandwidth: ways.bandwidth }));
vi.mock("../../src/worker/measure/throughput", () => ({ measureThroughput: ways.throughput }));
vi.mock("../../src/worker/measure/upload-rate", () => ({ measureUploadRate: ways.upload }));
vi.mock("../../src/worker/measure/dispatch-cost", () => ({ measureDispatchCost: ways.dispatch }));
vi.mock("../../src/worker/measure/readback-latency", () => ({ measureReadbackLatency: ways.latency }));

let gpu: FakeGpu;
beforeEach(() => {
  gpu = fakeGpu();
  for (const way of Object.values(ways)) way.mockReset().mockResolvedValue(SPREAD);
});

describe("measure", () => {
  it.each(MEASUREMENT_NAMES)("gives %s", async (name) => {
    expect(await measure(name, gpu, never)).toEqual(known(SPREAD));
    const made = Object.values(ways).flatMap((way) => way.mock.calls as unknown[][]);
    expect(made).toHaveLength(1);
    expect(made[0]?.[0]).toBe(gpu);
    expect(made[0]?.at(-1)).toEqual({ cap: 1500, signal: never });
  });

  it.each([
    ["readBandwidth", ways.bandwidth],
    ["uploadRate", ways.upload],
    ["dispatchCost", ways.dispatch],
    ["readbackLatency", ways.latency],
  ] as const)("takes %s in its own way", async (name, way) => {
    await measure(name, gpu, never);
    expect(way).toHaveBeenCalledOnce();
  });

  it.each([
    ["f32Throughput", "f32"],
    ["f16Throughput", "f16"],
  ] as const)("takes %s with %s", async (name, precision) => {
    await measure(name, gpu, never);
    expect(ways.throughput).toHaveBeenCalledExactlyOnceWith(gpu, precision, expect.anything());
  });

  it("does not try f16 where the adapter has none, and f32 all the same", async () => {
    const without = fakeGpu({ hasF16: false });
    expect(await measure("f16Throughput", without, never)).toMatchObject({ reason: { code: "unsupported" } });
    expect(ways.throughput).not.toHaveBeenCalled();
    expect(await measure("f32Throughput", without, never)).toEqual(known(SPREAD));
  });

  it("begins nothing when it was stopped in the queue", async () => {
    expect(await measure("uploadRate", gpu, AbortSignal.abort())).toMatchObject({ reason: { code: "stopped" } });
    expect(ways.upload).not.toHaveBeenCalled();
  });

  it.each([
    ["a stop", new IngleError("aborted", "Stopped."), unknown("stopped", "Stopped before it was measured.")],
    ["a time-out", new IngleError("timed-out", "Too slow."), unknown("timed-out", "Too slow.")],
    ["a lost device", new IngleError("device-lost", "Gone."), unknown("failed", "Gone.")],
    ["anything else", new TypeError("no buffer"), unknown("failed", "no buffer")],
  ])("turns %s into a reason", async (_what, thrown, fact) => {
    ways.upload.mockRejectedValue(thrown);
    expect(await measure("uploadRate", gpu, never)).toEqual(fact);
    expect(gpu.scopes).toEqual([]);
  });

  it("gives no number that the GPU reported an error for", async () => {
    ways.upload.mockImplementation(() => {
      gpu.raise("out-of-memory", "No 128 MiB left.");
      return Promise.resolve(SPREAD);
    });
    const fact = await measure("uploadRate", gpu, never);
    expect(fact).toEqual(unknown("failed", "The measurement: the GPU has too little memory. No 128 MiB left."));
  });

  it("gives no number on a device that was lost meanwhile", async () => {
    ways.upload.mockReturnValue(new Promise(() => undefined));
    const measuring = measure("uploadRate", gpu, never);
    const { message } = gpu.lose();
    expect(await measuring).toEqual(unknown("failed", message));
  });
});
