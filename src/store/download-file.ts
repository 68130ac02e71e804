/** Downloads one file into the store, and lets it count as there only when it is what its publisher says. */
import { IngleError } from "../shared/errors";
import { formatBytes } from "../shared/units";
import { listChunks, readChunk, removePartial, writeChunk, type FileKey, type PartialFile } from "./database";
import { fetchChunks, type Fetching } from "./fetch-chunks";
import { hashChunk, startHash } from "./hash";
import type { DownloadProgress, StoredFile } from "./model-spec";
import { readStored } from "./stored-file";

/** After as many repairs a source that still disagrees is not going to agree. */
const MOST_REPAIRS = 2;

export interface WholeFile extends StoredFile {
  readonly chunkBytes: number;
}

/**
 * @throws IngleError "aborted"; "source-failed"; "storage-full"; "checksum-mismatch" when what comes from there is, again
 *   and again, not what is published.
 */
export async function downloadFile(
  fetching: Fetching,
  onProgress: (progress: DownloadProgress) => void,
): Promise<WholeFile> {
  const { key, spec, signal } = fetching;
  const tell = (stage: DownloadProgress["stage"], bytesDone: number, bytesTotal: number) =>
    onProgress({ file: spec.name, stage, bytesDone, bytesTotal });
  const had = new Set(await listChunks(key));
  const file = await fetchChunks(fetching, had, async (index, bytes, { bytes: total, chunkBytes }) => {
    await writeChunk(key, index, { digest: await hashChunk(bytes), data: new Blob([bytes]) });
    tell("downloading", Math.min((had.size + 1) * chunkBytes, total), total);
  });
  for (let repairs = 0; ; repairs++) {
    const sums = await hashFile(key, file, spec.digest?.algorithm, signal, (done) =>
      tell("verifying", done, file.bytes),
    );
    const isVerified = spec.digest !== undefined && sums.published === spec.digest.hex;
    if (isVerified || spec.digest === undefined) {
      await removePartial(key);
      return { name: spec.name, bytes: file.bytes, chunkBytes: file.chunkBytes, sha256: sums.sha256, isVerified };
    }
    if (repairs === MOST_REPAIRS) {
      throw new IngleError(
        "checksum-mismatch",
        `${spec.name} is not what its publisher says: its ${spec.digest.algorithm} is ${sums.published}, not ${spec.digest.hex}. It was fetched ${MOST_REPAIRS + 1} times, and is not used.`,
      );
    }
    await repair(fetching);
  }
}

/** Fetches the whole file once more, and replaces the chunks that come otherwise than before. */
async function repair(fetching: Fetching): Promise<void> {
  const { key } = fetching;
  await fetchChunks(fetching, new Set(), async (index, bytes) => {
    const digest = await hashChunk(bytes);
    if ((await readChunk(key, index))?.digest !== digest)
      await writeChunk(key, index, { digest, data: new Blob([bytes]) });
  });
}

async function hashFile(
  key: FileKey,
  file: PartialFile,
  algorithm: "sha256" | "md5" | undefined,
  signal: AbortSignal,
  onBytes: (done: number) => void,
): Promise<{ readonly sha256: string; readonly published: string | undefined }> {
  const sha256 = await startHash("sha256");
  const other = algorithm === "md5" ? await startHash("md5") : undefined;
  let done = 0;
  for await (const bytes of readStored(key, file, 0, file.bytes, signal)) {
    sha256.update(bytes);
    other?.update(bytes);
    const before = Math.floor(done / file.chunkBytes);
    done += bytes.length;
    if (Math.floor(done / file.chunkBytes) > before) onBytes(done);
  }
  if (done !== file.bytes) throw new IngleError("unexpected", `${key[1]} has ${formatBytes(done)} of ${file.bytes}.`);
  const sum = sha256.finish();
  return { sha256: sum, published: other?.finish() ?? sum };
}
