/** The weight store: downloads models, lists those that are whole, hands their bytes out, verifies and removes them. */
import { IngleError, messageOf } from "../shared/errors";
import { openAnnouncer, watchDownload } from "./announce";
import { checkChosen, checkSpec } from "./check-spec";
import { realClock, type Clock } from "./clock";
import {
  clearEverything,
  listChunks,
  readModel,
  readModels,
  readPartial,
  readPlace,
  readUnfinished,
  removeFiles,
  removeModelRecord,
  removeOtherFiles,
  writeModel,
  writePartial,
  type ModelRecord,
} from "./database";
import { downloadFiles } from "./download-model";
import { importFiles, isFromDisk, specOfFiles } from "./import-model";
import { checkPlaced } from "./in-place";
import { whileChanging, whileRemoving, whileUnread } from "./locks";
import type {
  ChosenFile,
  DownloadProgress,
  ModelSpec,
  StoredModel,
  StoreUsage,
  UnfinishedModel,
  Verification,
} from "./model-spec";
import { recordOf, told } from "./stored-model";
import { removeBroken } from "./verify-model";

export { exportFile, handlesOf, openStored, readSpec } from "./stored-model";

export interface ChangeOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly clock?: Clock;
  /** Of files without a published sum: whether they may be others than the first time. */
  readonly acceptsChange?: boolean;
}

/**
 * Downloads what is missing of a model; of one that is there whole, nothing. Two tabs never do it at once: the second
 * waits, is told of the first one's progress, and finds it done.
 *
 * @throws IngleError "request-invalid" for what is no spec; "aborted", whereupon what came stays; "source-failed";
 *   "storage-full"; "checksum-mismatch"
 */
export async function downloadModel(spec: ModelSpec, options: ChangeOptions): Promise<StoredModel> {
  checkSpec(spec);
  return changing(spec.id, options, async (onProgress) => {
    const record = await readModel(spec.id);
    if (record !== undefined && isSame(record, spec)) {
      // The same files, which a newer revision may have too, or somebody who vouches for them by now.
      const files = record.files.map((file) => ({ ...file, isVerified: file.isVerified || isPublished(file, spec) }));
      const renewed = { spec, files };
      await writeModel(renewed);
      const model = await told(renewed);
      if (model.missingChunks === 0) return model;
      await removeBroken(renewed, options.signal, onProgress);
    }
    return await told(await fetchAll(spec, options, onProgress));
  });
}

/**
 * Reads every chunk of a model, and fetches those again that are not what they were.
 *
 * @throws IngleError "not-stored"; as `downloadModel`
 */
export async function verifyModel(id: string, options: ChangeOptions): Promise<Verification> {
  return changing(id, options, async (onProgress) => {
    const record = await recordOf(id);
    const place = await readPlace(id);
    if (place !== undefined) {
      await checkPlaced(place, record, options.signal, onProgress);
      return { model: await told(record), repairedChunks: 0 };
    }
    const repairedChunks = await removeBroken(record, options.signal, onProgress);
    const sound = repairedChunks === 0 ? record : await fetchAll(record.spec, options, onProgress);
    return { model: await told(sound), repairedChunks };
  });
}

export async function listModels(): Promise<readonly StoredModel[]> {
  return Promise.all((await readModels()).map(told));
}

export async function listUnfinished(): Promise<readonly UnfinishedModel[]> {
  const specs = await readUnfinished();
  return Promise.all(specs.map(async (spec) => ({ spec, bytesDone: await bytesDoneOf(spec) })));
}

/**
 * Takes a model out, whole or not, and what was downloaded of it. What its files without published sums came to is kept.
 *
 * @throws IngleError "model-busy" while a tab downloads or loads it.
 */
export async function removeModel(id: string): Promise<void> {
  await whileRemoving(id, async () => {
    // First, so that it is never listed with chunks missing.
    await removeModelRecord(id);
    await removeFiles(id);
  });
}

/** @throws IngleError "model-busy"; models before that one are gone. */
export async function removeEverything(): Promise<void> {
  const ids = [...(await readModels()).map(({ spec }) => spec.id), ...(await readUnfinished()).map(({ id }) => id)];
  for (const id of new Set(ids)) await removeModel(id);
  // What no record names any more, too.
  await clearEverything();
}

export async function measureUsage(): Promise<StoreUsage> {
  const { usage, quota } = await navigator.storage.estimate();
  const whole = (await listModels()).map(({ id, name, bytes }) => ({ id, name, bytes }));
  const begun = (await listUnfinished()).map(({ spec, bytesDone }) => ({
    id: spec.id,
    name: spec.name,
    bytes: bytesDone,
  }));
  return {
    models: [...whole, ...begun],
    usedBytes: usage,
    quotaBytes: quota,
    isPersisted: await navigator.storage.persisted(),
  };
}

/**
 * Takes a model in from disk. With a spec of a published model its files are held to the published sums.
 *
 * @throws IngleError as `importFiles`; "model-busy"
 */
export async function importModel(
  wanted: ModelSpec | { readonly id: string; readonly name: string },
  chosen: readonly ChosenFile[],
  { inPlace, ...options }: ChangeOptions & { readonly inPlace: boolean },
): Promise<StoredModel> {
  checkChosen(chosen);
  const { id, name } = wanted as Partial<typeof wanted>; // a program may leave them out
  const spec = "files" in wanted ? wanted : specOfFiles(id ?? "", name ?? "", chosen);
  checkSpec(spec);
  return changing(spec.id, options, async (onProgress) =>
    told(await importFiles(spec, chosen, { signal: options.signal, onProgress, inPlace })),
  );
}

/** Tells all tabs how it goes and how it ends. */
async function changing<T>(
  id: string,
  { signal, onProgress = () => undefined }: ChangeOptions,
  work: (onProgress: (progress: DownloadProgress) => void) => Promise<T>,
): Promise<T> {
  const stopWatching = watchDownload(id, onProgress);
  try {
    return await whileChanging(id, signal, async () => {
      stopWatching();
      const announcer = openAnnouncer();
      let problem: string | undefined;
      try {
        return await work((progress) => {
          onProgress(progress);
          announcer.tell({ type: "progress", progress });
        });
      } catch (thrown) {
        problem = messageOf(thrown);
        throw thrown;
      } finally {
        announcer.tell({ type: "ended", id, problem });
        announcer.close();
      }
    });
  } finally {
    stopWatching();
  }
}

async function fetchAll(
  spec: ModelSpec,
  { signal, clock = realClock, acceptsChange = false }: ChangeOptions,
  onProgress: (progress: DownloadProgress) => void,
): Promise<ModelRecord> {
  if (isFromDisk(spec)) {
    throw new IngleError("not-stored", `Parts of ${spec.name} are broken or gone. Import its files again.`);
  }
  const before = await readModel(spec.id);
  // As soon as a first chunk is replaced the model there was is no longer whole.
  await whileUnread(spec.id, () => removeModelRecord(spec.id));
  if (before !== undefined) await keepUnchanged(before, spec);
  await removeOtherFiles(
    spec.id,
    spec.files.map(({ name }) => name),
  );
  return downloadFiles(spec, { signal, clock, acceptsChange, onProgress });
}

/** A newer revision has most files as they were: those are checked, and not fetched again. */
async function keepUnchanged({ files }: ModelRecord, spec: ModelSpec): Promise<void> {
  for (const { name, bytes, chunkBytes, sha256 } of files) {
    if (isPublished({ name, sha256 }, spec)) await writePartial([spec.id, name], { bytes, chunkBytes });
  }
}

function isPublished({ name, sha256 }: { readonly name: string; readonly sha256: string }, spec: ModelSpec): boolean {
  const digest = spec.files.find((file) => file.name === name)?.digest;
  return digest?.algorithm === "sha256" && digest.hex === sha256;
}

/** Whether what is there is what is asked for: the same files, and of the same sums where they are published. */
function isSame({ spec, files }: ModelRecord, wanted: ModelSpec): boolean {
  return (
    files.length === wanted.files.length &&
    wanted.files.every(({ name, digest }) => {
      const known = spec.files.find((each) => each.name === name);
      const sha256 = files.find((each) => each.name === name)?.sha256;
      if (known === undefined || sha256 === undefined || digest === undefined) return known !== undefined;
      return digest.algorithm === "sha256" ? digest.hex === sha256 : digest.hex === known.digest?.hex;
    })
  );
}

/** [bytes], but for a last chunk that is counted whole. */
async function bytesDoneOf({ id, files }: ModelSpec): Promise<number> {
  let done = 0;
  for (const { name } of files) {
    const known = await readPartial([id, name]);
    const { size } = await listChunks([id, name]);
    if (known !== undefined) done += Math.min(size * known.chunkBytes, known.bytes);
  }
  return done;
}
