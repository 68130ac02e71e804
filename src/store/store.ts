/** The weight store: downloads models, lists those that are whole, hands their bytes out, removes them. */
import { IngleError } from "../shared/errors";
import type { Bytes } from "../shared/take-bytes";
import { readModel, readModels, removeFiles, removeModelRecord, writeModel, type ModelRecord } from "./database";
import { downloadFile, type WholeFile } from "./download-file";
import { realClock, type Clock } from "./fetch-chunks";
import type { DownloadProgress, ModelSpec, StoredModel } from "./model-spec";
import { readStored } from "./stored-file";

/** A stored file as the engines read it. */
export interface OpenedFile {
  readonly name: string;
  readonly size: number;
  stream(from: number, to: number, signal: AbortSignal): AsyncIterable<Bytes>;
}

/**
 * Downloads what is missing of a model; of one that is there whole, nothing. Two tabs never do it at once: the second
 * waits, and finds it done.
 *
 * @throws IngleError as `downloadFile`.
 */
export async function downloadModel(
  spec: ModelSpec,
  options: {
    readonly signal: AbortSignal;
    readonly onProgress?: (progress: DownloadProgress) => void;
    readonly clock?: Clock;
  },
): Promise<StoredModel> {
  const { signal, onProgress = () => undefined, clock = realClock } = options;
  return navigator.locks.request(lockOf(spec.id), { signal }, async () => {
    const whole = await readModel(spec.id);
    if (whole !== undefined && isSame(whole, spec)) return told(whole);
    // Of another kind than what is wanted now: as soon as its first chunk is replaced it is no longer whole.
    await removeModelRecord(spec.id);
    const files: WholeFile[] = [];
    for (const file of spec.files) {
      files.push(await downloadFile({ key: [spec.id, file.name], spec: file, clock, signal }, onProgress));
    }
    const record = { id: spec.id, name: spec.name, files };
    await writeModel(record);
    return told(record);
  });
}

export async function listModels(): Promise<readonly StoredModel[]> {
  return (await readModels()).map(told);
}

/** Takes a model out, whole or not, and what was downloaded of it. Waits for a download of it to end. */
export async function removeModel(id: string): Promise<void> {
  await navigator.locks.request(lockOf(id), async () => {
    // First, so that it is never listed with chunks missing.
    await removeModelRecord(id);
    await removeFiles(id);
  });
}

/** @throws IngleError "not-stored" */
export async function openStored(
  id: string,
): Promise<{ readonly name: string; readonly files: readonly OpenedFile[] }> {
  const record = await readModel(id);
  if (record === undefined) {
    throw new IngleError("not-stored", "This model is not in the browser's storage. Download it first.");
  }
  const files = record.files.map((file) => ({
    name: file.name,
    size: file.bytes,
    stream: (from: number, to: number, signal: AbortSignal) => readStored([id, file.name], file, from, to, signal),
  }));
  return { name: record.name, files };
}

/** Whether what is there is what is asked for: the same files, and of the same sum where one is published. */
function isSame({ files }: Pick<ModelRecord, "files">, spec: ModelSpec): boolean {
  return (
    files.length === spec.files.length &&
    spec.files.every(({ name, digest }) => {
      const file = files.find((each) => each.name === name);
      return file !== undefined && (digest?.algorithm !== "sha256" || digest.hex === file.sha256);
    })
  );
}

function told({ id, name, files }: Omit<ModelRecord, "version">): StoredModel {
  return {
    id,
    name,
    files: files.map((file) => ({
      name: file.name,
      bytes: file.bytes,
      sha256: file.sha256,
      isVerified: file.isVerified,
    })),
  };
}

const lockOf = (id: string) => `ingle model ${id}`;
