/**
 * Judges what a reader does with a hostile file: it answers in time, holds no more than the file has bytes for, and
 * either refuses with one of three codes, naming the file, or gives a model whose numbers all fit together.
 */
import { expect } from "vitest";
import type { ByteSource } from "../../src/engine/wgsl/formats/byte-source";
import type { ModelFile } from "../../src/engine/wgsl/formats/model-file";
import { IngleError } from "../../src/shared/errors";
import { withDeadline } from "../../src/shared/deadline";
import { KiB, MiB, milliseconds } from "../../src/shared/units";
import { checkModelFile } from "./model-invariants";

/** A file of `size` bytes: `start`, then zeros. Counts what is asked of it. */
export interface CountingSource extends ByteSource {
  readonly streamed: number;
}

const CHUNK = 4 * KiB;

export function countingSource(name: string, start: Uint8Array<ArrayBuffer>, size = start.length): CountingSource {
  let streamed = 0;
  return {
    name,
    size,
    get streamed() {
      return streamed;
    },
    async *stream(from, to) {
      expect(from >= 0 && from <= to && to <= size, `range ${from} to ${to} of ${size}`).toBe(true);
      for (let at = from; at < to; at += CHUNK) {
        await Promise.resolve();
        const chunk = new PlainUint8Array(Math.min(CHUNK, to - at));
        chunk.set(start.subarray(at, at + chunk.length));
        streamed += chunk.length;
        yield chunk;
      }
    },
  };
}

/** Not the watched one: what a source makes is not the reader's. */
const PlainUint8Array = Uint8Array;

/** Tiny files: a reader needs a few ms, and this is so much more that a busy machine doesn't matter. */
const TIME_LIMIT = milliseconds(5000);
/** What one file of some kB may add to the process's highest memory. */
const RSS_LIMIT_BYTES = 64 * MiB;

export type Outcome = "read" | IngleError;

/**
 * @param sources all a reader may ask; what it streams and allocates is held against their sizes.
 */
export async function judge(sources: readonly CountingSource[], read: () => Promise<ModelFile>): Promise<Outcome> {
  const rssBefore = process.resourceUsage().maxRSS * 1024;
  const start = performance.now();
  const allocations = watchAllocations();
  let outcome: Outcome;
  try {
    const model = await withDeadline(read(), TIME_LIMIT, "The reader");
    checkModelFile(model);
    outcome = "read";
  } catch (thrown) {
    if (!(thrown instanceof IngleError)) throw thrown;
    outcome = thrown;
  } finally {
    allocations.stop();
  }
  expect(performance.now() - start).toBeLessThan(TIME_LIMIT);
  // What is made goes with what came: each byte is copied when a chunk is put to what is left of the one before.
  const came = sources.reduce((sum, { streamed }) => sum + streamed, 0);
  expect(allocations.bytes()).toBeLessThanOrEqual(4 * came + 64 * KiB);
  expect(process.resourceUsage().maxRSS * 1024 - rssBefore).toBeLessThan(RSS_LIMIT_BYTES);
  // The header or manifest once, and RoPE's factors.
  for (const { streamed, size } of sources) expect(streamed).toBeLessThanOrEqual(size + 4 * KiB);
  if (outcome !== "read") checkRefusal(outcome, sources);
  return outcome;
}

function checkRefusal({ code, message }: IngleError, sources: readonly CountingSource[]): void {
  expect(["model-invalid", "model-unsupported", "source-failed"], message).toContain(code);
  expect(message.length, message).toBeLessThan(500);
  if (code === "source-failed") return; // of a file that is not there
  expect(
    sources.some(({ name }) => message.startsWith(name)),
    message,
  ).toBe(true);
}

/** Counts the bytes of all typed arrays that are made, from now on until stopped. */
function watchAllocations(): { readonly bytes: () => number; readonly stop: () => void } {
  let bytes = 0;
  const names = ["ArrayBuffer", "Uint8Array", "Uint32Array", "Float32Array", "Float64Array"] as const;
  const plain = names.map((name) => globalThis[name]);
  for (const [i, name] of names.entries()) {
    const watched = new Proxy(plain[i] as Uint8ArrayConstructor, {
      construct(target, args: unknown[], newTarget) {
        const made = Reflect.construct(target, args, newTarget === watched ? target : newTarget) as Uint8Array;
        const isView = args[0] instanceof PlainArrayBuffer;
        if (!isView) bytes += made.byteLength;
        return made;
      },
    });
    Object.assign(globalThis, { [name]: watched });
  }
  return {
    bytes: () => bytes,
    stop: () => {
      for (const [i, name] of names.entries()) Object.assign(globalThis, { [name]: plain[i] });
    },
  };
}

const PlainArrayBuffer = ArrayBuffer;

/** How often each refusal came, without the numbers and names in it: what of the readers the mutants reached. */
export class Tally {
  read = 0;
  readonly #kinds = new Map<string, number>();

  add(outcome: Outcome): void {
    if (outcome === "read") this.read++;
    else {
      const kind = `${outcome.code} ${outcome.message.replace(/"[^"]*"|\d[\d.e+]*/g, "…")}`;
      this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    }
  }

  get kinds(): number {
    return this.#kinds.size;
  }

  toString(): string {
    const kinds = [...this.#kinds].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${count} ${kind}`);
    return [`${this.read} read`, ...kinds].join("\n");
  }
}
