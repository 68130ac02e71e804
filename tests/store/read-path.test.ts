/** How engines read what is stored: one read of IndexedDB a chunk, the next under way, and no other. */
import { afterEach, beforeAll, expect, it } from "vitest";
import { CHUNK_BYTES } from "../../src/store/file-download";
import { importModel, openStored, removeEverything } from "../../src/store/store";

const signal = new AbortController().signal;
const CHUNKS = 5;
const bytes = new Uint8Array((CHUNKS - 0.5) * CHUNK_BYTES);

beforeAll(async () => {
  for (let at = 0; at < bytes.length; at += 4096) bytes.fill(at / 4096, at, at + 4096);
  const chosen = [{ name: "m.gguf", file: new File([bytes], "m.gguf") }];
  await importModel({ id: "read", name: "Read" }, chosen, { signal, inPlace: false });
  return removeEverything;
});

/** The stores and keys that were asked for. */
const asked: [store: string, key: IDBValidKey][] = [];
const chunksAsked = () => asked.flatMap(([store, key]) => (store === "chunks" ? [key] : []));
const prototype = IDBObjectStore.prototype;
const READS = ["get", "getKey", "getAll", "getAllKeys", "count"] as const;
const originals = Object.fromEntries(READS.map((name) => [name, prototype[name] as (key: IDBValidKey) => unknown]));

function watch(): void {
  asked.length = 0;
  for (const name of READS) {
    const watched = function (this: IDBObjectStore, key: IDBValidKey) {
      asked.push([this.name, key]);
      return originals[name]?.call(this, key);
    };
    Object.assign(prototype, { [name]: watched });
  }
}
afterEach(() => void Object.assign(prototype, originals));

async function openFile() {
  const [file] = (await openStored("read")).files;
  if (file === undefined) throw new Error("It has no file.");
  return file;
}

it("asks for each chunk once, the next while one is being taken", async () => {
  const file = await openFile();
  watch();
  let at = 0;
  for await (const piece of file.stream(0, file.size, signal)) {
    const chunk = Math.floor(at / CHUNK_BYTES);
    expect(chunksAsked()).toHaveLength(Math.min(chunk + 2, CHUNKS));
    expect(piece[0]).toBe(bytes[at]);
    at += piece.length;
  }
  expect(at).toBe(bytes.length);
  // And first, once, whether the model is still the one that was opened.
  expect(asked).toEqual([
    ["models", "read"],
    ...Array.from({ length: CHUNKS }, (_, i) => ["chunks", ["read", "m.gguf", i]]),
  ]);
});

it("reads a part by its own chunks alone, and lets go when it is left", async () => {
  const file = await openFile();
  watch();
  let length = 0;
  for await (const piece of file.stream(1.5 * CHUNK_BYTES, 2.5 * CHUNK_BYTES, signal)) length += piece.length;
  expect(length).toBe(CHUNK_BYTES);
  expect(chunksAsked()).toEqual([
    ["read", "m.gguf", 1],
    ["read", "m.gguf", 2],
  ]);
  for await (const piece of file.stream(0, file.size, signal)) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
  const stop = new AbortController();
  await expect(async () => {
    for await (const piece of file.stream(0, file.size, stop.signal)) stop.abort(piece);
  }).rejects.toMatchObject({ code: "aborted" });
});
