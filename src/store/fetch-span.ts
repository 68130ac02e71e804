/** One connection's work: asks for a span of chunks and hands each out as it is complete. */
import { throwIfAborted } from "../shared/errors";
import { takeBytes, type Bytes, type Patience } from "../shared/take-bytes";
import type { Milliseconds } from "../shared/units";
import type { PartialFile } from "./database";
import { CHUNK_BYTES, Restarted, type FileDownload, type Span } from "./file-download";
import { askForBytes, Interrupted, interruptible } from "./request";

/** What a chunk is collected in: as many as there are connections, and no more ever. */
export class ChunkBuffers {
  readonly #free: Bytes[] = [];

  async with<T>(work: (buffer: Bytes) => Promise<T>): Promise<T> {
    const buffer = this.#free.pop() ?? new Uint8Array(CHUNK_BYTES);
    try {
      return await work(buffer);
    } finally {
      this.#free.push(buffer);
    }
  }
}

export interface SpanWork {
  readonly stallAfter: Milliseconds;
  readonly buffers: ChunkBuffers;
  /** Ends it, and the whole download. */
  readonly signal: AbortSignal;
  /** Given bytes that are overwritten when it returns. */
  take(index: number, bytes: Bytes): Promise<void>;
  onBytes(count: number): void;
}

/** @throws Restarted; Interrupted; IngleError "aborted"; "source-failed"; as `take` */
export async function fetchSpan(download: FileDownload, span: Span, work: SpanWork): Promise<void> {
  const signal = AbortSignal.any([work.signal, span.connection.signal]);
  const patience: Patience = { signal, name: download.spec.name, stallAfter: work.stallAfter };
  try {
    const { piece, offset, first, end } = span;
    const chunkBytes = download.file?.chunkBytes ?? CHUNK_BYTES;
    const size = piece.bytes ?? download.file?.bytes;
    const from = first * chunkBytes - offset;
    const to = end === undefined || size === undefined ? undefined : Math.min(end * chunkBytes - offset, size);
    const answer = await askForBytes(piece.url, { from, to, etag: download.file?.etag }, patience);
    try {
      const file = await download.agree(span, answer);
      const start = span.first * file.chunkBytes - offset;
      if (answer.start > start) {
        throw new Interrupted(`${patience.name}: the server sent bytes from ${answer.start} on, not from ${start}.`);
      }
      const length = lengthOf(span, file) - start;
      await work.buffers.with((buffer) =>
        cutChunks(takeBytes(answer.body, { skip: start - answer.start, length }, patience), buffer, file, {
          first: span.first,
          onBytes: (count) => work.onBytes(count),
          async take(index, bytes) {
            throwIfAborted(signal);
            await work.take(index, bytes);
          },
        }),
      );
    } finally {
      answer.end();
    }
  } catch (thrown) {
    // Its own connection was ended because the file is another; else the download's signal ends more than this.
    if (span.connection.signal.aborted && !work.signal.aborted) throw new Restarted();
    throw thrown;
  }
}

/** [bytes] Where the span ends in its piece. */
function lengthOf({ end = 0, offset }: Span, { bytes, chunkBytes }: PartialFile): number {
  return Math.min(end * chunkBytes, bytes) - offset;
}

interface Cut {
  readonly first: number;
  take(index: number, bytes: Bytes): Promise<void>;
  onBytes(count: number): void;
}

async function cutChunks(
  stream: AsyncIterable<Bytes>,
  buffer: Bytes,
  { bytes, chunkBytes }: PartialFile,
  { first, take, onBytes }: Cut,
): Promise<void> {
  let index = first;
  let filled = 0;
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await interruptible(chunks.next());
      if (step.done === true) return;
      onBytes(step.value.length);
      for (let rest = step.value; rest.length > 0;) {
        const size = Math.min(chunkBytes, bytes - index * chunkBytes);
        const part = rest.subarray(0, size - filled);
        buffer.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
        if (filled < size) continue;
        await take(index, buffer.subarray(0, size));
        index++;
        filled = 0;
      }
    }
  } finally {
    await chunks.return?.();
  }
}
