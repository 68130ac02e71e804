/** Reads a ReadableStream of bytes: a given number of them, no more, no fewer, and never for ever. */
import { abortedError, asIngleError, IngleError, throwIfAborted } from "./errors";
import { formatBytes, KiB, type Milliseconds } from "./units";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Gives up waiting for a source: what the wait was for goes on, if it can't be stopped. */
export interface Patience {
  readonly signal: AbortSignal;
  /** For messages. */
  readonly name: string;
  /** How long nothing at all may come; undefined waits as long as it takes (a local file behind a sleeping disk). */
  readonly stallAfter: Milliseconds | undefined;
}

/**
 * Waits for one step of a source.
 *
 * @throws IngleError "aborted"; "source-failed" when it takes longer than `stallAfter`, or as `work` fails.
 */
export function waitFor<T>(work: Promise<T>, { signal, name, stallAfter }: Patience): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(abortedError(signal.reason));
    const timer =
      stallAfter === undefined
        ? undefined
        : setTimeout(() => {
            reject(new IngleError("source-failed", `${name}: nothing came for ${stallAfter / 1000} s.`));
          }, stallAfter);
    signal.addEventListener("abort", stop);
    work
      // Some streams fail with the signal's own reason, some with an error of theirs: either way it was stopped.
      .then(resolve, (thrown: unknown) => reject(signal.aborted ? abortedError(thrown) : failed(name, thrown)))
      .finally(() => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
      });
    if (signal.aborted) stop();
  });
}

/**
 * What a fetch that brought no answer at all comes to. Browsers say "Failed to fetch" and no more: what it was is kept
 * from pages.
 */
export function unreachable(name: string, url: string, cause: unknown): unknown {
  if (!(cause instanceof TypeError)) return cause;
  return new IngleError(
    "source-failed",
    `${name} could not be reached: there is no connection to ${new URL(url).host}, or that host lets no other site's page read from it (CORS). Try again, or download the file and choose it from disk.`,
    { cause },
  );
}

function failed(name: string, thrown: unknown): IngleError {
  const error = asIngleError(thrown, "source-failed");
  return error === thrown
    ? error
    : new IngleError("source-failed", `${name} could not be read: ${error.message}`, { cause: thrown });
}

/** [bytes] Read into again and again; streams give less at a time than that. */
const READ_BYTES = 256 * KiB;

/**
 * The bytes [skip, skip + length) of a stream, which is let go of afterwards, however it ends. Time the caller takes
 * between chunks counts for nothing. A chunk is overwritten when the next one is asked for.
 *
 * @throws IngleError "aborted"; "source-failed" when the stream fails, stalls or ends early.
 */
export async function* takeBytes(
  stream: ReadableStream<Bytes>,
  { skip, length }: { readonly skip: number; readonly length: number },
  patience: Patience,
): AsyncIterable<Bytes> {
  const reader = readerOf(stream);
  let position = 0;
  const end = skip + length;
  try {
    while (position < end) {
      throwIfAborted(patience.signal);
      const { done, value } = await waitFor(reader.read(), patience);
      if (done || value === undefined) {
        const missing = formatBytes(end - Math.max(position, skip));
        throw new IngleError("source-failed", `${patience.name} ended early: ${missing} of it did not come.`);
      }
      const chunk = value.subarray(Math.max(0, skip - position), Math.min(value.length, end - position));
      position += value.length;
      if (chunk.length > 0) yield chunk;
    }
  } finally {
    // Not awaited: a connection that hangs would hang its own ending.
    reader.cancel().catch(() => undefined);
  }
}

interface ChunkReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Bytes | undefined }>;
  cancel(): Promise<void>;
}

/**
 * Reads into one buffer where the stream can: arrays made for every chunk pile up between two garbage collections,
 * tens of MB of them.
 */
function readerOf(stream: ReadableStream<Bytes>): ChunkReader {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: "byob" });
  } catch {
    return stream.getReader(); // not a stream of bytes: an older browser's
  }
  let buffer = new ArrayBuffer(READ_BYTES);
  return {
    async read() {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      // The buffer was handed over and comes back as another one over the same memory.
      if (value !== undefined) buffer = value.buffer;
      return { done, value };
    },
    cancel: () => reader.cancel(),
  };
}
