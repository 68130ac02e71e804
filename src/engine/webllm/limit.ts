/** An end to every wait for the library, which itself tells neither of a lost device nor of a request to stop. */
import { unlessAborted } from "../../shared/abort";
import { milliseconds } from "../../shared/units";
import { waitForGpu } from "../wgsl/gpu/gpu";
import type { WatchedGpu } from "./watched-gpu";

/**
 * How long one step of the library may take while its device is not lost. A whole prompt is one, of which it says nothing
 * until its end: 36,000 tokens at 20 a second. A GPU that hangs is lost long before, and a worker that was ended is noticed
 * by its lifeline; this ends what neither shows.
 */
export const STEP_LIMIT = milliseconds(30 * 60_000);

/** How often a prompt says that it is still computed: the page ends a worker that says nothing for two minutes. */
const BEAT = milliseconds(5000);

/** Repeats an event as long as the work goes on. @returns what the work resolves with. */
export async function* repeating<E, T>(event: E, work: Promise<T>): AsyncGenerator<E, T> {
  const outcome = work.then((value) => ({ value }));
  for (;;) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const beat = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), BEAT);
    });
    const first = await Promise.race([outcome, beat]).finally(() => clearTimeout(timer));
    if (first !== undefined) return first.value;
    yield event;
  }
}

/** @throws IngleError "aborted"; "device-lost"; "gpu-out-of-memory"; whatever `work` rejects with. */
export function untilLostOrStopped<T>(work: Promise<T>, gpu: WatchedGpu, signal: AbortSignal): Promise<T> {
  return unlessAborted(waitForGpu(gpu, work), signal);
}
