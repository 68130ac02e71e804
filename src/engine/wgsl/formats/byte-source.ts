/** Where a file's bytes come from: a URL, a File from disk, later the store. Knows nothing of what is in them. */

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
  stream(from: number, to: number, signal: AbortSignal): AsyncIterable<Uint8Array<ArrayBuffer>>;
}
