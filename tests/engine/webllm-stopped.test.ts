/** What WebLLM still does when its load was stopped, and under what. The library is made by hand: it goes on as told. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { untilStandInsGone } from "../../src/engine/webllm/stand-ins";
import { WebLlmEngine } from "../../src/engine/webllm/webllm-engine";
import { tinyMlc } from "../helpers/tiny-mlc";

/** The library's part: each load goes on until the test ends it. */
const library = vi.hoisted(() => ({
  loads: [] as { end: () => void; fail: (thrown: unknown) => void }[],
  unloads: 0,
}));
vi.mock("../../src/engine/webllm/webllm-library", () => ({
  MLCEngine: class {
    reload = () =>
      new Promise<void>((resolve, reject) => {
        library.loads.push({ end: resolve, fail: reject });
      });
    unload = () => {
      library.unloads++;
      return Promise.resolve();
    };
  },
}));

const trueCaches = { name: "the browser's" };
const trueGpu = { requestAdapter: () => Promise.resolve(adapter()) };
const devices: { destroy: ReturnType<typeof vi.fn> }[] = [];
/** Holds devices back until it is called. */
let giveDevices: () => void;
let mayOpen: Promise<void>;

function adapter() {
  return {
    limits: { maxStorageBuffersPerShaderStage: 10, maxComputeWorkgroupStorageSize: 32_768 },
    features: new Set(["shader-f16"]),
    requestDevice: async () => {
      await mayOpen;
      let tellLost: (info: { message: string }) => void = () => undefined;
      const lost = new Promise((resolve) => (tellLost = resolve));
      const device = {
        lost,
        addEventListener: () => undefined,
        popErrorScope: () => Promise.resolve(null),
        createBuffer: () => ({ size: 4, destroy: () => undefined }),
        destroy: vi.fn(() => tellLost({ message: "destroyed" })),
      };
      devices.push(device);
      return device;
    },
  };
}

beforeEach(() => {
  library.loads.length = 0;
  library.unloads = 0;
  devices.length = 0;
  mayOpen = new Promise((resolve) => (giveDevices = resolve));
  vi.stubGlobal("caches", trueCaches);
  vi.stubGlobal("navigator", { gpu: trueGpu });
});
afterEach(async () => {
  for (const { end } of library.loads) end();
  await untilStandInsGone();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function load(signal: AbortSignal) {
  const files = [...tinyMlc(), ["tiny-webgpu.wasm", new Uint8Array(8)] as const].map(([name, bytes]) => ({
    name,
    size: bytes.length,
    // eslint-disable-next-line @typescript-eslint/require-await -- as a file's stream
    async *stream(from: number, to: number, signal: AbortSignal) {
      signal.throwIfAborted(); // as the store's
      yield bytes.slice(from, to);
    },
  }));
  const engine = new WebLlmEngine({
    api: trueGpu as unknown as GPU,
    openStored: () => Promise.resolve({ name: "Tiny", files }),
  });
  return engine.load({ kind: "stored", id: "tiny" }, { signal });
}

const never = new AbortController().signal;
const loadBegun = (n = 1) => vi.waitFor(() => expect(library.loads).toHaveLength(n));

/** A load that was stopped while the library is in the middle of it. */
async function stopped(): Promise<void> {
  const stop = new AbortController();
  const loading = expect(load(stop.signal)).rejects.toMatchObject({ code: "aborted" });
  await loadBegun();
  stop.abort();
  await loading;
}

describe("a load of WebLLM's that was stopped", () => {
  it("leaves the stand-ins in place until the library ends it, and none after", async () => {
    await stopped();
    expect(globalThis.caches).not.toBe(trueCaches);
    expect(navigator.gpu).not.toBe(trueGpu);
    library.loads[0]?.fail(new Error("It can read no more."));
    await untilStandInsGone();
    expect(globalThis.caches).toBe(trueCaches);
    expect(navigator.gpu).toBe(trueGpu);
  });

  it("reads no file any more, and fetches none", async () => {
    const request = vi.spyOn(globalThis, "fetch");
    await stopped();
    const cache = await caches.open("webllm/model");
    const shard = await cache.match("https://model.invalid/resolve/main/params_shard_0.bin");
    await expect(shard?.arrayBuffer()).rejects.toThrow();
    await expect(cache.add("https://model.invalid/resolve/main/other.bin")).rejects.toMatchObject({
      code: "aborted", // what came first
    });
    expect(request).not.toHaveBeenCalled();
    request.mockRestore();
  });

  it("opens no device that is left behind", async () => {
    const stop = new AbortController();
    const loading = expect(load(stop.signal)).rejects.toMatchObject({ code: "aborted" });
    await loadBegun();
    const opening = (await navigator.gpu.requestAdapter())?.requestDevice();
    stop.abort();
    await loading;
    giveDevices();
    await expect(opening).rejects.toMatchObject({ code: "aborted" });
    expect(devices).toHaveLength(1);
    expect(devices[0]?.destroy).toHaveBeenCalledOnce();
  });

  it("that comes to its end all the same is unloaded", async () => {
    await stopped();
    const before = library.unloads;
    library.loads[0]?.end();
    await vi.waitFor(() => expect(library.unloads).toBe(before + 1));
  });

  it("is waited for by the next", async () => {
    await stopped();
    const next = load(never);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(library.loads).toHaveLength(1);
    library.loads[0]?.fail(new Error("It can read no more."));
    await loadBegun(2);
    expect(globalThis.caches).not.toBe(trueCaches);
    library.loads[1]?.end();
    expect((await next).info.name).toBe("Tiny");
    expect(globalThis.caches).toBe(trueCaches);
  });

  it("that does not end is told to the next, and not waited for again and again without an end", async () => {
    await stopped();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const waiting = expect(untilStandInsGone()).rejects.toMatchObject({
      code: "timed-out",
      message: expect.stringMatching(/still loads a model that was stopped, 60 s later/) as string,
    });
    await vi.advanceTimersByTimeAsync(60_000);
    await waiting;
  });
});
