/**
 * One run at a time fetches; another waits for it. The lock saves a second download and no more: what is fetched goes
 * into a file of the run's own and is renamed once verified, so two runs that both hold it do no harm.
 */
import { readFile, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";

export interface LockTimes {
  /** How often the holder shows that it lives, ms. */
  readonly beat: number;
  /** Past how long without a beat the holder is taken for dead, ms. */
  readonly stale: number;
  readonly poll: number;
}

export const LOCK_TIMES: LockTimes = { beat: 1_000, stale: 10_000, poll: 250 };

interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
}

/** @param onWait called once, when somebody else holds the lock. */
export async function withLock<T>(
  path: string,
  token: string,
  onWait: () => void,
  work: () => Promise<T>,
  times: LockTimes,
): Promise<T> {
  const mine: Holder = { token, pid: process.pid, host: hostname() };
  for (let waited = false; !(await tryTake(path, mine)); waited = true) {
    if (await isAbandoned(path, times)) {
      await unlink(path).catch(() => undefined);
      continue;
    }
    if (!waited) onWait();
    await wait(times.poll);
  }
  const beat = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined); // gone: taken for dead while stopped, which does no harm
  }, times.beat);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await readHolder(path))?.token === token) await unlink(path).catch(() => undefined);
  }
}

async function tryTake(path: string, mine: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(mine), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function isAbandoned(path: string, { stale }: LockTimes): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false; // released just now
  if (Date.now() - found.mtimeMs > stale) return true;
  const holder = await readHolder(path);
  return holder?.host === hostname() && !isRunning(holder.pid);
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // somebody else's process
  }
}
