/** What passes time, so that tests need not. */
import { STALL_AFTER_S } from "../shared/ask-host";
import { throwIfAborted } from "../shared/errors";
import { milliseconds, type Milliseconds } from "../shared/units";

export interface Clock {
  /** So long at least; without a network until there is one. @throws IngleError "aborted" */
  pause(time: Milliseconds, signal: AbortSignal): Promise<void>;
  /** No byte for so long is a break. */
  readonly stallAfter: Milliseconds;
}

export const realClock: Clock = {
  stallAfter: milliseconds(1000 * STALL_AFTER_S),
  async pause(time, signal) {
    await sleep(time, signal);
    await untilOnline(signal);
  },
};

/** @throws IngleError "aborted" */
async function sleep(time: number, signal: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, time);
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
    signal.addEventListener("abort", end);
  });
  throwIfAborted(signal);
}

/** [ms] */
const LOOK_EVERY_MS = 1000;
const LONGEST_OFFLINE_MS = 60_000;

/**
 * A device that knows it has no network need not ask. Looked at again and again, and no longer than a minute: not every
 * worker is told when it is back, and some devices are mistaken.
 */
async function untilOnline(signal: AbortSignal): Promise<void> {
  for (let waited = 0; !navigator.onLine && waited < LONGEST_OFFLINE_MS; waited += LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS, signal);
  }
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Twice as long after each break in a row, and never in step with others that lost the same server. */
export function backoff(breaks: number): Milliseconds {
  return milliseconds(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (breaks - 1)) * (0.5 + Math.random() / 2));
}
