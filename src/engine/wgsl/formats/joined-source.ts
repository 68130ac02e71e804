/** Consecutive pieces as the one file they were cut from: static hosts limit how large a file may be. */
import { checkRange, type ByteSource } from "./byte-source";

/** @param pieces in order; `name` is the whole's, for messages. */
export function joinSources(name: string, pieces: readonly ByteSource[]): ByteSource {
  return {
    name,
    size: pieces.reduce((sum, piece) => sum + piece.size, 0),
    async *stream(from, to, signal) {
      checkRange(this, from, to);
      let start = 0; // of the piece, in the whole
      for (const piece of pieces) {
        const first = Math.max(from - start, 0);
        const last = Math.min(to - start, piece.size);
        if (first < last) yield* piece.stream(first, last, signal);
        start += piece.size;
      }
    },
  };
}
