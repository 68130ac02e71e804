import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../../src/engine/wgsl/formats/byte-source";
import { cutBytes, type Sink } from "../../../src/engine/wgsl/model/cut-bytes";
import { IngleError } from "../../../src/shared/errors";
import { MiB } from "../../../src/shared/units";

const never = new AbortController().signal;

/** No two places alike, so that a byte from elsewhere shows. */
const CONTENT = Buffer.alloc(10 * MiB);
for (let i = 0; i < CONTENT.length; i++) CONTENT[i] = Math.imul(i + 1, 0x9e3779b1) >>> 13;

/** The beginning of CONTENT as a file that comes in chunks of these lengths, over and over. */
function chunked(size: number, lengths: readonly number[]) {
  const streams: { from: number; to: number; closed: boolean; given: number }[] = [];
  const source: ByteSource = {
    name: "a file",
    size,
    // eslint-disable-next-line @typescript-eslint/require-await -- there already
    async *stream(from, to) {
      const stream = { from, to, closed: false, given: 0 };
      streams.push(stream);
      try {
        for (let at = from, i = 0; at < to; i++) {
          const length = Math.min(lengths[i % lengths.length] ?? 1, to - at);
          const first = at;
          at += length;
          stream.given += length;
          yield new Uint8Array(CONTENT.subarray(first, at));
        }
      } finally {
        stream.closed = true;
      }
    },
  };
  return { source, streams };
}

interface Taken {
  readonly sink: Sink;
  readonly bytes: Uint8Array;
  readonly unitsBefore: number;
}

const sinkOf = (offset: number, bytes: number, unit: number): Sink => ({
  range: { source: 0, offset, bytes },
  unit,
  take: () => undefined,
});

async function cut(source: ByteSource, sinks: readonly Sink[], signal = never): Promise<Taken[]> {
  const pieces: Taken[] = [];
  for await (const piece of cutBytes(source, sinks, signal)) pieces.push({ ...piece, bytes: piece.bytes.slice() });
  return pieces;
}

/** Every sink got its own bytes, once, in order, in whole units but for the last. */
function expectAll(pieces: readonly Taken[], sinks: readonly Sink[]) {
  for (const sink of sinks) {
    let done = 0;
    const own = pieces.filter((piece) => piece.sink === sink);
    for (const [i, { bytes, unitsBefore }] of own.entries()) {
      expect(unitsBefore * sink.unit).toBe(done);
      if (i < own.length - 1) expect(bytes.length % sink.unit).toBe(0);
      expect(bytes.length).toBeGreaterThan(0);
      const first = sink.range.offset + done;
      done += bytes.length;
      expect(CONTENT.subarray(first, first + bytes.length).equals(bytes)).toBe(true);
    }
    expect(done).toBe(sink.range.bytes);
  }
}

describe("cutting a file's bytes", () => {
  it("gives every byte to its sink, once and in order, whatever the chunks and the gaps", async () => {
    const arbitrary = fc.record({
      sinks: fc.array(
        fc.record({
          gap: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constantFrom(MiB - 1, MiB, MiB + 1)),
          unit: fc.integer({ min: 1, max: 40 }),
          units: fc.integer({ min: 1, max: 30 }),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      lengths: fc.array(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(300_000)), {
        minLength: 1,
        maxLength: 4,
      }),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ sinks: wanted, lengths }) => {
        let at = 0;
        const sinks = wanted.map(({ gap, unit, units }) => {
          const offset = at + gap;
          at = offset + unit * units;
          return sinkOf(offset, unit * units, unit);
        });
        const hasFar = wanted.some(({ gap }) => gap >= MiB - 1);
        const { source, streams } = chunked(at, hasFar ? [...lengths, 500_000] : lengths);
        expectAll(await cut(source, sinks), sinks);
        // A gap of more than a MiB is not read.
        expect(streams).toHaveLength(1 + wanted.slice(1).filter(({ gap }) => gap > MiB).length);
        expect(streams.every(({ closed }) => closed)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("of a tensor that goes into two parts, each its own", async () => {
    const sinks = [sinkOf(100, 60, 20), sinkOf(160, 40, 20)];
    const { source, streams } = chunked(500, [7]);
    expectAll(await cut(source, sinks), sinks);
    expect(streams).toMatchObject([{ from: 100, to: 200 }]);
  });

  it("hands on a MiB at a time, in whole units, but for a unit that is larger", async () => {
    const unit = 300_000;
    const sinks = [sinkOf(0, 8 * unit, unit), sinkOf(8 * unit, 2 * MiB + 1, 2 * MiB + 1)];
    const pieces = await cut(chunked(10 * MiB, [MiB]).source, sinks);
    expectAll(pieces, sinks);
    expect(pieces.map(({ bytes }) => bytes.length)).toEqual([3 * unit, 3 * unit, 2 * unit, 2 * MiB + 1]);
  });

  it("reads nothing for no sinks", async () => {
    const { source, streams } = chunked(10, [1]);
    expect(await cut(source, [])).toEqual([]);
    expect(streams).toEqual([]);
  });

  it("lets go of the source when whoever reads it has enough", async () => {
    const { source, streams } = chunked(1000, [10]);
    for await (const { bytes } of cutBytes(source, [sinkOf(0, 100, 10), sinkOf(100, 500, 10)], never)) {
      expect(bytes).toHaveLength(100);
      break;
    }
    expect(streams).toMatchObject([{ closed: true, given: 100 }]);
  });

  it("throws as the source does", async () => {
    const source: ByteSource = {
      name: "a file",
      size: 100,
      // eslint-disable-next-line @typescript-eslint/require-await -- there already
      async *stream() {
        yield new Uint8Array(10);
        throw new IngleError("source-failed", "It is gone.");
      },
    };
    await expect(cut(source, [sinkOf(0, 100, 1)])).rejects.toMatchObject({ code: "source-failed" });
  });

  it("does not hang or give less when a source ends early", async () => {
    const { source } = chunked(100, [10]);
    const short: ByteSource = { ...source, stream: (from, _to, signal) => source.stream(from, 50, signal) };
    await expect(cut(short, [sinkOf(0, 100, 100)])).rejects.toThrow("ended early");
  });
});
