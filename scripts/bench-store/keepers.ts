/** Ways to keep a model's files in a browser and to read them into a GPU: the store's, and what others do. */
import { createStore, get, set, type UseStore } from "idb-keyval";
import type { FileSpec, ModelSpec } from "../../src/store/model-spec";
import { downloadModel, openStored } from "../../src/store/store";
import type { Upload } from "./upload";

export interface Files {
  readonly urls: readonly string[];
  /** Of each. */
  readonly bytes: number;
  readonly sha256: string;
}

/** One way of keeping: a fresh copy under `key` each time. */
export interface Keeper {
  fetch(files: Files, key: string): Promise<void>;
  read(files: Files, key: string, upload: Upload): Promise<void>;
}

const signal = new AbortController().signal;

/** Verified chunks, in parallel. */
const store: Keeper = {
  async fetch({ urls, bytes, sha256 }, key) {
    const digest = { algorithm: "sha256", hex: sha256 } as const;
    const [first, ...rest] = urls.map((url, i): FileSpec => ({ name: `${i}.bin`, pieces: [{ url, bytes }], digest }));
    if (first === undefined) throw new Error("There are no files.");
    const spec: ModelSpec = { id: key, name: key, files: [first, ...rest] };
    await downloadModel(spec, { signal });
  },
  async read(_files, key, upload) {
    const { files } = await openStored(key);
    for (const file of files) {
      let at = 0;
      for await (const piece of file.stream(0, file.size, signal)) {
        upload.write(piece, at);
        at += piece.length;
      }
    }
  },
};

let shards: UseStore | undefined;
const shardStore = () => (shards ??= createStore("bench-shards", "shards"));

/** Each file as one value, read once to see whether it is there and once for its bytes: what WebLLM does. */
const wholeShards: Keeper = {
  async fetch({ urls }, key) {
    for (const url of urls) await set(key + url, await (await fetch(url)).arrayBuffer(), shardStore());
  },
  async read({ urls }, key, upload) {
    for (const url of urls) {
      const exists = await get<ArrayBuffer>(key + url, shardStore());
      if (exists === undefined) throw new Error("A shard is gone.");
      upload.write(new Uint8Array(await there(get<ArrayBuffer>(key + url, shardStore()))), 0);
    }
  },
};

const cacheApi: Keeper = {
  async fetch({ urls }, key) {
    const cache = await caches.open(key);
    for (const url of urls) await cache.add(url);
  },
  async read({ urls }, key, upload) {
    const cache = await caches.open(key);
    for (const url of urls) {
      const response = await there(cache.match(url));
      upload.write(new Uint8Array(await response.arrayBuffer()), 0);
    }
  },
};

/** Not in the library that scripts are compiled with: https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle */
interface SyncAccess {
  read(into: Uint8Array, options: { readonly at: number }): number;
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  flush(): void;
  close(): void;
}

async function syncAccess(key: string, i: number): Promise<SyncAccess> {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(key, { create: true });
  const file = await folder.getFileHandle(`${i}.bin`, { create: true });
  return (file as unknown as { createSyncAccessHandle(): Promise<SyncAccess> }).createSyncAccessHandle();
}

const OPFS_READ = 4 * 2 ** 20;

const opfs: Keeper = {
  async fetch({ urls }, key) {
    for (const [i, url] of urls.entries()) {
      const access = await syncAccess(key, i);
      const { body } = await fetch(url);
      let at = 0;
      for await (const piece of body as unknown as AsyncIterable<Uint8Array>) at += access.write(piece, { at });
      access.flush();
      access.close();
    }
  },
  async read({ urls, bytes }, key, upload) {
    const buffer = new Uint8Array(OPFS_READ);
    for (const i of urls.keys()) {
      const access = await syncAccess(key, i);
      for (let at = 0; at < bytes; at += OPFS_READ) upload.write(buffer.subarray(0, access.read(buffer, { at })), at);
      access.close();
    }
  },
};

async function there<T>(value: Promise<T | undefined>): Promise<T> {
  const found = await value;
  if (found === undefined) throw new Error("What was kept is gone.");
  return found;
}

export const KEEPERS = { store, wholeShards, cacheApi, opfs } as const;
export type KeeperName = keyof typeof KEEPERS;
