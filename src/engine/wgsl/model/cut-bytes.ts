/** Cuts a file's stream of bytes into the pieces that its tensors are repacked in. Knows nothing of what they are. */
import { MiB } from "../../../shared/units";
import type { ByteSource } from "../formats/byte-source";
import type { ByteRange } from "../formats/model-file";

const CHUNK_BYTES = MiB;
/** Bytes between two ranges that are read and dropped rather than asked for apart. */
const LARGEST_GAP = MiB;

/** Something that takes a range of a file in pieces: `unit` bytes or a multiple, in order. */
export interface Sink {
  readonly range: ByteRange;
  readonly unit: number;
  take(bytes: Uint8Array, unitsBefore: number): void;
}

interface Piece {
  readonly sink: Sink;
  /** Whole units, but for the last of a sink. Overwritten when the next piece is asked for. */
  readonly bytes: Uint8Array;
  readonly unitsBefore: number;
}

/**
 * Cuts a source's bytes into pieces for its sinks, which are in order of their offsets.
 *
 * @throws IngleError as `ByteSource.stream` does.
 */
export async function* cutBytes(
  source: ByteSource,
  sinks: readonly Sink[],
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const chunk = new Uint8Array(Math.max(CHUNK_BYTES, ...sinks.map(({ unit }) => unit)));
  for (const run of runsOf(sinks)) {
    const first = run[0];
    const last = run.at(-1);
    if (first === undefined || last === undefined) continue;
    const bytes = new Reader(source.stream(first.range.offset, end(last.range), signal), first.range.offset);
    try {
      for (const sink of run) {
        await bytes.skipTo(sink.range.offset);
        const size = Math.max(sink.unit, Math.floor(CHUNK_BYTES / sink.unit) * sink.unit);
        for (let done = 0; done < sink.range.bytes; done += size) {
          const piece = chunk.subarray(0, Math.min(size, sink.range.bytes - done));
          await bytes.fill(piece);
          yield { sink, bytes: piece, unitsBefore: done / sink.unit };
        }
      }
    } finally {
      await bytes.close();
    }
  }
}

/** Sinks whose ranges are near enough to be read in one go. */
function runsOf(sinks: readonly Sink[]): Sink[][] {
  const runs: Sink[][] = [];
  for (const sink of sinks) {
    const previous = runs.at(-1)?.at(-1);
    const gap = previous ? sink.range.offset - end(previous.range) : -1;
    if (gap >= 0 && gap <= LARGEST_GAP) runs.at(-1)?.push(sink);
    else runs.push([sink]);
  }
  return runs;
}

function end({ offset, bytes }: ByteRange): number {
  return offset + bytes;
}

/** Bytes of a stream in the lengths that are asked for. */
class Reader {
  readonly #chunks: AsyncIterator<Uint8Array, unknown>;
  #rest: Uint8Array = new Uint8Array();
  #position: number;

  constructor(stream: AsyncIterable<Uint8Array, unknown>, position: number) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#position = position;
  }

  async fill(into: Uint8Array): Promise<void> {
    for (let filled = 0; filled < into.length;) {
      const bytes = await this.#next(into.length - filled);
      into.set(bytes, filled);
      filled += bytes.length;
    }
  }

  async skipTo(position: number): Promise<void> {
    while (this.#position < position) await this.#next(position - this.#position);
  }

  /** Lets go of the source, which may have more to give when something went wrong. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(most: number): Promise<Uint8Array> {
    if (this.#rest.length === 0) {
      const result = await this.#chunks.next();
      if (result.done === true) throw new RangeError("A byte source ended early without saying so.");
      this.#rest = result.value;
    }
    const bytes = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(bytes.length);
    this.#position += bytes.length;
    return bytes;
  }
}
