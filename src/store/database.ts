/**
 * What lies in IndexedDB: the chunks of files, notes on files under way, and a record of each model that is whole. All
 * of it carries a version; what another version wrote, or nobody did, counts as not there.
 */
import { createStore, del, get, promisifyRequest, set, values, type UseStore } from "idb-keyval";
import * as v from "valibot";
import { IngleError, messageOf } from "../shared/errors";

const VERSION = 1;

/** Which file: its model's id and its name there. */
export type FileKey = readonly [model: string, file: string];

export interface Chunk {
  /** SHA-256 of the data, hex. */
  readonly digest: string;
  readonly data: Blob;
}

/** What is known of a file under way. */
export type PartialFile = v.InferOutput<typeof partialSchema>;
export type ModelRecord = v.InferOutput<typeof modelSchema>;

const version = v.literal(VERSION);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const chunkSchema = v.object({ version, digest: v.string(), data: v.instance(Blob) });

const partialSchema = v.object({
  version,
  bytes: count,
  chunkBytes: v.pipe(count, v.minValue(1)),
  /** As the server sent it, if it is a strong one: whether what comes next is of the same file. */
  etag: v.optional(v.string()),
});

const modelSchema = v.object({
  version,
  id: v.string(),
  name: v.string(),
  files: v.array(
    v.object({
      name: v.string(),
      bytes: count,
      chunkBytes: v.pipe(count, v.minValue(1)),
      sha256: v.string(),
      isVerified: v.boolean(),
    }),
  ),
});

const opened = new Map<string, UseStore>();

/** idb-keyval's stores have a database each. Opened when first used: where IndexedDB is refused, that is when it throws. */
function store(name: "chunks" | "partials" | "models"): UseStore {
  const found = opened.get(name) ?? createStore(`ingle-${name}`, name);
  opened.set(name, found);
  return found;
}

export async function readChunk([model, file]: FileKey, index: number): Promise<Chunk | undefined> {
  const found = v.safeParse(chunkSchema, await get<unknown>([model, file, index], store("chunks")));
  return found.success ? found.output : undefined;
}

/** @throws IngleError "storage-full" */
export async function writeChunk([model, file]: FileKey, index: number, chunk: Chunk): Promise<void> {
  await written(set([model, file, index], { version: VERSION, ...chunk }, store("chunks")));
}

/** Which chunks of a file there are, without reading one. */
export async function listChunks(key: FileKey): Promise<ReadonlySet<number>> {
  const keys = await store("chunks")("readonly", (chunks) => promisifyRequest(chunks.getAllKeys(rangeOf(key))));
  return new Set((keys as [string, string, number][]).map(([, , index]) => index));
}

export async function removeChunks(key: FileKey): Promise<void> {
  await removeAll("chunks", key);
}

/** All that there is of a model's files, whole or under way. */
export async function removeFiles(model: string): Promise<void> {
  await removeAll("chunks", [model]);
  await removeAll("partials", [model]);
}

async function removeAll(name: "chunks" | "partials", key: readonly string[]): Promise<void> {
  await store(name)("readwrite", (records) => promisifyRequest(records.delete(rangeOf(key))));
}

export async function readPartial([model, file]: FileKey): Promise<PartialFile | undefined> {
  const found = v.safeParse(partialSchema, await get<unknown>([model, file], store("partials")));
  return found.success ? found.output : undefined;
}

/** @throws IngleError "storage-full" */
export async function writePartial([model, file]: FileKey, partial: Omit<PartialFile, "version">): Promise<void> {
  await written(set([model, file], { version: VERSION, ...partial }, store("partials")));
}

export async function removePartial([model, file]: FileKey): Promise<void> {
  await del([model, file], store("partials"));
}

export async function readModel(id: string): Promise<ModelRecord | undefined> {
  const found = v.safeParse(modelSchema, await get<unknown>(id, store("models")));
  return found.success ? found.output : undefined;
}

export async function readModels(): Promise<ModelRecord[]> {
  const all = await values<unknown>(store("models"));
  return all.flatMap((value) => {
    const found = v.safeParse(modelSchema, value);
    return found.success ? [found.output] : [];
  });
}

/** @throws IngleError "storage-full" */
export async function writeModel(record: Omit<ModelRecord, "version">): Promise<void> {
  await written(set(record.id, { version: VERSION, ...record }, store("models")));
}

export async function removeModelRecord(id: string): Promise<void> {
  await del(id, store("models"));
}

/** All keys that begin so: in IndexedDB's order an array comes after every number and text. */
function rangeOf(key: readonly string[]): IDBKeyRange {
  return IDBKeyRange.bound([...key], [...key, []]);
}

async function written(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "QuotaExceededError") {
      throw new IngleError(
        "storage-full",
        "The browser's storage for this site is full. Remove a model, or free space on the disk, and go on.",
        { cause },
      );
    }
    throw new IngleError("storage-failed", `The browser could not keep what was downloaded: ${messageOf(cause)}`, {
      cause,
    });
  }
}
