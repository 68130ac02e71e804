/** Brings something that may be no entry of the list before it has begun. */
import type { IngleError } from "../shared/errors";
import type { DownloadProgress, StoredModel, UnfinishedModel } from "../store/model-spec";
import type { Tell } from "./jobs";

export type Bringing = (watch: {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
}) => Promise<unknown>;

export interface BringParts {
  readonly run: (job: (signal: AbortSignal, tell: Tell) => Promise<void>) => Promise<void>;
  /** How things stand with it, after `refresh`. */
  readonly problem: () => IngleError | undefined;
  readonly kept: () => StoredModel | undefined;
  readonly begun: () => UnfinishedModel | undefined;
  readonly refresh: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/**
 * @returns its name, once it is here whole.
 * @throws IngleError where nothing of it came: there is to be no entry then, and so none to say it.
 */
export async function bring(work: Bringing, parts: BringParts): Promise<string | undefined> {
  let isListed = false;
  await parts.run(async (signal, tell) => {
    const onProgress = (progress: DownloadProgress) => {
      tell({ kind: "downloading", progress });
      if (!isListed) void parts.refresh().catch(() => undefined);
      isListed = true;
    };
    await work({ signal, onProgress });
  });
  const problem = parts.problem();
  const kept = parts.kept();
  const begun = parts.begun();
  if (problem === undefined || kept !== undefined || (begun?.bytesDone ?? 0) > 0) return kept?.name;
  if (begun !== undefined) await parts.remove().then(parts.refresh);
  throw problem;
}
