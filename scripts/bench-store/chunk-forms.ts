/** How fast IndexedDB gives back values of different sizes, as Blobs and as ArrayBuffers: what the chunk size was chosen by. */
import { createStore, get, set } from "idb-keyval";
import { takeBytes } from "../../src/shared/take-bytes";
import type { Upload } from "./upload";

export type ChunkForm = "buffer" | "blob, whole" | "blob, streamed";
export const CHUNK_FORMS: readonly ChunkForm[] = ["buffer", "blob, whole", "blob, streamed"];

export interface ChunkSeries {
  readonly form: ChunkForm;
  /** Of one value. */
  readonly bytes: number;
  readonly count: number;
}

const patience = { signal: new AbortController().signal, name: "chunk", stallAfter: undefined };
const values = () => createStore("bench-chunks", "chunks");

/** Both kinds, as the store would write them. */
export async function writeChunks({ form, bytes, count }: ChunkSeries, key: string): Promise<void> {
  const use = values();
  const buffer = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(buffer.subarray(at, Math.min(at + 65_536, bytes)));
  for (let i = 0; i < count; i++) await set([key, i], form === "buffer" ? buffer : new Blob([buffer]), use);
}

export async function readChunks({ form, count }: ChunkSeries, key: string, upload: Upload): Promise<void> {
  const use = values();
  let next = get<Uint8Array<ArrayBuffer> | Blob>([key, 0], use);
  for (let i = 0; i < count; i++) {
    const value = await next;
    next = i + 1 < count ? get([key, i + 1], use) : next;
    if (value instanceof Uint8Array) upload.write(value, 0);
    else if (value === undefined) throw new Error("A chunk is gone.");
    else if (form === "blob, whole") upload.write(new Uint8Array(await value.arrayBuffer()), 0);
    else {
      let at = 0;
      for await (const piece of takeBytes(value.stream(), { skip: 0, length: value.size }, patience)) {
        upload.write(piece, at);
        at += piece.length;
      }
    }
  }
}
