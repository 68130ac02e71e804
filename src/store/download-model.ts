/** From a model's spec to its record: what is missing is fetched, every file checked, and only then is it listed. */
import { IngleError } from "../shared/errors";
import type { Clock } from "./clock";
import { removeUnfinished, writeModel, writeUnfinished, type ModelRecord, type WholeFile } from "./database";
import { FileDownload } from "./file-download";
import type { DownloadProgress, ModelSpec } from "./model-spec";
import { ProgressTeller } from "./progress";
import { checkSpace, whenFull } from "./space";
import { Transfer } from "./transfer";
import { FileVerifier } from "./verify-file";

export interface DownloadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly clock: Clock;
  readonly acceptsChange: boolean;
}

/**
 * @throws IngleError "aborted"; "request-invalid"; "source-failed"; "storage-full"; "checksum-mismatch"
 */
export async function downloadFiles(spec: ModelSpec, options: DownloadOptions): Promise<ModelRecord> {
  const { signal, clock } = options;
  checkNames(spec);
  const downloads: FileDownload[] = [];
  for (const file of spec.files) downloads.push(await FileDownload.open([spec.id, file.name], file));
  await checkSpace(spec, downloads);
  await writeUnfinished(spec);
  const teller = new ProgressTeller(spec.id, downloads, options.onProgress);
  const verifier = new FileVerifier(signal, options.acceptsChange);
  const whole = new Map<FileDownload, WholeFile>();
  const tell = (isLast?: boolean) => teller.tell(() => transfer.speed, isLast);
  const transfer = new Transfer(downloads, {
    clock,
    signal,
    onChange: tell,
    async whenWhole(download) {
      const file = await verifier.check(download, (done) => {
        teller.hashed(download, done);
        tell();
      });
      if (file === undefined) return;
      whole.set(download, file);
      download.stage = "whole";
    },
  });
  try {
    await transfer.run();
  } catch (thrown) {
    throw await whenFull(thrown, spec, downloads);
  }
  const record = { spec, files: downloads.flatMap((download) => whole.get(download) ?? []) };
  await writeModel(record);
  await removeUnfinished(spec.id);
  tell(true);
  return record;
}

function checkNames({ id, files }: ModelSpec): void {
  const names = new Set<string>(files.map(({ name }) => name));
  if (id !== "" && names.size > 0 && names.size === files.length && !names.has("")) return;
  throw new IngleError("request-invalid", `"${id}" is no model: it and each of its files need a name of their own.`);
}
