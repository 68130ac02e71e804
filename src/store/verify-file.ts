/** Whether a file that has all its chunks is what it should be: hashed out of the store, so what is checked is what was kept. */
import { IngleError } from "../shared/errors";
import { readFirstDigest, removePartial, writeFirstDigest, type WholeFile } from "./database";
import type { FileDownload } from "./file-download";
import { startHash } from "./hash";
import type { Digest } from "./model-spec";
import { readStored } from "./stored-file";

/** After as many repairs a source that still disagrees is not going to agree. */
const MOST_REPAIRS = 2;

export class FileVerifier {
  readonly #signal: AbortSignal;
  readonly #repairs = new Map<FileDownload, number>();
  readonly #acceptsChange: boolean;

  /** @param acceptsChange of files whose publisher states no sum: whether they may be others than the first time. */
  constructor(signal: AbortSignal, acceptsChange: boolean) {
    this.#signal = signal;
    this.#acceptsChange = acceptsChange;
  }

  /**
   * @returns the file, if it is what it should be; undefined when its repair was begun.
   * @throws IngleError "aborted"; "checksum-mismatch" when what comes is, again and again, not what is published.
   */
  async check(download: FileDownload, onBytes: (done: number) => void): Promise<WholeFile | undefined> {
    const { key, spec, file } = download;
    if (file === undefined) throw new IngleError("unexpected", `${spec.name} was never begun.`);
    const first = this.#acceptsChange ? undefined : await readFirstDigest(key);
    const expected: Digest | undefined =
      spec.digest ?? (first === undefined ? undefined : { algorithm: "sha256", hex: first });
    const sums = await this.#hash(download, expected?.algorithm, onBytes);
    if (expected === undefined || sums.published === expected.hex) {
      if (spec.digest === undefined) await writeFirstDigest(key, sums.sha256);
      await removePartial(key);
      const { bytes, chunkBytes } = file;
      return { name: spec.name, bytes, chunkBytes, sha256: sums.sha256, isVerified: spec.digest !== undefined };
    }
    const repairs = this.#repairs.get(download) ?? 0;
    if (repairs === MOST_REPAIRS) throw mismatch(spec.name, expected, sums.published, first !== undefined);
    this.#repairs.set(download, repairs + 1);
    download.beginRepair();
    return undefined;
  }

  async #hash(
    { key, file }: FileDownload,
    algorithm: Digest["algorithm"] = "sha256",
    onBytes: (done: number) => void,
  ): Promise<{ readonly sha256: string; readonly published: string }> {
    const { bytes = 0, chunkBytes = 1 } = file ?? {};
    const sha256 = await startHash("sha256", bytes);
    const other = algorithm === "sha256" ? undefined : await startHash(algorithm, bytes);
    let done = 0;
    for await (const piece of readStored(key, { bytes, chunkBytes }, 0, bytes, this.#signal)) {
      sha256.update(piece);
      other?.update(piece);
      done += piece.length;
      onBytes(done);
    }
    const sum = sha256.finish();
    return { sha256: sum, published: other?.finish() ?? sum };
  }
}

function mismatch(name: string, expected: Digest, found: string, isFirst: boolean): IngleError {
  const wanted = isFirst
    ? `is another file than the first time, and its publisher states no sum to tell which is right: its SHA-256 was ${expected.hex} and is ${found} now`
    : `is not what its publisher says: its ${expected.algorithm} is ${found}, not ${expected.hex}`;
  return new IngleError(
    "checksum-mismatch",
    `${name} ${wanted}. It was fetched ${MOST_REPAIRS + 1} times, and is not used.`,
  );
}
