/** The read path: a stored file's bytes in order, one read of IndexedDB a chunk, the next under way meanwhile. */
import { IngleError, throwIfAborted } from "../shared/errors";
import { takeBytes, type Bytes } from "../shared/take-bytes";
import { readChunk, type Chunk, type FileKey } from "./database";

interface StoredExtent {
  readonly bytes: number;
  readonly chunkBytes: number;
}

/** The whole file, by reference to its chunks. @throws IngleError "not-stored" */
export async function blobOf(key: FileKey, { bytes, chunkBytes }: StoredExtent): Promise<Blob> {
  const parts: Blob[] = [];
  for (let index = 0; index * chunkBytes < bytes; index++) {
    parts.push(dataOf(key, await readChunk(key, index), Math.min(chunkBytes, bytes - index * chunkBytes)));
  }
  return new Blob(parts);
}

function dataOf([, name]: FileKey, chunk: Chunk | undefined, length: number): Blob {
  if (chunk?.data.size === length) return chunk.data;
  throw new IngleError(
    "not-stored",
    `A part of ${name} is no longer in the browser's storage: the browser may have cleared it. Download the model again.`,
  );
}

/**
 * The bytes [from, to). A piece is overwritten when the next one is asked for.
 *
 * @throws IngleError "aborted"; "not-stored" when a chunk is gone: browsers evict whole sites, people clear data.
 */
export async function* readStored(
  key: FileKey,
  { bytes, chunkBytes }: StoredExtent,
  from: number,
  to: number,
  signal: AbortSignal,
): AsyncGenerator<Bytes> {
  const last = Math.ceil(to / chunkBytes) - 1;
  const [, name] = key;
  const open = async (index: number): Promise<OpenedChunk> => {
    const start = index * chunkBytes;
    const data = dataOf(key, await readChunk(key, index), Math.min(chunkBytes, bytes - start));
    const [first, end] = [Math.max(from - start, 0), Math.min(to - start, data.size)];
    // The browser begins to read when the stream is made, not when it is read.
    return { stream: data.slice(first, end).stream(), length: end - first };
  };
  let index = Math.floor(from / chunkBytes);
  let next: Promise<OpenedChunk> | undefined;
  try {
    for (; index <= last; index++) {
      throwIfAborted(signal);
      const { stream, length } = await (next ?? open(index));
      next = index < last ? open(index + 1) : undefined;
      next?.catch(() => undefined); // awaited in its turn, or nobody's any more
      yield* takeBytes(stream, { skip: 0, length }, { signal, name, stallAfter: undefined });
    }
  } finally {
    await next?.then(({ stream }) => stream.cancel()).catch(() => undefined);
  }
}

interface OpenedChunk {
  readonly stream: ReadableStream<Bytes>;
  readonly length: number;
}
