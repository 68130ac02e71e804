import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { known, unknown } from "../../src/probe/report";
import { probeServiceWorker, probeSharedWorker } from "../../src/worker/other-workers";
import { PROBE_DEVICE } from "../../src/worker/protocol";
import { stubBlobUrls } from "./fake-worker";

const WORKS = known(true as const);
const NO_API = unknown("no-api-in-worker", "No WebGPU in here.");
type Answer = (port: MessagePort) => void;

/** Every answer port of the page's, with a note of when it is closed. */
const closes: ReturnType<typeof vi.fn>[] = [];
let blobs: ReturnType<typeof stubBlobUrls>;

beforeEach(() => {
  closes.length = 0;
  blobs = stubBlobUrls();
  vi.stubGlobal(
    "MessageChannel",
    class extends MessageChannel {
      constructor() {
        super();
        closes.push(vi.spyOn(this.port1, "close"));
      }
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** What posts PROBE_DEVICE reaches the answer; anything else is an error of the page's. */
function poster(answer: Answer) {
  return vi.fn((message: unknown, [port]: MessagePort[]) => {
    if (message !== PROBE_DEVICE || port === undefined) throw new Error("Not what a probe sends.");
    answer(port);
  });
}

const says =
  (fact: unknown): Answer =>
  (port) =>
    port.postMessage(fact);
const saysNothing: Answer = () => undefined;

describe("probeSharedWorker", () => {
  /** The shared worker that the probe starts. */
  function stubSharedWorker(answer: Answer) {
    const made: { url: string; options: WorkerOptions; onerror: ((event: object) => void) | null }[] = [];
    const port = { start: vi.fn(), close: vi.fn(), postMessage: poster(answer) };
    vi.stubGlobal(
      "SharedWorker",
      class {
        onerror: ((event: object) => void) | null = null;
        readonly port = port;
        readonly url: string;
        readonly options: WorkerOptions;
        constructor(url: string, options: WorkerOptions) {
          this.url = url;
          this.options = options;
          made.push(this);
        }
      },
    );
    return { made, port };
  }

  it("says so where there are none", async () => {
    vi.stubGlobal("SharedWorker", undefined);
    expect(await probeSharedWorker()).toEqual(unknown("no-worker", "This browser has no shared workers."));
    expect(blobs.made.size).toBe(0);
  });

  it.each([WORKS, NO_API])("passes on the answer %j, and tidies up", async (fact) => {
    const { made, port } = stubSharedWorker(says(fact));
    expect(await probeSharedWorker()).toEqual(fact);
    expect(made[0]?.options).toMatchObject({ type: "module" });
    expect(port.close).toHaveBeenCalledOnce();
    expect(closes).toHaveLength(1);
    expect(closes[0]).toHaveBeenCalled();
    expect(blobs.revoked).toEqual([made[0]?.url]);
  });

  it("starts from a blob that imports the shared entry, and keeps its URL until the answer", async () => {
    const ports: MessagePort[] = [];
    const { made } = stubSharedWorker((port) => ports.push(port));
    const probing = probeSharedWorker();
    expect(await blobs.made.get(made[0]?.url ?? "")?.text()).toMatch(/\/worker\/shared-entry\.ts/);
    expect(blobs.revoked).toEqual([]);
    ports[0]?.postMessage(WORKS);
    expect(await probing).toEqual(WORKS);
  });

  it.each([
    [{ message: "Module not found." }, "The shared worker could not be started. Module not found."],
    [{}, "The shared worker could not be started."], // a script that can't be loaded comes without words
  ])("rejects on the error %j at once, and tidies up", async (event, message) => {
    const { made, port } = stubSharedWorker(saysNothing);
    const probing = expect(probeSharedWorker()).rejects.toMatchObject({ message });
    made[0]?.onerror?.(event);
    await probing;
    expect(port.close).toHaveBeenCalledOnce();
    expect(blobs.revoked).toEqual([made[0]?.url]);
  });

  it("gives up on one that says nothing, and tidies up", async () => {
    vi.useFakeTimers();
    const { made, port } = stubSharedWorker(saysNothing);
    const probing = expect(probeSharedWorker()).rejects.toMatchObject({ code: "timed-out" });
    await vi.advanceTimersByTimeAsync(2500);
    await probing;
    expect(port.close).toHaveBeenCalledOnce();
    expect(closes[0]).toHaveBeenCalledOnce();
    expect(blobs.revoked).toEqual([made[0]?.url]);
  });

  it("rejects where none may be started, and gives the blob's URL back", async () => {
    const thrown = new DOMException("Access denied.", "SecurityError");
    vi.stubGlobal("SharedWorker", function refuse() {
      throw thrown;
    });
    await expect(probeSharedWorker()).rejects.toBe(thrown);
    expect(blobs.revoked).toEqual([...blobs.made.keys()]);
  });
});

describe("probeServiceWorker", () => {
  const worker = (answer: Answer = saysNothing) => ({ postMessage: poster(answer) });
  type Workers = Partial<Record<"active" | "waiting" | "installing", ReturnType<typeof worker>>>;
  const registered = (workers: Workers) =>
    Promise.resolve({
      active: null,
      waiting: null,
      installing: null,
      ...workers,
    } as unknown as ServiceWorkerRegistration);

  it("says so where the page has none", async () => {
    expect(await probeServiceWorker(undefined)).toMatchObject({ reason: { code: "no-worker" } });
  });

  it("says why none could be registered", async () => {
    const registration = Promise.reject(new DOMException("Storage is blocked.", "SecurityError"));
    expect(await probeServiceWorker(registration)).toEqual(
      unknown("no-worker", "The service worker could not be registered: Storage is blocked."),
    );
  });

  it("says so where it is gone", async () => {
    expect(await probeServiceWorker(registered({}))).toEqual(unknown("no-worker", "The service worker is gone."));
  });

  it.each([
    ["active", ["active", "waiting", "installing"]],
    ["waiting", ["waiting", "installing"]],
    ["installing", ["installing"]],
  ] as const)("asks the %s one of %j", async (asked, present) => {
    const workers = Object.fromEntries(present.map((state) => [state, worker(says(state))])) as Workers;
    expect(await probeServiceWorker(registered(workers))).toBe(asked);
    for (const [state, { postMessage }] of Object.entries(workers)) {
      expect(postMessage).toHaveBeenCalledTimes(state === asked ? 1 : 0);
    }
  });

  it.each([WORKS, NO_API])("passes on the answer %j, and closes its port", async (fact) => {
    expect(await probeServiceWorker(registered({ active: worker(says(fact)) }))).toEqual(fact);
    expect(closes[0]).toHaveBeenCalledOnce();
  });

  it("gives up on one that says nothing, and closes its port", async () => {
    vi.useFakeTimers();
    const settled = vi.fn();
    probeServiceWorker(registered({ active: worker() })).catch(settled);
    await vi.advanceTimersByTimeAsync(2499);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalledWith(
      expect.objectContaining({ code: "timed-out", message: "The worker did not answer within 2.5 s." }),
    );
    expect(closes[0]).toHaveBeenCalledOnce();
  });
});
