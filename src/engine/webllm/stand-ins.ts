/** What the library finds under the browser's names while it loads a model. */
import { isTimeout, withDeadline } from "../../shared/deadline";
import { IngleError } from "../../shared/errors";
import { milliseconds } from "../../shared/units";
import type { FilesAsCaches } from "./stored-files";

export interface StandIns {
  readonly caches: FilesAsCaches;
  readonly gpu: GPU;
}

/** How long a load that was stopped may take to end: its reads fail at once, a pipeline being compiled has to be waited for. */
const END_LIMIT = milliseconds(60_000);

/** Resolves once the last ones are gone. */
let lastGone: Promise<void> = Promise.resolve();

/**
 * Ours take the place of `caches` and `navigator.gpu` until the work itself ends, also where nobody waits for it any more:
 * the library can't be stopped, and under the true ones it would write to the browser's cache, ask the network and open
 * a device that nobody destroys. What keeps hold of the true ones from before, as the rest of the worker does, sees
 * nothing of it. One at a time: see `untilStandInsGone`.
 */
export async function withStandIns<T>({ caches, gpu }: StandIns, work: () => Promise<T>): Promise<T> {
  const restore = [replace(globalThis, "caches", caches), replace(navigator, "gpu", gpu)];
  let tellGone: () => void = () => undefined;
  lastGone = new Promise((resolve) => (tellGone = resolve));
  try {
    return await work();
  } finally {
    for (const each of restore) each();
    tellGone();
  }
}

/** For who loads next, with either engine. @throws IngleError "timed-out" */
export async function untilStandInsGone(): Promise<void> {
  try {
    await withDeadline(lastGone, END_LIMIT, "WebLLM");
  } catch (cause) {
    if (!isTimeout(cause)) throw cause;
    throw new IngleError(
      "timed-out",
      `WebLLM still loads a model that was stopped, ${END_LIMIT / 1000} s later. Try again, or reload the page.`,
      { cause },
    );
  }
}

function replace(target: object, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    // Most are the prototype's: taken away, it shows again.
    if (own === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, own);
  };
}
