/**
 * What lies in IndexedDB: the chunks of files, notes on files and models under way, a record of each model that is
 * whole, and what files without a published sum came to the first time. All of it carries a version; what another
 * version wrote, or nobody did, counts as not there.
 */
import { clear, createStore, del, get, promisifyRequest, set, values, type UseStore } from "idb-keyval";
import * as v from "valibot";
import type { ModelSpec } from "./model-spec";
import { asStorageError } from "../shared/storage-errors";

const VERSION = 2;

/** Which file: its model's id and its name there. */
export type FileKey = readonly [model: string, file: string];

export interface Chunk {
  /** SHA-256 of the data, hex. */
  readonly digest: string;
  readonly data: Blob;
}

/** What is known of a file under way. */
export type PartialFile = v.InferOutput<typeof partialSchema>;
export type Place = v.InferOutput<typeof placeSchema>;
export type WholeFile = v.InferOutput<typeof wholeFileSchema>;

export interface ModelRecord {
  /** By which what is missing or broken can be had again. */
  readonly spec: ModelSpec;
  readonly files: readonly WholeFile[];
}

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

const pieceSchema = v.object({ url: v.string(), bytes: v.optional(count) });
const digestSchema = v.object({ algorithm: v.picklist(["sha256", "md5", "git-blob"]), hex: v.string() });
const fileSpecSchema = v.object({
  name: v.string(),
  pieces: v.tupleWithRest([pieceSchema], pieceSchema),
  digest: v.optional(digestSchema),
});

const specSchema = v.object({
  id: v.string(),
  name: v.string(),
  files: v.tupleWithRest([fileSpecSchema], fileSpecSchema),
  origin: v.optional(v.object({ host: v.string(), repository: v.string(), revision: v.string() })),
});

const unfinishedSchema = v.object({ version, spec: specSchema });
const firstDigestSchema = v.object({ version, sha256: v.string() });

const placeSchema = v.object({
  version,
  handles: v.array(v.custom<FileSystemFileHandle>((value) => value instanceof FileSystemFileHandle)),
  /** [ms] of each, when it was chosen. */
  lastModified: v.array(v.number()),
});

const wholeFileSchema = v.object({
  name: v.string(),
  bytes: count,
  chunkBytes: v.pipe(count, v.minValue(1)),
  sha256: v.string(),
  isVerified: v.boolean(),
});
const modelSchema = v.object({ version, spec: specSchema, files: v.array(wholeFileSchema) });

const opened = new Map<string, UseStore>();

/** idb-keyval's stores have a database each. Opened when first used: where IndexedDB is refused, that is when it throws. */
function store(name: "chunks" | "partials" | "unfinished" | "models" | "firsts" | "places"): UseStore {
  const found = opened.get(name);
  if (found !== undefined) return found;
  const use = createStore(`ingle-${name}`, name);
  const guarded: UseStore = (mode, callback) =>
    use(mode, callback).catch((thrown: unknown) => {
      throw asStorageError(thrown);
    });
  opened.set(name, guarded);
  return guarded;
}

export async function readChunk([model, file]: FileKey, index: number): Promise<Chunk | undefined> {
  const found = v.safeParse(chunkSchema, await get<unknown>([model, file, index], store("chunks")));
  return found.success ? found.output : undefined;
}

/** @throws IngleError "storage-full" */
export async function writeChunk([model, file]: FileKey, index: number, chunk: Chunk): Promise<void> {
  await set([model, file, index], { version: VERSION, ...chunk }, store("chunks"));
}

/** Which chunks of a file there are, without reading one. */
export async function listChunks(key: FileKey): Promise<ReadonlySet<number>> {
  const keys = await store("chunks")("readonly", (chunks) => promisifyRequest(chunks.getAllKeys(rangeOf(key))));
  return new Set((keys as [string, string, number][]).map(([, , index]) => index));
}

export async function removeChunk([model, file]: FileKey, index: number): Promise<void> {
  await del([model, file, index], store("chunks"));
}

export async function removeChunks(key: FileKey): Promise<void> {
  await removeAll("chunks", key);
}

/** [chunks] that there are of a model, without reading one. */
export function countChunks(model: string): Promise<number> {
  return store("chunks")("readonly", (chunks) => promisifyRequest(chunks.count(rangeOf([model]))));
}

/** All that there is of a model's files, whole or under way. */
export async function removeFiles(model: string): Promise<void> {
  await removeAll("chunks", [model]);
  await removeAll("partials", [model]);
  await del(model, store("unfinished"));
  await del(model, store("places"));
}

/** What there is of files that a model does not have, or no longer. */
export async function removeOtherFiles(model: string, names: readonly string[]): Promise<void> {
  for (const name of ["chunks", "partials"] as const) {
    const keys = await store(name)("readonly", (records) => promisifyRequest(records.getAllKeys(rangeOf([model]))));
    const files = new Set((keys as [string, string][]).map(([, file]) => file));
    for (const file of files) if (!names.includes(file)) await removeAll(name, [model, file]);
  }
}

async function removeAll(name: "chunks" | "partials", key: readonly string[]): Promise<void> {
  await store(name)("readwrite", (records) => promisifyRequest(records.delete(rangeOf(key))));
}

export async function readPartial([model, file]: FileKey): Promise<PartialFile | undefined> {
  const found = v.safeParse(partialSchema, await get<unknown>([model, file], store("partials")));
  return found.success ? found.output : undefined;
}

/** @throws IngleError "storage-full" */
export async function writePartial([model, file]: FileKey, known: Omit<PartialFile, "version">): Promise<PartialFile> {
  const partial = { version: VERSION, ...known } as const;
  await set([model, file], partial, store("partials"));
  return partial;
}

export async function removePartial([model, file]: FileKey): Promise<void> {
  await del([model, file], store("partials"));
}

/** @throws IngleError "storage-full" */
export async function writeUnfinished(spec: ModelSpec): Promise<void> {
  await set(spec.id, { version: VERSION, spec }, store("unfinished"));
}

export async function readUnfinished(): Promise<ModelSpec[]> {
  return (await valid("unfinished", unfinishedSchema)).map(({ spec }) => spec);
}

export async function removeUnfinished(id: string): Promise<void> {
  await del(id, store("unfinished"));
}

/** SHA-256, hex, of a file without a published sum, when it was first downloaded whole. */
export async function readFirstDigest([model, file]: FileKey): Promise<string | undefined> {
  const found = v.safeParse(firstDigestSchema, await get<unknown>([model, file], store("firsts")));
  return found.success ? found.output.sha256 : undefined;
}

/** @throws IngleError "storage-full" */
export async function writeFirstDigest([model, file]: FileKey, sha256: string): Promise<void> {
  await set([model, file], { version: VERSION, sha256 }, store("firsts"));
}

/** Where a model's files lie that were not copied; undefined for one whose chunks are here. */
export async function readPlace(id: string): Promise<Place | undefined> {
  const found = v.safeParse(placeSchema, await get<unknown>(id, store("places")));
  return found.success ? found.output : undefined;
}

/** @throws IngleError "storage-full" */
export async function writePlace(
  id: string,
  handles: readonly FileSystemFileHandle[],
  lastModified: readonly number[],
): Promise<void> {
  await set(id, { version: VERSION, handles, lastModified }, store("places"));
}

export async function readModel(id: string): Promise<ModelRecord | undefined> {
  const found = v.safeParse(modelSchema, await get<unknown>(id, store("models")));
  return found.success ? found.output : undefined;
}

export function readModels(): Promise<ModelRecord[]> {
  return valid("models", modelSchema);
}

/** @throws IngleError "storage-full" */
export async function writeModel(record: ModelRecord): Promise<void> {
  await set(record.spec.id, { version: VERSION, ...record }, store("models"));
}

/** And where its files lie on disk, if they do: what comes in its place may be chunks. */
export async function removeModelRecord(id: string): Promise<void> {
  await del(id, store("models"));
  await del(id, store("places"));
}

/** Everything, of every model. Emptied and not deleted: deleting a database waits for every tab that has it open. */
export async function clearEverything(): Promise<void> {
  for (const name of ["models", "unfinished", "partials", "chunks", "firsts", "places"] as const)
    await clear(store(name));
}

async function valid<S extends v.GenericSchema>(name: "unfinished" | "models", schema: S): Promise<v.InferOutput<S>[]> {
  const all = await values<unknown>(store(name));
  return all.flatMap((value) => {
    const found = v.safeParse(schema, value);
    return found.success ? [found.output] : [];
  });
}

/** All keys that begin so: in IndexedDB's order an array comes after every number and text. */
function rangeOf(key: readonly string[]): IDBKeyRange {
  return IDBKeyRange.bound([...key], [...key, []]);
}
