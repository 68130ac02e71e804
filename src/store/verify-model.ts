/** Holds a stored model against its own chunks' digests, and fetches again what is broken or gone. */
import { throwIfAborted } from "../shared/errors";
import {
  readChunk,
  removeChunk,
  removeModelRecord,
  writePartial,
  writeUnfinished,
  type FileKey,
  type ModelRecord,
} from "./database";
import { hashChunk } from "./hash";
import type { DownloadProgress } from "./model-spec";
import { TotalTeller } from "./progress";

/**
 * Takes out what is broken. Where anything was, the model is no longer whole: it has no record any more, and downloading
 * it fetches what is missing.
 *
 * @returns [chunks] that were broken or missing.
 */
export async function removeBroken(
  { spec, files }: ModelRecord,
  signal: AbortSignal,
  onProgress: (progress: DownloadProgress) => void,
): Promise<number> {
  let broken = 0;
  const teller = new TotalTeller(spec.id, files, onProgress);
  for (const [i, { name, bytes, chunkBytes }] of files.entries()) {
    const key: FileKey = [spec.id, name];
    for (let index = 0; index * chunkBytes < bytes; index++) {
      throwIfAborted(signal);
      const length = Math.min(chunkBytes, bytes - index * chunkBytes);
      if (!(await isSound(key, index, length))) {
        broken++;
        await removeChunk(key, index);
      }
      teller.tell(i, "verifying", index * chunkBytes + length);
    }
  }
  if (broken === 0) return 0;
  for (const { name, bytes, chunkBytes } of files) await writePartial([spec.id, name], { bytes, chunkBytes });
  // Before it is no longer listed as whole: what is left of it is to be seen somewhere.
  await writeUnfinished(spec);
  await removeModelRecord(spec.id);
  return broken;
}

async function isSound(key: FileKey, index: number, length: number): Promise<boolean> {
  const chunk = await readChunk(key, index).catch(() => undefined); // a Blob whose file is gone can't even be read
  if (chunk?.data.size !== length) return false;
  try {
    return (await hashChunk(new Uint8Array(await chunk.data.arrayBuffer()))) === chunk.digest;
  } catch {
    return false;
  }
}
