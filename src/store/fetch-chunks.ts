/** Fetches a file's chunks from where it is published, going on after whatever breaks a transfer. */
import { IngleError, throwIfAborted } from "../shared/errors";
import { takeBytes, type Bytes, type Patience } from "../shared/take-bytes";
import { MiB, milliseconds, type Milliseconds } from "../shared/units";
import { listChunks, readPartial, removeChunks, writePartial, type FileKey, type PartialFile } from "./database";
import type { FileSpec } from "./model-spec";
import { askForBytes, Interrupted, interruptible, type Answer } from "./request";

export const CHUNK_BYTES = 4 * MiB;
/** No byte for so long is a break. */
const STALL_AFTER = milliseconds(30_000);
/** In a row, with no chunk between them. */
const MOST_BREAKS = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** What passes time, so that tests need not. */
export interface Clock {
  pause(time: Milliseconds, signal: AbortSignal): Promise<void>;
  readonly stallAfter: Milliseconds;
}

export const realClock: Clock = {
  stallAfter: STALL_AFTER,
  async pause(time, signal) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, time);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    throwIfAborted(signal);
  },
};

export interface Fetching {
  readonly key: FileKey;
  readonly spec: FileSpec;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Hands out every chunk that is not `had` yet, each once, and as often as it must asks again for what did not come.
 *
 * @param had chunks there already; what is taken is added.
 * @param take is given bytes that are overwritten when it returns.
 * @throws IngleError "aborted"; "source-failed", when the server refuses, or breaks off again and again; as `take`.
 */
export async function fetchChunks(
  fetching: Fetching,
  had: Set<number>,
  take: (index: number, bytes: Bytes, file: PartialFile) => Promise<void>,
): Promise<PartialFile> {
  let breaks = 0;
  for (;;) {
    try {
      return await fetchRuns(fetching, had, async (index, bytes, file) => {
        await take(index, bytes, file);
        had.add(index);
        breaks = 0;
      });
    } catch (thrown) {
      if (!(thrown instanceof Interrupted)) throw thrown;
      breaks++;
      if (breaks > MOST_BREAKS) throw new IngleError("source-failed", thrown.message, { cause: thrown });
      const { clock, signal } = fetching;
      await clock.pause(thrown.retryAfter ?? backoff(breaks), signal);
    }
  }
}

/** Twice as long each time, and never in step with others that lost the same server. */
function backoff(breaks: number): Milliseconds {
  return milliseconds(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (breaks - 1)) * (0.5 + Math.random() / 2));
}

async function fetchRuns(
  { key, spec, clock, signal }: Fetching,
  had: Set<number>,
  take: (index: number, bytes: Bytes, file: PartialFile) => Promise<void>,
): Promise<PartialFile> {
  const patience: Patience = { signal, name: spec.name, stallAfter: clock.stallAfter };
  for (;;) {
    const known = await readPartial(key);
    if (known === undefined) await forget(key, had);
    const run = known === undefined ? { from: 0, to: undefined } : firstGap(known, had);
    if (known !== undefined && run === undefined) return known;
    const { from, to } = run ?? { from: 0, to: undefined };
    const answer = await askForBytes(spec.url, { from, to, etag: known?.etag }, patience);
    try {
      const file = await agree(key, known, answer, had, spec);
      // Another file than the one there was: its beginning is wanted now, and may not be what comes.
      if (known !== undefined && file !== known && answer.start > 0) continue;
      const start = file === known ? from : 0;
      if (answer.start > start) throw new Interrupted(`${spec.name}: the server sent bytes from ${answer.start} on.`);
      const length = Math.min(file === known ? (to ?? file.bytes) : file.bytes, file.bytes) - start;
      const stream = takeBytes(answer.body, { skip: start - answer.start, length }, patience);
      await cutChunks(stream, { file, start, had }, take);
    } finally {
      answer.end();
    }
  }
}

/** What the answer says of the file, held against what is known; what does not belong to it is forgotten. */
async function agree(
  key: FileKey,
  known: PartialFile | undefined,
  { bytes, etag }: Answer,
  had: Set<number>,
  spec: FileSpec,
): Promise<PartialFile> {
  const isOther =
    known !== undefined &&
    ((bytes !== undefined && bytes !== known.bytes) ||
      (etag !== undefined && known.etag !== undefined && etag !== known.etag));
  if (known !== undefined && !isOther) return known;
  await forget(key, had);
  if (bytes === undefined) {
    throw new IngleError("source-failed", `${spec.name}: its server does not say how large it is.`);
  }
  const file: PartialFile = { version: 1, bytes, chunkBytes: CHUNK_BYTES, ...(etag !== undefined && { etag }) };
  await writePartial(key, file);
  return file;
}

async function forget(key: FileKey, had: Set<number>): Promise<void> {
  if ((await listChunks(key)).size > 0) await removeChunks(key);
  had.clear();
}

/** [bytes] Where the first chunks that are missing begin, and the next that is there; undefined when none is missing. */
function firstGap({ bytes, chunkBytes }: PartialFile, had: ReadonlySet<number>) {
  const count = Math.ceil(bytes / chunkBytes);
  let first = 0;
  while (first < count && had.has(first)) first++;
  if (first === count) return undefined;
  let end = first;
  while (end < count && !had.has(end)) end++;
  return { from: first * chunkBytes, to: Math.min(end * chunkBytes, bytes) };
}

/** @param start where the stream begins in the file: at a chunk's first byte. */
async function cutChunks(
  stream: AsyncIterable<Bytes>,
  { file, start, had }: { readonly file: PartialFile; readonly start: number; readonly had: ReadonlySet<number> },
  take: (index: number, bytes: Bytes, file: PartialFile) => Promise<void>,
): Promise<void> {
  const { bytes, chunkBytes } = file;
  const buffer = new Uint8Array(Math.min(chunkBytes, bytes));
  let index = start / chunkBytes;
  let filled = 0;
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await interruptible(chunks.next());
      if (step.done === true) return;
      for (let rest = step.value; rest.length > 0;) {
        const size = Math.min(chunkBytes, bytes - index * chunkBytes);
        const part = rest.subarray(0, size - filled);
        buffer.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
        if (filled < size) continue;
        if (!had.has(index)) await take(index, buffer.subarray(0, size), file);
        index++;
        filled = 0;
      }
    }
  } finally {
    await chunks.return?.();
  }
}
