/**
 * A GGUF file's header: metadata and the list of tensors, as they stand there, every count bounded.
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * Not read with `@huggingface/gguf`, which the tests hold this one against: 0.4.6 cuts an array's last string where it
 * lies across one of its 2 MB chunks, drops U+FEFF from tokens, takes a file that ends early for one that goes on
 * with zeros, and brings 68 kB of `@huggingface/tasks` (compressed) along.
 */
import { MiB } from "../../../shared/units";
import { ByteCursor } from "./byte-cursor";
import type { ByteSource } from "./byte-source";
import { invalid, quoted, unsupported } from "./refusals";

/** 64-bit integers past 2⁵³ are rounded. Lists don't nest. */
export type GgufValue = number | boolean | string | readonly (number | boolean | string)[];

export interface GgufTensor {
  readonly name: string;
  /** ggml's number for the type. */
  readonly type: number;
  /** Fastest first, the other way round than [rows, columns]. Each a safe integer above zero. */
  readonly dimensions: readonly number[];
  /** Its first byte, counted from the file's. */
  readonly offset: number;
}

export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
}

/**
 * Far above real files (Llama 3's header has 8 MB, 0.6 million list items and 292 tensors), and low enough that no
 * header takes more than some 100 MB of memory or a second or two to read.
 */
const MOST = {
  headerBytes: 32 * MiB,
  keys: 4096,
  keyBytes: 65_535, // the format's own limit
  stringBytes: 16 * MiB,
  /** Of all lists together. */
  items: 2 ** 21,
  tensors: 16_384,
  nameBytes: 255, // the format says 64
  dimensions: 4, // ggml's own limit
  alignment: 2 ** 20,
} as const;

const MAGIC = 0x46554747; // "GGUF"
const DEFAULT_ALIGNMENT = 32;

/** What the first bytes say: works on any file, and needs no name ending. */
export function isGguf(first: Uint8Array): boolean {
  return first.length >= 4 && new DataView(first.buffer, first.byteOffset).getUint32(0, true) === MAGIC;
}

/**
 * Reads no further than the header goes, but for what the source sends at once.
 *
 * @throws IngleError "model-invalid" naming the key or tensor; "model-unsupported" for version 1 and big-endian files;
 *   as the source does.
 */
export async function readGgufHeader(source: ByteSource, signal: AbortSignal): Promise<GgufHeader> {
  const cursor = new ByteCursor(source, MOST.headerBytes, signal);
  try {
    const counts = await readCounts(cursor, source.name);
    const metadata = await readMetadata(cursor, counts.keys, source.name);
    const listed = await readTensors(cursor, counts.tensors, source.name);
    const alignment = alignmentOf(metadata, source.name);
    const dataStart = Math.ceil(cursor.position / alignment) * alignment;
    const tensors = listed.map((tensor) => {
      if (!Number.isSafeInteger(tensor.offset) || tensor.offset % alignment !== 0) {
        throw invalid(source.name, `tensor ${quoted(tensor.name)} begins off its place, at ${tensor.offset}`);
      }
      return { ...tensor, offset: dataStart + tensor.offset };
    });
    return { metadata, tensors };
  } finally {
    await cursor.close();
  }
}

async function readCounts(cursor: ByteCursor, file: string): Promise<{ tensors: number; keys: number }> {
  await cursor.need(4);
  if (cursor.u32() !== MAGIC) throw invalid(file, "it is no GGUF file");
  await cursor.need(20);
  const version = cursor.u32();
  if (version !== 0 && (version & 0xffff) === 0) throw unsupported(file, "it is a big-endian GGUF file");
  if (version === 1 || version > 3) throw unsupported(file, `it is a GGUF file of version ${version}`);
  if (version === 0) throw invalid(file, "its GGUF version is 0");
  const tensors = cursor.u64();
  const keys = cursor.u64();
  if (tensors > MOST.tensors) throw invalid(file, `it claims ${tensors} tensors`);
  if (keys > MOST.keys) throw invalid(file, `it claims ${keys} metadata keys`);
  return { tensors, keys };
}

async function readMetadata(cursor: ByteCursor, count: number, file: string): Promise<Map<string, GgufValue>> {
  const metadata = new Map<string, GgufValue>();
  const budget: { items: number } = { items: MOST.items };
  for (let i = 0; i < count; i++) {
    cursor.where = `metadata key ${i + 1} of ${count}`;
    const key = await readText(cursor, MOST.keyBytes, file);
    cursor.where = `key ${quoted(key)}`;
    if (metadata.has(key)) throw invalid(file, `${cursor.where} is there twice`);
    metadata.set(key, await readValue(cursor, budget, file));
  }
  return metadata;
}

/** By ggml's numbers: bytes, and how to read one. Strings and lists have their own ways. */
const SCALARS: Readonly<Record<number, readonly [bytes: number, read: (cursor: ByteCursor) => number | boolean]>> = {
  0: [1, (cursor) => cursor.u8()],
  1: [1, (cursor) => cursor.i8()],
  2: [2, (cursor) => cursor.u16()],
  3: [2, (cursor) => cursor.i16()],
  4: [4, (cursor) => cursor.u32()],
  5: [4, (cursor) => cursor.i32()],
  6: [4, (cursor) => cursor.f32()],
  7: [1, (cursor) => cursor.u8() !== 0],
  10: [8, (cursor) => cursor.u64()],
  11: [8, (cursor) => cursor.i64()],
  12: [8, (cursor) => cursor.f64()],
};
const STRING = 8;
const LIST = 9;

async function readValue(cursor: ByteCursor, budget: { items: number }, file: string): Promise<GgufValue> {
  await cursor.need(4);
  const type = cursor.u32();
  if (type === LIST) return readList(cursor, budget, file);
  if (type === STRING) return readText(cursor, MOST.stringBytes, file);
  const scalar = SCALARS[type];
  if (!scalar) throw invalid(file, `${cursor.where} has a value of unknown type ${type}`);
  const [bytes, read] = scalar;
  await cursor.need(bytes);
  return read(cursor);
}

async function readList(
  cursor: ByteCursor,
  budget: { items: number },
  file: string,
): Promise<(number | boolean | string)[]> {
  await cursor.need(12);
  const type = cursor.u32();
  const count = cursor.u64();
  if (count > budget.items) throw invalid(file, `${cursor.where} claims a list of ${count}`);
  budget.items -= count;
  const items: (number | boolean | string)[] = [];
  if (type === STRING) {
    for (let i = 0; i < count; i++) {
      if (!cursor.has(8)) await cursor.need(8);
      const bytes = boundedLength(cursor, MOST.stringBytes, file);
      if (!cursor.has(bytes)) await cursor.need(bytes);
      items.push(cursor.text(bytes));
    }
    return items;
  }
  const scalar = SCALARS[type]; // lists of lists, which the format allows, no model has and llama.cpp refuses
  if (!scalar) throw invalid(file, `${cursor.where} is a list of unknown type ${type}`);
  const [bytes, read] = scalar;
  for (let i = 0; i < count; i++) {
    if (!cursor.has(bytes)) await cursor.need(bytes);
    items.push(read(cursor));
  }
  return items;
}

async function readText(cursor: ByteCursor, longest: number, file: string): Promise<string> {
  await cursor.need(8);
  const bytes = boundedLength(cursor, longest, file);
  await cursor.need(bytes);
  return cursor.text(bytes);
}

function boundedLength(cursor: ByteCursor, longest: number, file: string): number {
  const bytes = cursor.u64();
  if (bytes > longest) throw invalid(file, `${cursor.where} claims a text of ${bytes} bytes`);
  return bytes;
}

async function readTensors(cursor: ByteCursor, count: number, file: string): Promise<GgufTensor[]> {
  const tensors: GgufTensor[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    cursor.where = `tensor ${i + 1} of ${count}`;
    const name = await readText(cursor, MOST.nameBytes, file);
    cursor.where = `tensor ${quoted(name)}`;
    if (names.has(name)) throw invalid(file, `${cursor.where} is there twice`);
    names.add(name);
    await cursor.need(4);
    const ranks = cursor.u32();
    if (ranks === 0 || ranks > MOST.dimensions) throw invalid(file, `${cursor.where} has ${ranks} dimensions`);
    await cursor.need(ranks * 8 + 12);
    const dimensions = Array.from({ length: ranks }, cursor.u64);
    const wrong = dimensions.find((size) => size < 1 || !Number.isSafeInteger(size));
    if (wrong !== undefined) throw invalid(file, `${cursor.where} has a dimension of ${wrong}`);
    tensors.push({ name, type: cursor.u32(), dimensions, offset: cursor.u64() });
  }
  return tensors;
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>, file: string): number {
  const alignment = metadata.get("general.alignment") ?? DEFAULT_ALIGNMENT;
  if (typeof alignment === "number" && alignment <= MOST.alignment && Number.isInteger(Math.log2(alignment))) {
    if (alignment >= 1) return alignment;
  }
  throw invalid(file, `key "general.alignment" is ${quoted(alignment)}, and must be a power of two`);
}
