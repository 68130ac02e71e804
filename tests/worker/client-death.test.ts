/** How the page's end of the worker gets over a worker that dies or never lives, and the blob it was started from. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { known } from "../../src/probe/report";
import { IngleError } from "../../src/shared/errors";
import { milliseconds } from "../../src/shared/units";
import { WorkerClient } from "../../src/worker/client";
import { stubWorkers, type FakeWorker } from "./fake-worker";

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

const probe = (endIfStuck = false) => client.call("probeDevice", null, { limit: LIMIT, endIfStuck });

const ENDS: [string, (worker: FakeWorker) => void][] = [
  ["an error in the worker", (worker) => worker.die("Uncaught TypeError: no")],
  ["a message that can't be read", (worker) => worker.onmessageerror?.()],
];

describe.each(ENDS)("%s", (_what, happen) => {
  it("rejects everything under way, and ends the worker", async () => {
    const asked = Promise.allSettled([probe(), probe()]);
    happen(workers.worker());
    for (const outcome of await asked) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { name: "IngleError", code: "worker-failed" } });
    }
    expect(workers.worker().terminate).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is followed by a new worker, which answers", async () => {
    const failed = expect(probe()).rejects.toMatchObject({ code: "worker-failed" });
    happen(workers.worker());
    await failed;
    const next = probe();
    expect(workers.started).toHaveLength(2);
    workers.worker(1).answer(workers.worker(1).id(0), WORKS);
    await expect(next).resolves.toEqual(WORKS);
  });

  it("between requests makes the next start anew", async () => {
    const first = probe();
    workers.worker().answer(workers.worker().id(0), WORKS);
    await first;
    happen(workers.worker());
    const next = probe();
    workers.worker(1).answer(workers.worker(1).id(0), WORKS);
    await expect(next).resolves.toEqual(WORKS);
    expect(workers.worker().sent).toHaveLength(1);
  });

  // Two errors in a row are two events on their way already; ending the worker at the first doesn't call back the second.
  it("that arrives from a worker already ended leaves the next one alone", async () => {
    const failed = expect(probe()).rejects.toMatchObject({ code: "worker-failed" });
    workers.worker().die("Uncaught TypeError: first");
    await failed;
    const next = expect(probe()).resolves.toEqual(WORKS);
    happen(workers.worker());
    workers.worker(1).answer(workers.worker(1).id(0), WORKS);
    await next;
    expect(workers.worker(1).terminate).not.toHaveBeenCalled();
  });

  it("gives the blob's URL back", async () => {
    const failed = expect(probe()).rejects.toMatchObject({ code: "worker-failed" });
    happen(workers.worker());
    await failed;
    expect(workers.blobs.revoked).toContain(workers.worker().url);
  });
});

describe("what the worker said when it died", () => {
  it("is in the message", async () => {
    const failed = expect(probe()).rejects.toThrow("Uncaught TypeError: no");
    workers.worker().die("Uncaught TypeError: no");
    await failed;
  });

  it("is left out where it said nothing", async () => {
    const failed = expect(probe()).rejects.toThrow("Ingle's worker stopped. Reload the page.");
    workers.worker().die();
    await failed;
  });
});

describe("a worker that can't be started", () => {
  it("rejects with the reason, gives the blob's URL back, and is tried again", async () => {
    const cause = new DOMException("Access denied.", "SecurityError");
    vi.stubGlobal("Worker", function refuse() {
      throw cause;
    });
    await expect(probe()).rejects.toMatchObject({ name: "IngleError", code: "worker-failed", cause });
    expect(workers.blobs.revoked).toEqual([...workers.blobs.made.keys()]);
    expect(vi.getTimerCount()).toBe(0);

    vi.restoreAllMocks();
    workers = stubWorkers();
    const next = probe();
    workers.worker().answer(workers.worker().id(0), WORKS);
    await expect(next).resolves.toEqual(WORKS);
  });
});

describe("the blob the worker is started from", () => {
  it("imports the entry by its whole address", async () => {
    const asked = probe();
    const blob = workers.blobs.made.get(workers.worker().url);
    expect(blob?.type).toBe("text/javascript");
    expect(await blob?.text()).toMatch(/^import "[a-z]+:\/\/\/?\S*\/worker\/entry\.ts\S*";$/);
    workers.worker().answer(workers.worker().id(0), WORKS);
    await asked;
  });

  it("keeps its URL until the worker has answered", async () => {
    const asked = probe();
    await vi.advanceTimersByTimeAsync(LIMIT / 2); // the worker still loads
    expect(workers.blobs.revoked).toEqual([]);
    workers.worker().answer(workers.worker().id(0), WORKS);
    await asked;
    expect(workers.blobs.revoked).toEqual([workers.worker().url]);
  });

  it("gives its URL back when the answer is an error, too", async () => {
    const asked = expect(probe()).rejects.toMatchObject({ code: "device-unavailable" });
    workers.worker().fail(workers.worker().id(0), new IngleError("device-unavailable", "No GPU."));
    await asked;
    expect(workers.blobs.revoked).toEqual([workers.worker().url]);
  });

  it("gives its URL back when the worker was stuck from the start", async () => {
    const stuck = expect(probe(true)).rejects.toMatchObject({ code: "timed-out" });
    await vi.advanceTimersByTimeAsync(LIMIT);
    await stuck;
    expect(workers.blobs.revoked).toContain(workers.worker().url);
  });
});

describe("a worker that dies without a word", () => {
  /** As the browser hands out the lock that a dead worker held. */
  function stubLocks() {
    const waiting: { readonly name: string; readonly grant: () => void; readonly signal: AbortSignal }[] = [];
    const request = (name: string, { signal }: { signal: AbortSignal }, grant: () => void) => {
      waiting.push({ name, grant, signal });
      return new Promise<never>(() => undefined);
    };
    vi.stubGlobal("navigator", { locks: { request } });
    return waiting;
  }

  it("is noticed by the lock that it held, at once", async () => {
    const waiting = stubLocks();
    const failed = expect(probe()).rejects.toMatchObject({ code: "worker-failed" });
    workers.worker().live();
    expect(waiting.map(({ name }) => name)).toEqual([workers.worker().options.name]);
    waiting[0]?.grant();
    await failed;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is followed by one with a lock of its own, whose predecessor's is no longer waited for", async () => {
    const waiting = stubLocks();
    const failed = expect(probe()).rejects.toMatchObject({ code: "worker-failed" });
    workers.worker().live();
    workers.worker().die();
    await failed;
    expect(waiting[0]?.signal.aborted).toBe(true);
    const next = probe();
    workers.worker(1).live();
    expect(waiting[1]?.name).not.toBe(waiting[0]?.name);
    waiting[0]?.grant(); // late
    workers.worker(1).answer(workers.worker(1).id(0), WORKS);
    await expect(next).resolves.toEqual(WORKS);
  });
});
