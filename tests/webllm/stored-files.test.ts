/** The window on the store that WebLLM takes for Cache Storage, as its own runtime (TVM's, of the same release) uses it. */
import { createArtifactCache } from "@mlc-ai/web-runtime";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { asCaches, type FilesAsCaches } from "../../src/engine/webllm/stored-files";
import { removeChunk } from "../../src/store/database";
import { hashChunk } from "../../src/store/hash";
import type { FileSpec, ModelSpec } from "../../src/store/model-spec";
import { downloadModel, importModel, openStored, removeEverything } from "../../src/store/store";
import { refused } from "../helpers/refused";
import { tinyMlc } from "../helpers/tiny-mlc";
import type { RunFile, RunReport } from "../helpers/fault-host";
import { faultUrl, json, quickClock } from "../helpers/fault-runs";

const base = new URL("https://model.invalid/resolve/main/");
const signal = new AbortController().signal;
const real = globalThis.caches;

let facade: FilesAsCaches;

async function useStored(id: string, until: AbortSignal = signal): Promise<void> {
  const { files } = await openStored(id);
  facade = asCaches(base, files, until);
  Object.defineProperty(globalThis, "caches", { value: facade, configurable: true });
}

beforeEach(async () => {
  await removeEverything();
  vi.spyOn(globalThis, "fetch");
  return removeEverything; // the other files' tests use the same storage
});
afterEach(() => {
  vi.restoreAllMocks();
  Object.defineProperty(globalThis, "caches", { value: real, configurable: true });
});

const cacheOf = (scope: string) => createArtifactCache(scope, { cacheType: "cache" });
const address = (name: string) => new URL(name, base).href;

describe("an MLC model in the store", () => {
  const files = tinyMlc();
  beforeEach(async () => {
    const chosen = Array.from(files, ([name, bytes]) => ({ name, file: new File([bytes], name) }));
    await importModel({ id: "tiny", name: "Tiny" }, chosen, { signal, inPlace: false });
    await useStored("tiny");
  });

  it("is there for the runtime, file by file, and nobody is asked for it", async () => {
    for (const scope of ["webllm/config", "webllm/wasm", "webllm/model"]) {
      const cache = cacheOf(scope);
      for (const [name, bytes] of files) {
        const read = (await cache.fetchWithCache(address(name), "arraybuffer")) as ArrayBuffer;
        expect(new Uint8Array(read)).toEqual(bytes);
      }
      expect(await cache.hasAllKeys(Array.from(files.keys(), address))).toBe(true);
      expect(await cache.hasAllKeys([address("params_shard_999.bin")])).toBe(false);
    }
    expect(await cacheOf("webllm/config").fetchWithCache(address("mlc-chat-config.json"), "json")).toMatchObject({
      model_type: "llama",
    });
    expect(fetch).not.toHaveBeenCalled();
    expect(await real.keys()).toEqual([]);
  });

  it("has its list of weights under both of the names that there are", async () => {
    const list: unknown = await cacheOf("webllm/model").fetchWithCache(address("ndarray-cache.json"), "json");
    expect(list).toEqual(await cacheOf("webllm/model").fetchWithCache(address("tensor-cache.json"), "json"));
  });

  it("refuses what is not a file of it, and is not deleted by the library", async () => {
    const cache = cacheOf("webllm/model");
    await expect(cache.fetchWithCache(address("params_shard_999.bin"), "arraybuffer")).rejects.toMatchObject(
      refused("not-stored", /WebLLM asks for "params_shard_999\.bin"/),
    );
    await cache.deleteInCache(address("params_shard_0.bin"));
    expect(await cache.hasAllKeys([address("params_shard_0.bin")])).toBe(true);
    expect(fetch).not.toHaveBeenCalled();
  });

  it("reads nothing before a body is read, and stops when it is told to", async () => {
    const get = vi.spyOn(IDBObjectStore.prototype, "get");
    const response = await (await caches.open("webllm/model")).match(address("params_shard_0.bin"));
    await new Promise((done) => setTimeout(done, 50));
    expect(get).not.toHaveBeenCalled();
    expect(response?.headers.get("Content-Length")).toBe(String(files.get("params_shard_0.bin")?.length));
    await response?.body?.cancel();

    const stop = new AbortController();
    await useStored("tiny", stop.signal);
    stop.abort();
    await expect(
      cacheOf("webllm/model").fetchWithCache(address("params_shard_0.bin"), "arraybuffer"),
    ).rejects.toThrow();
    expect(facade.problem).toMatchObject({ code: "aborted" });
  });

  it("says that a part of it is gone", async () => {
    await removeChunk(["tiny", "params_shard_0.bin"], 0);
    await expect(
      cacheOf("webllm/model").fetchWithCache(address("params_shard_0.bin"), "arraybuffer"),
    ).rejects.toThrow();
    expect(facade.problem).toMatchObject(
      refused("not-stored", /A part of params_shard_0\.bin is no longer in the browser's storage/),
    );
  });
});

describe("a model from a host with faults", () => {
  /** By which hosts cut, flip, stall and more, and the downloads come through. */
  const SEEDS = Array.from({ length: 12 }, (_, i) => 1000 + i);

  it("comes once, goes on after cuts, and what was corrupted never reaches the runtime", async () => {
    const faults = new Set<string>();
    for (const seed of SEEDS) {
      const published = await json<RunFile[]>(`/${seed}/spec`);
      const [first, ...rest] = published.map(({ name, bytes, sha256 }): FileSpec => ({
        name,
        pieces: [{ url: faultUrl(`/${seed}/${name}`), bytes }],
        digest: { algorithm: "sha256", hex: sha256 },
      }));
      if (first === undefined) throw new Error("The run has no files.");
      const spec: ModelSpec = { id: `faulted ${seed}`, name: "Faulted", files: [first, ...rest] };
      await downloadModel(spec, { signal, clock: quickClock });
      await useStored(spec.id);
      vi.mocked(fetch).mockClear();
      const cache = cacheOf("webllm/model");
      for (const { name, sha256 } of published) {
        const bytes = (await cache.fetchWithCache(address(name), "arraybuffer")) as ArrayBuffer;
        expect(await hashChunk(new Uint8Array(bytes))).toBe(sha256);
      }
      expect(fetch).not.toHaveBeenCalled();
      const { faulted } = await json<RunReport>(`/${seed}/report`);
      for (const fault of Object.keys(faulted)) faults.add(fault);
    }
    expect(faults.size).toBeGreaterThan(4);
    expect(faults).toContain("cut");
    expect(faults).toContain("flip");
  });
});
