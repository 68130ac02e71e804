/** A stored model as it is read and told of: by engines, for lists, to be saved to disk. Changes nothing. */
import { IngleError } from "../shared/errors";
import type { Bytes } from "../shared/take-bytes";
import { countChunks, readModel, readPlace, type ModelRecord } from "./database";
import { openPlaced, readPlaced } from "./in-place";
import { whileReading } from "./locks";
import type { ModelSpec, StoredModel } from "./model-spec";
import { blobOf, readStored } from "./stored-file";

/** A stored file as the engines read it. */
export interface OpenedFile {
  readonly name: string;
  readonly size: number;
  stream(from: number, to: number, signal: AbortSignal): AsyncIterable<Bytes>;
}

/**
 * A stored file as one Blob, to be saved to disk: made of the chunks as they lie in the browser's storage, so that no
 * byte of it passes through memory.
 *
 * @throws IngleError "not-stored"
 */
export async function exportFile(id: string, name: string): Promise<Blob> {
  const { files } = await recordOf(id);
  const i = files.findIndex((file) => file.name === name);
  const file = files[i];
  if (file === undefined) throw new IngleError("not-stored", `This model has no file "${name}".`);
  const place = await readPlace(id);
  return place === undefined ? blobOf([id, name], file) : openPlaced(place, i, file.bytes);
}

/** The handles of a model that is used where it lies: a page asks its user for permission by them. */
export async function handlesOf(id: string): Promise<readonly FileSystemFileHandle[]> {
  return (await readPlace(id))?.handles ?? [];
}

/** @throws IngleError "not-stored" */
export async function readSpec(id: string): Promise<ModelSpec> {
  return (await recordOf(id)).spec;
}

/** @throws IngleError "not-stored" */
export async function openStored(
  id: string,
): Promise<{ readonly name: string; readonly files: readonly OpenedFile[] }> {
  const { spec, files } = await recordOf(id);
  const place = await readPlace(id);
  return {
    name: spec.name,
    files: files.map((file, i) => ({
      name: file.name,
      size: file.bytes,
      stream: (from, to, signal) =>
        whileReading(id, signal, async function* () {
          await requireSame(id, file);
          yield* place === undefined
            ? readStored([id, file.name], file, from, to, signal)
            : readPlaced(place, i, file, [from, to], signal);
        }),
    })),
  };
}

/** What was opened may have been replaced by a newer revision since: bytes of both would make a model that nobody published. */
async function requireSame(id: string, file: ModelRecord["files"][number]): Promise<void> {
  const now = (await recordOf(id)).files.find(({ name }) => name === file.name);
  if (now?.sha256 === file.sha256) return;
  throw new IngleError("not-stored", `${file.name} was replaced by another one meanwhile. Load the model again.`);
}

/** @throws IngleError "not-stored" */
export async function recordOf(id: string): Promise<ModelRecord> {
  const record = await readModel(id);
  if (record !== undefined) return record;
  throw new IngleError("not-stored", "This model is not in the browser's storage. Download it first.");
}

export async function told({ spec, files }: ModelRecord): Promise<StoredModel> {
  const isInPlace = (await readPlace(spec.id)) !== undefined;
  const chunks = files.reduce((sum, { bytes, chunkBytes }) => sum + Math.ceil(bytes / chunkBytes), 0);
  return {
    id: spec.id,
    name: spec.name,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    files: files.map(({ name, bytes, sha256, isVerified }) => ({ name, bytes, sha256, isVerified })),
    origin: spec.origin,
    missingChunks: isInPlace ? 0 : Math.max(chunks - (await countChunks(spec.id)), 0),
    isInPlace,
  };
}
