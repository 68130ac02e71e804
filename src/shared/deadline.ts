import { IngleError } from "./errors";
import type { Milliseconds } from "./units";

/**
 * Ends a wait: resolves or rejects as `work` does, or rejects with "timed-out" after `limit`.
 * The work itself is not stopped (a promise can't be), only no longer waited for.
 *
 * @param what names the work in the error: "The adapter request".
 */
export function withDeadline<T>(work: Promise<T>, limit: Milliseconds, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new IngleError("timed-out", `${what} did not answer within ${limit / 1000} s.`));
    }, limit);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export function isTimeout(thrown: unknown): boolean {
  return thrown instanceof IngleError && thrown.code === "timed-out";
}
