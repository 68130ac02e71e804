/**
 * Writes GGUF files: any header, sound or not, for the reader's tests. Weights are what the caller gives, or zeros.
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */

/** ggml's numbers for metadata types. */
export const GGUF_VALUE = { u8: 0, i8: 1, u16: 2, i16: 3, u32: 4, i32: 5, f32: 6, bool: 7, u64: 10, i64: 11, f64: 12 };
const STRING = 8;
const LIST = 9;

export type ScalarType = keyof typeof GGUF_VALUE;

export interface Scalar {
  readonly type: ScalarType;
  readonly value: number | bigint | boolean;
}

export interface List {
  readonly list: ScalarType | "string";
  readonly values: readonly (number | bigint | boolean | string)[];
  /** Written as the list's length, instead of the true one. */
  readonly claims?: number | bigint;
}

/** A plain number is written as u32, or f32 when it is not whole. */
export type MetadataEntry = string | number | boolean | Scalar | List;

export interface TensorEntry {
  readonly name: string;
  /** ggml's number for the type: 0 is F32. */
  readonly type: number;
  /** Fastest first. */
  readonly dimensions: readonly (number | bigint)[];
  /** Its bytes in the file: zeros when a number. */
  readonly data: Uint8Array | number;
  /** Instead of the place it lies at, counted from the data's beginning. */
  readonly offset?: number | bigint;
}

export interface GgufContent {
  readonly metadata: readonly (readonly [key: string, value: MetadataEntry])[];
  readonly tensors: readonly TensorEntry[];
  readonly version?: number;
  readonly alignment?: number;
  /** Written instead of the true counts. */
  readonly claims?: { readonly tensors?: number | bigint; readonly keys?: number | bigint };
}

export function writeGguf(content: GgufContent): Uint8Array<ArrayBuffer> {
  const { metadata, tensors, version = 3, alignment = 32, claims } = content;
  const out = new Writer();
  out
    .text("GGUF")
    .scalar("u32", version)
    .scalar("u64", claims?.tensors ?? tensors.length)
    .scalar("u64", claims?.keys ?? metadata.length);
  for (const [key, value] of metadata) {
    out.string(key);
    writeEntry(out, value);
  }
  let end = 0;
  const places = tensors.map(({ data }) => {
    const start = end;
    end = roundUp(start + lengthOf(data), alignment);
    return start;
  });
  for (const [i, tensor] of tensors.entries()) {
    out.string(tensor.name).scalar("u32", tensor.dimensions.length);
    for (const size of tensor.dimensions) out.scalar("u64", size);
    out.scalar("u32", tensor.type).scalar("u64", tensor.offset ?? places[i] ?? 0);
  }
  out.zeros(roundUp(out.length, alignment) - out.length);
  for (const { data } of tensors) {
    if (typeof data === "number") out.zeros(data);
    else out.bytes(data);
    out.zeros(roundUp(lengthOf(data), alignment) - lengthOf(data));
  }
  return out.done();
}

function writeEntry(out: Writer, entry: MetadataEntry): void {
  if (typeof entry === "string") out.scalar("u32", STRING).string(entry);
  else if (typeof entry === "number") {
    const type = Number.isInteger(entry) && entry >= 0 ? "u32" : "f32";
    out.scalar("u32", GGUF_VALUE[type]).scalar(type, entry);
  } else if (typeof entry === "boolean") out.scalar("u32", GGUF_VALUE.bool).scalar("bool", entry);
  else if ("list" in entry) {
    const type = entry.list === "string" ? STRING : GGUF_VALUE[entry.list];
    out
      .scalar("u32", LIST)
      .scalar("u32", type)
      .scalar("u64", entry.claims ?? entry.values.length);
    for (const value of entry.values) {
      if (entry.list === "string") out.string(String(value));
      else if (typeof value !== "string") out.scalar(entry.list, value);
    }
  } else out.scalar("u32", GGUF_VALUE[entry.type]).scalar(entry.type, entry.value);
}

class Writer {
  #buffer = Buffer.alloc(4096);
  length = 0;

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }

  string(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.scalar("u64", bytes.length).bytes(bytes);
  }

  bytes(bytes: Uint8Array): this {
    this.#grow(bytes.length);
    this.#buffer.set(bytes, this.length - bytes.length);
    return this;
  }

  zeros(count: number): this {
    this.#grow(count);
    return this;
  }

  scalar(type: ScalarType, value: number | bigint | boolean): this {
    const at = this.length;
    const n = Number(value);
    switch (type) {
      case "u8":
      case "bool":
        return this.bytes(Uint8Array.of(n));
      case "i8":
        return this.bytes(Uint8Array.of(n));
      case "u16":
      case "i16":
        this.#grow(2);
        this.#buffer.writeUInt16LE(n & 0xffff, at);
        return this;
      case "u32":
      case "i32":
        this.#grow(4);
        this.#buffer.writeUInt32LE(n >>> 0, at);
        return this;
      case "f32":
        this.#grow(4);
        this.#buffer.writeFloatLE(n, at);
        return this;
      case "f64":
        this.#grow(8);
        this.#buffer.writeDoubleLE(n, at);
        return this;
      case "u64":
      case "i64":
        this.#grow(8);
        this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), at);
        return this;
    }
  }

  done(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer.subarray(0, this.length));
  }

  #grow(bytes: number): void {
    if (this.length + bytes > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(2 * this.#buffer.length, this.length + bytes));
      this.#buffer.copy(larger);
      this.#buffer = larger;
    }
    this.length += bytes;
  }
}

function lengthOf(data: Uint8Array | number): number {
  return typeof data === "number" ? data : data.length;
}

function roundUp(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
