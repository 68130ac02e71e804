/** Reads numbers and text off a source's beginning, in order and once: holds a chunk or two, whatever the file claims. */
import type { IngleError } from "../../../shared/errors";
import { formatBytes } from "../../../shared/units";
import type { ByteSource } from "./byte-source";
import { invalid } from "./refusals";
import type { Bytes } from "../../../shared/take-bytes";

export class ByteCursor {
  /** What is being read, for messages: `tensor "output.weight"`. */
  where = "the first bytes";

  readonly #source: ByteSource;
  /** Bytes from the beginning that may be read: the file's end, or the most a header may have. */
  readonly #limit: number;
  readonly #chunks: AsyncIterator<Bytes>;
  // A token may be any bytes, U+FEFF too, which would be taken for a byte order mark and dropped.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #window = new DataView(new ArrayBuffer(0));
  /** Of the window's next byte, and of its last one's successor. */
  #next = 0;
  #end = 0;
  /** Of the next byte, in the file. */
  #position = 0;

  constructor(source: ByteSource, longest: number, signal: AbortSignal) {
    this.#source = source;
    this.#limit = Math.min(longest, source.size);
    this.#chunks = source.stream(0, this.#limit, signal)[Symbol.asyncIterator]();
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /** Whether so many bytes can be read without waiting: spares loops of small reads the `await`. */
  has(bytes: number): boolean {
    return this.#end - this.#next >= bytes;
  }

  /**
   * Waits until so many bytes can be read.
   *
   * @throws IngleError "model-invalid" when they go past the file's end or the limit; as the source does.
   */
  async need(bytes: number): Promise<void> {
    if (this.has(bytes)) return;
    // Before anything is held for them: `bytes` may be what a hostile file claims.
    if (!(bytes <= this.#limit - this.#position)) {
      throw this.#limit === this.#source.size
        ? this.#notWhole()
        : invalid(this.#source.name, `its header is over ${formatBytes(this.#limit)}, at ${this.where}`);
    }
    while (!this.has(bytes)) {
      const step = await this.#chunks.next();
      if (step.done === true) throw this.#notWhole();
      this.#append(step.value);
    }
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  // Each of these reads what `need` has waited for.

  u8 = (): number => this.#window.getUint8(this.#step(1));
  i8 = (): number => this.#window.getInt8(this.#step(1));
  u16 = (): number => this.#window.getUint16(this.#step(2), true);
  i16 = (): number => this.#window.getInt16(this.#step(2), true);
  u32 = (): number => this.#window.getUint32(this.#step(4), true);
  i32 = (): number => this.#window.getInt32(this.#step(4), true);
  f32 = (): number => this.#window.getFloat32(this.#step(4), true);
  f64 = (): number => this.#window.getFloat64(this.#step(8), true);
  /** Rounded past 2⁵³: no longer a safe integer, so that whoever bounds it refuses it. */
  u64 = (): number => Number(this.#window.getBigUint64(this.#step(8), true));
  i64 = (): number => Number(this.#window.getBigInt64(this.#step(8), true));

  /** UTF-8; bytes that are none become U+FFFD, as some vocabularies have such. */
  text(bytes: number): string {
    const start = this.#step(bytes);
    return this.#decoder.decode(new Uint8Array(this.#window.buffer, start, bytes));
  }

  #notWhole(): IngleError {
    return invalid(this.#source.name, `it ends inside ${this.where}: the file is not whole, get it again`);
  }

  /** Copies the chunk, which lasts until the next one is asked for only, behind what has not been read yet. */
  #append(chunk: Bytes): void {
    if (this.#end + chunk.length > this.#window.byteLength) this.#makeRoom(chunk.length);
    new Uint8Array(this.#window.buffer).set(chunk, this.#end);
    this.#end += chunk.length;
  }

  #makeRoom(bytes: number): void {
    const rest = new Uint8Array(this.#window.buffer, this.#next, this.#end - this.#next);
    const length = rest.length + bytes;
    if (length > this.#window.byteLength) this.#window = new DataView(new ArrayBuffer(2 * length));
    new Uint8Array(this.#window.buffer).set(rest); // an overlap is no harm
    this.#next = 0;
    this.#end = rest.length;
  }

  #step(bytes: number): number {
    const start = this.#next;
    this.#next += bytes;
    this.#position += bytes;
    return start;
  }
}
