/** Where a file's bytes come from: a URL, a File from disk, the store. Knows nothing of what is in them. */
import { IngleError } from "../../../shared/errors";
import type { Bytes } from "../../../shared/take-bytes";

export interface ByteSource {
  /** For messages: a file's name, without its folder. */
  readonly name: string;
  /** Whole length in bytes. */
  readonly size: number;
  /**
   * The bytes [from, to) in order, in chunks of any length above zero as they come. A chunk is overwritten or
   * empty once the next one is asked for; a source never holds more than a few. Ends early only by throwing.
   *
   * @throws IngleError "aborted"; "source-failed" when the bytes can't be had or end before `to`.
   */
  stream(from: number, to: number, signal: AbortSignal): AsyncIterable<Bytes>;
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
