/** A file from disk, as a page is given it by a file picker or a drop, or bytes in memory as a Blob. */
import { checkRange, type ByteSource } from "./byte-source";
import { takeBytes } from "../../../shared/take-bytes";

/** @param name for messages; a File has its own. */
export function openFile(file: File): ByteSource;
export function openFile(file: Blob, name: string): ByteSource;
export function openFile(file: Blob, name = file instanceof File ? file.name : "A file"): ByteSource {
  return {
    name,
    size: file.size,
    async *stream(from, to, signal) {
      checkRange(this, from, to);
      if (from === to) return;
      // A file that was changed or taken away since it was chosen fails here with NotReadableError.
      const stream = file.slice(from, to).stream();
      yield* takeBytes(stream, { skip: 0, length: to - from }, { signal, name, stallAfter: undefined });
    },
  };
}
