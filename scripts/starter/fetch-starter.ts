/** Gets the starter model into its folder: from the first source that answers, verified, one run at a time. */
import { constants, copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../src/shared/errors";
import type { PinnedFile } from "../../src/shared/starter";
import { adopt, isStarterWhole, remove, sha256Of, sizeOf } from "./folder";
import { LOCK_TIMES, withLock, type LockTimes } from "./lock";
import type { Progress } from "./progress";
import { SourceFailedError, type Job, type Source } from "./source";

export interface FetchOptions {
  readonly folder: string;
  readonly pin: PinnedFile;
  readonly sources: readonly Source[];
  /** Fetches it even if it is there. */
  readonly force?: boolean;
  readonly say: (line: string) => void;
  readonly progress: Progress;
  readonly lockTimes?: LockTimes;
}

export type FetchOutcome =
  /** `from` is undefined where it was there already. */
  { readonly whole: true; readonly from: string | undefined } | { readonly whole: false; readonly faults: string[] };

export async function fetchStarter(options: FetchOptions): Promise<FetchOutcome> {
  const { folder, pin, force = false, say, lockTimes = LOCK_TIMES } = options;
  try {
    if (!force && (await isStarterWhole(folder, pin))) return { whole: true, from: undefined };
    await mkdir(folder, { recursive: true });
    const token = crypto.randomUUID();
    const onWait = (): void => say("Another run is fetching the starter model; waiting for it.");
    const work = async (): Promise<FetchOutcome> => {
      if (!force && (await isStarterWhole(folder, pin))) return { whole: true, from: undefined };
      return tryAll(options, token);
    };
    return await withLock(join(folder, "lock"), token, onWait, work, lockTimes);
  } catch (error) {
    // Sources fail by errors of their own; what is left is this machine's disk.
    if (!(error instanceof Error && "code" in error)) throw error;
    // A run that was stopped for long finds its beginning cleared away, and maybe the file in its place.
    if (!force && (await isStarterWhole(folder, pin).catch(() => false))) return { whole: true, from: undefined };
    return { whole: false, faults: [`It can't be kept in ${folder}. ${messageOf(error)}.`] };
  }
}

async function tryAll(options: FetchOptions, token: string): Promise<FetchOutcome> {
  const { folder, sources, say, progress, pin, force = false } = options;
  const prefix = `${pin.file}.${pin.sha256.slice(0, 8)}.`;
  const job: Job = {
    pin,
    part: join(folder, `${prefix}${token}.part`),
    scratch: join(folder, `work-${token}`),
    say,
    progress,
  };
  await clearFolder(folder, force ? undefined : prefix, job.part);
  await mkdir(job.scratch, { recursive: true });
  const faults: string[] = [];
  try {
    for (const source of sources) {
      say(`Fetching the starter model from ${source.name}.`);
      const fault = await tryOne(source, job, folder);
      if (fault === undefined) {
        await remove(job.part); // the beginning that another source had brought
        return { whole: true, from: source.name };
      }
      say(fault);
      faults.push(fault);
    }
    return { whole: false, faults };
  } finally {
    progress.pause();
    await remove(job.scratch);
  }
}

/** @returns why it did not bring the file */
async function tryOne(source: Source, job: Job, folder: string): Promise<string | undefined> {
  const { pin, say } = job;
  for (let left = source.again ? 1 : 0; ; left--) {
    let brought: string;
    try {
      brought = await source.bring(job);
    } catch (error) {
      if (error instanceof SourceFailedError) return error.message;
      throw error;
    }
    const sum = await sha256Of(brought);
    if (sum === pin.sha256) {
      await adopt(brought, folder, pin, source.name);
      return undefined;
    }
    await remove(brought); // it may go on from a wrong beginning: the next try starts at zero
    const fault = `What ${source.name} has is not the pinned file: its SHA-256 is ${sum}, where ${pin.sha256} was expected.`;
    if (left === 0) return fault;
    say(`${fault} Trying again from the beginning.`);
  }
}

/**
 * Clears away what killed runs left, but first copies the longest beginning of the file to this run's own. A copy,
 * because a run that was only stopped (Ctrl-Z) would write into the very file that this run is about to verify.
 *
 * @param prefix of names of beginnings worth going on from; none where undefined
 */
async function clearFolder(folder: string, prefix: string | undefined, part: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.endsWith(".part") || name.startsWith("work-"));
  const beginnings = await Promise.all(
    left
      .filter((name) => prefix !== undefined && name.startsWith(prefix))
      .map(async (name) => ({ path: join(folder, name), size: await sizeOf(join(folder, name)) })),
  );
  const [longest] = beginnings.sort((a, b) => b.size - a.size);
  if (longest !== undefined && longest.size > 0) await copyFile(longest.path, part, constants.COPYFILE_FICLONE);
  for (const name of left) await remove(join(folder, name));
}
