/** What is being done with models: one thing at a time with each, and why the last one failed. */
import { asIngleError, type IngleError } from "../shared/errors";
import type { DownloadProgress } from "../store/model-spec";
import type { Activity, Doing } from "./entries";

export type Tell = (activity: Activity) => void;

interface Job {
  readonly activity: Activity | undefined;
  readonly problem: IngleError | undefined;
  readonly stop: AbortController;
}

export class Jobs {
  readonly #jobs = new Map<string, Job>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** For whoever shows them. */
  get all(): ReadonlyMap<string, Doing> {
    return new Map(
      Array.from(this.#jobs, ([id, { activity, problem }]) => [
        id,
        { activity, problem: problem?.message, problemCode: problem?.code },
      ]),
    );
  }

  problemOf(id: string): IngleError | undefined {
    return this.#jobs.get(id)?.problem;
  }

  /** What happened without anybody's asking. It stays to be said when what is under way ends well. */
  tell(id: string, problem: IngleError): void {
    const job = this.#jobs.get(id);
    this.#enter(id, { activity: job?.activity, problem, stop: job?.stop ?? new AbortController() });
  }

  /** @returns whether there was something to stop. */
  stop(id: string): boolean {
    const job = this.#jobs.get(id);
    if (job?.activity === undefined) return false;
    job.stop.abort();
    return true;
  }

  /** Does nothing while something else is done with the model. What goes wrong is kept for the page to say. */
  async run(
    id: string,
    first: Activity | undefined,
    work: (signal: AbortSignal, tell: Tell) => Promise<void>,
  ): Promise<void> {
    if (this.#jobs.get(id)?.activity !== undefined) return;
    const stop = new AbortController();
    const tell = (activity: Activity | undefined) =>
      this.#enter(id, { activity, problem: this.#jobs.get(id)?.problem, stop });
    this.#enter(id, { activity: first, problem: undefined, stop });
    let problem: IngleError | undefined;
    try {
      await work(stop.signal, tell);
    } catch (thrown) {
      const error = asIngleError(thrown);
      if (error.code !== "aborted") problem = error;
    }
    this.#enter(id, { activity: undefined, problem: problem ?? this.#jobs.get(id)?.problem, stop });
  }

  #enter(id: string, job: Job): void {
    this.#jobs.set(id, job);
    this.#onChange();
  }
}

/** Says how far it is, as what it is. */
export const progressIn =
  (tell: Tell, kind: "downloading" | "verifying") =>
  (progress: DownloadProgress): void =>
    tell({ kind, progress });
