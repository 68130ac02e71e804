/** Models from disk: copied into the store, or used where they lie. */
import { IngleError, throwIfAborted } from "../shared/errors";
import { CHUNK_BYTES } from "./file-download";
import {
  readModel,
  removeFiles,
  removeModelRecord,
  removeUnfinished,
  writeChunk,
  writeFirstDigest,
  writeModel,
  writePartial,
  writePlace,
  writeUnfinished,
  type FileKey,
  type ModelRecord,
  type WholeFile,
} from "./database";
import { hashChunk, startHash } from "./hash";
import { whileUnread } from "./locks";
import type { ChosenFile, DownloadProgress, FileSpec, ModelSpec } from "./model-spec";
import { TotalTeller } from "./progress";
import { requireSpace } from "./space";

export interface ImportOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
  /** Whether the files stay where they are, and no second copy is made. Every one needs a handle then. */
  readonly inPlace: boolean;
}

/** Where a file came from that nobody can be asked for again. */
const DISK = "disk:";

export function isFromDisk({ files }: ModelSpec): boolean {
  return files.some(({ pieces }) => pieces.some(({ url }) => url.startsWith(DISK)));
}

/** A model that nobody published, by what was chosen. @throws IngleError "request-invalid" */
export function specOfFiles(id: string, name: string, chosen: readonly ChosenFile[]): ModelSpec {
  const [first, ...rest] = chosen.map(({ name, file }): FileSpec => ({
    name,
    pieces: [{ url: DISK + encodeURIComponent(name), bytes: file.size }],
  }));
  if (first === undefined) throw new IngleError("request-invalid", "No file was chosen.");
  return { id, name, files: [first, ...rest] };
}

/**
 * @param spec its files are looked for among the chosen ones by name; where it states sums, they are held to them.
 * @throws IngleError "aborted"; "request-invalid" naming the file that is missing; "storage-full"; "checksum-mismatch";
 *   "source-failed" when a file can't be read.
 */
export async function importFiles(
  spec: ModelSpec,
  chosen: readonly ChosenFile[],
  options: ImportOptions,
): Promise<ModelRecord> {
  const files = spec.files.map((file) => ({ file, chosen: find(chosen, file, options.inPlace) }));
  const total = files.reduce((sum, { chosen }) => sum + chosen.file.size, 0);
  if (!options.inPlace) await requireSpace(spec, total);
  const extents = files.map(({ file, chosen }) => ({ name: file.name, bytes: chosen.file.size }));
  const takeAll = async (copies: boolean): Promise<WholeFile[]> => {
    const teller = new TotalTeller(spec.id, extents, options.onProgress);
    const whole: WholeFile[] = [];
    for (const [i, { file, chosen }] of files.entries()) {
      const onBytes = (done: number) => teller.tell(i, copies ? "downloading" : "verifying", done);
      whole.push(await take([spec.id, file.name], file, chosen.file, { ...options, copies, onBytes }));
    }
    return whole;
  };
  // What is there whole is not given up for files that turn out to be others.
  if ((await readModel(spec.id)) !== undefined) await takeAll(false);
  await whileUnread(spec.id, async () => {
    await removeModelRecord(spec.id);
    await removeFiles(spec.id);
  });
  try {
    // Listed as begun: a tab that dies meanwhile leaves nothing behind that cannot be seen.
    await writeUnfinished(spec);
    const record = { spec, files: await takeAll(!options.inPlace) };
    if (options.inPlace) {
      const handles = files.flatMap(({ chosen }) => chosen.handle ?? []);
      const lastModified = files.map(({ chosen }) => chosen.file.lastModified);
      await writePlace(spec.id, handles, lastModified);
    }
    await writeModel(record);
    await removeUnfinished(spec.id);
    return record;
  } catch (thrown) {
    // Half a copy is of no use: it can't be gone on with.
    await removeFiles(spec.id);
    throw thrown;
  }
}

function find(chosen: readonly ChosenFile[], { name, pieces }: FileSpec, inPlace: boolean): ChosenFile {
  const found = chosen.find((each) => each.name === name) ?? chosen.find((each) => each.name === lastOf(name));
  if (found === undefined) throw new IngleError("request-invalid", `"${name}" is not among the chosen files.`);
  const bytes = pieces.every((piece) => piece.bytes !== undefined)
    ? pieces.reduce((sum, piece) => sum + (piece.bytes ?? 0), 0)
    : undefined;
  if (bytes !== undefined && bytes !== found.file.size) {
    throw new IngleError("checksum-mismatch", `"${name}" has ${found.file.size} bytes, and ${bytes} are published.`);
  }
  if (inPlace && found.handle === undefined) {
    throw new IngleError("request-invalid", `This browser can't use "${name}" where it is: import a copy.`);
  }
  return found;
}

const lastOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

interface Take {
  readonly signal: AbortSignal;
  /** Whether its chunks are kept. */
  readonly copies: boolean;
  onBytes(done: number): void;
}

/** Reads a file once and holds it to its sum. */
async function take(
  key: FileKey,
  { name, digest }: FileSpec,
  file: File,
  { signal, copies, onBytes }: Take,
): Promise<WholeFile> {
  const sha256 = await startHash("sha256", file.size);
  const other =
    digest === undefined || digest.algorithm === "sha256" ? undefined : await startHash(digest.algorithm, file.size);
  if (copies) await writePartial(key, { bytes: file.size, chunkBytes: CHUNK_BYTES });
  for (let index = 0; index * CHUNK_BYTES < file.size; index++) {
    throwIfAborted(signal);
    const from = index * CHUNK_BYTES;
    const bytes = await read(file.slice(from, from + CHUNK_BYTES), name);
    sha256.update(bytes);
    other?.update(bytes);
    if (copies) await writeChunk(key, index, { digest: await hashChunk(bytes), data: new Blob([bytes]) });
    onBytes(from + bytes.length);
  }
  const sum = sha256.finish();
  const published = other?.finish() ?? sum;
  if (digest !== undefined && digest.hex !== published) {
    throw new IngleError(
      "checksum-mismatch",
      `"${name}" is not what its publisher says: its ${digest.algorithm} is ${published}, not ${digest.hex}.`,
    );
  }
  if (digest === undefined) await writeFirstDigest(key, sum);
  return { name, bytes: file.size, chunkBytes: CHUNK_BYTES, sha256: sum, isVerified: digest !== undefined };
}

async function read(part: Blob, name: string) {
  try {
    return new Uint8Array(await part.arrayBuffer());
  } catch (cause) {
    throw new IngleError("source-failed", `"${name}" could not be read from disk: was it moved or changed?`, { cause });
  }
}
