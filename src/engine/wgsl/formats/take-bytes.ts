/** Reads a ReadableStream as a ByteSource must: a given number of bytes, no more, no fewer, and never for ever. */
import { abortedError, asIngleError, IngleError, throwIfAborted } from "../../../shared/errors";
import { formatBytes, type Milliseconds } from "../../../shared/units";
import type { ByteSource } from "./byte-source";

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

function failed(name: string, thrown: unknown): IngleError {
  const error = asIngleError(thrown, "source-failed");
  return error === thrown
    ? error
    : new IngleError("source-failed", `${name} could not be read: ${error.message}`, { cause: thrown });
}

/**
 * The bytes [skip, skip + length) of a stream, which is let go of afterwards, however it ends. Time the caller takes
 * between chunks counts for nothing.
 *
 * @throws IngleError "aborted"; "source-failed" when the stream fails, stalls or ends early.
 */
export async function* takeBytes(
  stream: ReadableStream<Bytes>,
  { skip, length }: { readonly skip: number; readonly length: number },
  patience: Patience,
): AsyncIterable<Bytes> {
  const reader = stream.getReader();
  let position = 0;
  const end = skip + length;
  try {
    while (position < end) {
      throwIfAborted(patience.signal);
      const { done, value } = await waitFor(reader.read(), patience);
      if (done) {
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

/**
 * The bytes [from, to) in one piece. The caller bounds their number.
 *
 * @throws IngleError as `ByteSource.stream` does.
 */
export async function readBytes(source: ByteSource, from: number, to: number, signal: AbortSignal): Promise<Bytes> {
  const bytes = new Uint8Array(to - from);
  let filled = 0;
  for await (const chunk of source.stream(from, to, signal)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}

/**
 * A range that is not in the file is the caller's mistake, or a file's claim that was not checked.
 *
 * @throws IngleError "source-failed"
 */
export function checkRange(source: { readonly name: string; readonly size: number }, from: number, to: number): void {
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to && to <= source.size) return;
  throw new IngleError("source-failed", `${source.name} has ${source.size} bytes; asked for bytes ${from} to ${to}.`);
}
