/** Puts a download's progress together and tells it, a few times a second at most. */
import type { FileDownload } from "./file-download";
import type { DownloadProgress, FileProgress } from "./model-spec";
import { Pace } from "../shared/pace";
import { Speed } from "./speed";

export class ProgressTeller {
  readonly #id: string;
  readonly #files: readonly FileDownload[];
  readonly #tell: (progress: DownloadProgress) => void;
  /** [bytes] of a file that is being hashed. */
  readonly #hashed = new Map<FileDownload, number>();
  readonly #pace = new Pace();

  constructor(id: string, files: readonly FileDownload[], tell: (progress: DownloadProgress) => void) {
    this.#id = id;
    this.#files = files;
    this.#tell = tell;
  }

  hashed(file: FileDownload, bytes: number): void {
    this.#hashed.set(file, bytes);
  }

  /** @param isLast tells it in any case. */
  tell(bytesPerSecond: () => number, isLast = false): void {
    if (!this.#pace.isDue(isLast)) return;
    const files = this.#files.map((file) => this.#progressOf(file));
    // What is there, not what is hashed of it: that is told of the file alone.
    const bytesDone = sum(this.#files.map(({ bytesDone }) => bytesDone));
    this.#tell({ id: this.#id, ...totals(files, bytesPerSecond()), bytesDone, files });
  }

  #progressOf(download: FileDownload): FileProgress {
    const { spec, stage, file, bytesDone } = download;
    const done = stage === "verifying" ? (this.#hashed.get(download) ?? 0) : bytesDone;
    return { name: spec.name, stage, bytesDone: done, bytesTotal: file?.bytes };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** The same for files whose sizes are known and that come one after the other: from disk, or from the store itself. */
export class TotalTeller {
  readonly #id: string;
  readonly #tell: (progress: DownloadProgress) => void;
  readonly #files: FileProgress[];
  readonly #speed = new Speed(performance.now());
  readonly #pace = new Pace();

  constructor(
    id: string,
    files: readonly { readonly name: string; readonly bytes: number }[],
    tell: (progress: DownloadProgress) => void,
  ) {
    this.#id = id;
    this.#tell = tell;
    this.#files = files.map(({ name, bytes }) => ({ name, stage: "waiting", bytesDone: 0, bytesTotal: bytes }));
  }

  tell(i: number, stage: "downloading" | "verifying", bytesDone: number): void {
    const file = this.#files[i];
    if (file === undefined) return;
    this.#speed.add(bytesDone - file.bytesDone);
    const isWhole = bytesDone === file.bytesTotal;
    this.#files[i] = { ...file, stage: isWhole ? "whole" : stage, bytesDone };
    const now = performance.now();
    if (!this.#pace.isDue(isWhole, now)) return;
    this.#tell({ id: this.#id, ...totals(this.#files, this.#speed.measure(now)), files: [...this.#files] });
  }
}

function totals(files: readonly FileProgress[], bytesPerSecond: number) {
  const bytesDone = sum(files.map(({ bytesDone }) => bytesDone));
  const known = files.flatMap(({ bytesTotal }) => bytesTotal ?? []);
  const bytesTotal = known.length === files.length ? sum(known) : undefined;
  const speed = Math.round(bytesPerSecond);
  const secondsLeft = bytesTotal !== undefined && speed > 0 ? Math.ceil((bytesTotal - bytesDone) / speed) : undefined;
  return { bytesDone, bytesTotal, bytesPerSecond: speed, secondsLeft };
}
