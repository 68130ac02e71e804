import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { known } from "../../src/probe/report";
import { IngleError } from "../../src/shared/errors";
import { milliseconds } from "../../src/shared/units";
import { WorkerClient } from "../../src/worker/client";
import { stubWorkers } from "./fake-worker";

const LIMIT = milliseconds(15_000);
const WORKS = known(true as const);

let workers: ReturnType<typeof stubWorkers>;
let client: WorkerClient;

beforeEach(() => {
  vi.useFakeTimers();
  workers = stubWorkers();
  client = new WorkerClient();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const probe = (options: { signal?: AbortSignal; endIfStuck?: boolean } = {}) =>
  client.call("probeDevice", null, { limit: LIMIT, ...options });

describe("a request", () => {
  it("starts no worker before the first, and one module worker for all", async () => {
    expect(workers.started).toEqual([]);
    const both = [probe(), client.call("measure", { name: "uploadRate" }, { limit: LIMIT })];
    expect(workers.started).toHaveLength(1);
    const worker = workers.worker();
    expect(worker.options).toMatchObject({ type: "module" });
    expect(worker.sent).toEqual([
      { type: "request", id: worker.id(0), method: "probeDevice", args: null },
      { type: "request", id: worker.id(1), method: "measure", args: { name: "uploadRate" } },
    ]);
    expect(worker.id(1)).not.toBe(worker.id(0));
    worker.answer(worker.id(0), WORKS);
    worker.answer(worker.id(1), WORKS);
    await Promise.all(both);
  });

  it("gets the answer that carries its id, whatever the order", async () => {
    const [first, second] = [probe(), probe()];
    const worker = workers.worker();
    worker.answer(worker.id(1), "second");
    worker.answer(worker.id(0), "first");
    expect(await Promise.all([first, second])).toEqual(["first", "second"]);
  });

  it("rejects as the worker threw: same code, same words, same cause", async () => {
    const asked = probe();
    const cause = new IngleError("device-lost", "The GPU was lost.");
    workers.worker().fail(workers.worker().id(0), new IngleError("gpu-validation", "It does not compile.", { cause }));
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(IngleError);
    expect(error).toMatchObject({
      code: "gpu-validation",
      message: "It does not compile.",
      cause: { code: "device-lost", message: "The GPU was lost." },
    });
  });

  it("leaves no timer and no listener behind, whether it succeeds or fails", async () => {
    const { signal } = new AbortController();
    const asked = [probe({ signal }), probe({ signal })];
    const settled = Promise.allSettled(asked);
    expect(vi.getTimerCount()).toBe(2);
    expect(getEventListeners(signal, "abort")).toHaveLength(2);
    const worker = workers.worker();
    worker.answer(worker.id(0), WORKS);
    worker.fail(worker.id(1), new Error("no"));
    await settled;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("stopping", () => {
  it("rejects at once, tells the worker, and leaves nothing behind", async () => {
    const controller = new AbortController();
    const asked = probe({ signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ name: "IngleError", code: "aborted" });
    const worker = workers.worker();
    expect(worker.sent[1]).toEqual({ type: "abort", id: worker.id(0) });
    expect(worker.terminate).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("stops its own request and no other", async () => {
    const controller = new AbortController();
    const stopped = probe({ signal: controller.signal });
    const other = probe();
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
    workers.worker().answer(workers.worker().id(1), WORKS);
    await expect(other).resolves.toEqual(WORKS);
  });

  it("sends nothing and starts nothing where it came first", async () => {
    await expect(probe({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    expect(workers.started).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("says nothing to the worker once the answer is there", async () => {
    const controller = new AbortController();
    const asked = probe({ signal: controller.signal });
    workers.worker().answer(workers.worker().id(0), WORKS);
    await asked;
    controller.abort();
    expect(workers.worker().sent).toHaveLength(1);
  });

  it("ignores the late answer to a request given up, and goes on", async () => {
    const controller = new AbortController();
    const stopped = probe({ signal: controller.signal });
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
    const worker = workers.worker();
    const next = probe();
    worker.answer(worker.id(0), "late");
    worker.fail(worker.id(0), new Error("late, too"));
    worker.answer(worker.id(2), WORKS);
    await expect(next).resolves.toEqual(WORKS);
    expect(workers.started).toHaveLength(1);
  });
});

describe("a time-out", () => {
  it("comes at the limit and not before", async () => {
    const settled = vi.fn();
    probe().catch(settled);
    await vi.advanceTimersByTimeAsync(LIMIT - 1);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalledWith(
      expect.objectContaining({ code: "timed-out", message: "The worker did not answer within 15 s." }),
    );
  });

  it("does not count the time a request waits for its turn, and comes at the limit after that", async () => {
    const settled = vi.fn();
    probe().catch(settled);
    const worker = workers.worker();
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(LIMIT - 1);
      worker.wait(worker.id(0));
    }
    worker.wait(worker.id(0) + 1); // of another request: nobody's
    await vi.advanceTimersByTimeAsync(LIMIT - 1);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalledWith(expect.objectContaining({ code: "timed-out" }));
  });

  it("leaves the worker and its other requests alone", async () => {
    const late = expect(probe()).rejects.toMatchObject({ code: "timed-out" });
    await vi.advanceTimersByTimeAsync(LIMIT / 2);
    const other = probe();
    await vi.advanceTimersByTimeAsync(LIMIT / 2);
    await late;
    expect(workers.worker().terminate).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(1);
    workers.worker().answer(workers.worker().id(1), WORKS);
    await expect(other).resolves.toEqual(WORKS);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("of a request that may not take this long ends the worker, and all that waits for it", async () => {
    const other = expect(probe()).rejects.toMatchObject({ code: "worker-failed" });
    const stuck = expect(client.call("checkKernels", null, { limit: milliseconds(100), endIfStuck: true }));
    const timedOut = stuck.rejects.toMatchObject({ code: "timed-out" });
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all([timedOut, other]);
    expect(workers.worker().terminate).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is followed by a new worker, which answers", async () => {
    const stuck = expect(probe({ endIfStuck: true })).rejects.toMatchObject({ code: "timed-out" });
    await vi.advanceTimersByTimeAsync(LIMIT);
    await stuck;
    const next = probe();
    expect(workers.started).toHaveLength(2);
    const worker = workers.worker(1);
    worker.answer(worker.id(0), WORKS);
    await expect(next).resolves.toEqual(WORKS);
    expect(worker.terminate).not.toHaveBeenCalled();
  });
});
