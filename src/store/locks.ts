/** Who may do what at once, over all tabs. A tab that dies lets go of its locks. */
import { abortedError, IngleError } from "../shared/errors";
import { asStorageError } from "../shared/storage-errors";

/** [ms] How long a removal waits for a download that was just stopped to have ended. */
const STOPPING_MS = 3000;
/** [ms] How long it waits for readers: an engine that loads takes seconds. */
const READING_MS = 20_000;

/** One at a time changes a model; the others wait. @throws IngleError "aborted"; as `work` */
export async function whileChanging<T>(id: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  // A lock's own abort error is turned into ours, but only while waiting: what `work` throws is its own.
  const lock = navigator.locks.request(changes(id), { signal }, async () => ({ result: await work() }));
  const { result } = await lock.catch((thrown: unknown) => {
    throw asLockError(thrown);
  });
  return result;
}

/** Takes a model away from everyone. @throws IngleError "model-busy"; as `work` */
export async function whileRemoving(id: string, work: () => Promise<void>): Promise<void> {
  const why = "is being downloaded or verified. Pause that first, here or in the other tab.";
  await lockWithin(changes(id), STOPPING_MS, why, () => whileUnread(id, work));
}

/**
 * While nobody reads a model's bytes: for what makes them others. Who read before has what there was; who reads next
 * finds that it is gone.
 *
 * @throws IngleError "model-busy"; as `work`
 */
export async function whileUnread(id: string, work: () => Promise<void>): Promise<void> {
  const why = "is being loaded. Wait until it is, or close the tab that does it.";
  await lockWithin(bytesOf(id), READING_MS, why, work);
}

async function lockWithin(name: string, patienceMs: number, why: string, work: () => Promise<void>): Promise<void> {
  const signal = AbortSignal.timeout(patienceMs);
  await navigator.locks.request(name, { signal }, work).catch((thrown: unknown) => {
    throw thrown === signal.reason ? new IngleError("model-busy", `This model ${why}`) : asLockError(thrown);
  });
}

/** Many may read at once; while they do, nothing is removed. */
export async function* whileReading<T>(
  id: string,
  signal: AbortSignal,
  read: () => AsyncIterable<T>,
): AsyncGenerator<T> {
  let letGo: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (letGo = resolve));
  try {
    await new Promise<void>((resolve, reject) => {
      navigator.locks
        .request(bytesOf(id), { mode: "shared", signal }, () => {
          resolve();
          return done;
        })
        .catch(reject);
    });
  } catch (thrown) {
    throw asLockError(thrown);
  }
  try {
    yield* read();
  } finally {
    letGo();
  }
}

/** A site that may keep nothing gets no locks either. What was thrown while holding one stays as it is. */
function asLockError(thrown: unknown): unknown {
  if (!(thrown instanceof DOMException)) return thrown;
  return thrown.name === "AbortError" ? abortedError(thrown) : asStorageError(thrown);
}

const changes = (id: string) => `ingle model ${id}`;
const bytesOf = (id: string) => `ingle model bytes ${id}`;
