/**
 * The CPU twin of the WGSL decoders: reads a matrix's weights out of its planes (`formats/layouts.ts` has the table;
 * kernels import nothing from there, so that positions come as arguments). One weight at a time, straight from the
 * table: it is there to be right, not fast.
 *
 * In double, where every value is exact: an f16 is a whole number of 2^-24s below 2^16, which takes 40 bits; the
 * sub-scale and quant it is multiplied by have at most 12 together; and 53 hold that, or a difference of two such.
 */
import { f16ToNumber } from "../float16";

/** As `MatrixType` in formats/model-file.ts. */
export type QuantType =
  | "f32"
  | "f16"
  | "bf16"
  | "q4_0"
  | "q4_1"
  | "q5_0"
  | "q5_1"
  | "q8_0"
  | "q4_k"
  | "q5_k"
  | "q6_k"
  | "mlc_q4_f16"
  | "mlc_q4_bf16"
  | "mlc_q4_f32";

/** What is read of a `Plane`. */
export interface PlanePosition {
  readonly kind: string;
  /** In words from the matrix's first. */
  readonly firstWord: number;
}

/** @returns the weight at `index`, counted over all rows. */
type Decode = (planes: PlaneReader, index: number) => number;

const GROUP = 32;
const BLOCK = 256;
const WORDS_PER_K_SCALES = 5;

const DECODE: Readonly<Record<QuantType, Decode>> = {
  f32: (planes, index) => asFloat(planes.word("floats", index)),
  f16: (planes, index) => f16ToNumber(planes.half("halves", index)),
  bf16: (planes, index) => bf16ToNumber(planes.half("halves", index)),
  q4_0: (planes, index) => planes.f16Scale(index) * (planes.nibble(index) - 8),
  q4_1: (planes, index) => affine(planes, index, planes.nibble(index)),
  q5_0: (planes, index) => planes.f16Scale(index) * (planes.nibble(index) + 16 * planes.bit(index) - 16),
  q5_1: (planes, index) => affine(planes, index, planes.nibble(index) + 16 * planes.bit(index)),
  q8_0: (planes, index) => planes.f16Scale(index) * asInt8(planes.byte("bytes", index)),
  q4_k: (planes, index) => kQuant(planes, index, planes.nibble(index)),
  q5_k: (planes, index) => kQuant(planes, index, planes.nibble(index) + 16 * planes.bit(index)),
  q6_k: sixBit,
  mlc_q4_f16: (planes, index) => planes.f16Scale(index) * (planes.nibble(index) - 7),
  mlc_q4_bf16: (planes, index) => bf16ToNumber(planes.half("scales", groupOf(index))) * (planes.nibble(index) - 7),
  mlc_q4_f32: (planes, index) => asFloat(planes.word("wide-scales", groupOf(index))) * (planes.nibble(index) - 7),
};

/**
 * @param planes of the whole matrix: `MatrixLayout.planes`.
 * @param words all planes of all rows: `MatrixLayout.words` of them.
 * @param columns weights a row has.
 * @returns [columns]
 */
export function dequantiseRow(
  type: QuantType,
  planes: readonly PlanePosition[],
  words: Uint32Array,
  row: number,
  columns: number,
): Float64Array {
  const reader = new PlaneReader(planes, words);
  return Float64Array.from({ length: columns }, (_, column) => DECODE[type](reader, row * columns + column));
}

/** q4_1, q5_1 */
function affine(planes: PlaneReader, index: number, quant: number): number {
  const pair = 2 * groupOf(index);
  return f16ToNumber(planes.half("scale-mins", pair)) * quant + f16ToNumber(planes.half("scale-mins", pair + 1));
}

/** q4_k, q5_k */
function kQuant(planes: PlaneReader, index: number, quant: number): number {
  const firstWord = Math.floor(index / BLOCK) * WORDS_PER_K_SCALES;
  const group = groupOf(index % BLOCK);
  const d = f16ToNumber(planes.half("k-scales", 2 * firstWord));
  const dmin = f16ToNumber(planes.half("k-scales", 2 * firstWord + 1));
  const scale = planes.byte("k-scales", 4 * (firstWord + 1) + 2 * group);
  const minimum = planes.byte("k-scales", 4 * (firstWord + 1) + 2 * group + 1);
  return d * scale * quant - dmin * minimum;
}

/** q6_k */
function sixBit(planes: PlaneReader, index: number): number {
  const firstWord = Math.floor(index / BLOCK) * WORDS_PER_K_SCALES;
  const d = f16ToNumber(planes.half("six-scales", 2 * firstWord));
  const scale = asInt8(planes.byte("six-scales", 4 * (firstWord + 1) + Math.floor((index % BLOCK) / 16)));
  return d * scale * (planes.nibble(index) + 16 * planes.crumb(index) - 32);
}

/** Planes by the names and units of the table. What lies outside throws. */
class PlaneReader {
  readonly #planes: readonly PlanePosition[];
  readonly #words: Uint32Array;

  constructor(planes: readonly PlanePosition[], words: Uint32Array) {
    this.#planes = planes;
    this.#words = words;
  }

  word(kind: string, index: number): number {
    const plane = this.#planes.find((each) => each.kind === kind);
    if (plane === undefined) throw new RangeError(`no plane of ${kind}`);
    const word = this.#words[plane.firstWord + index];
    if (word === undefined) throw new RangeError(`${kind}: no word ${index}`);
    return word;
  }

  /** Half or byte `index` of a plane, the lowest of a word first. */
  half(kind: string, index: number): number {
    return (this.word(kind, index >>> 1) >>> (16 * (index & 1))) & 0xffff;
  }

  byte(kind: string, index: number): number {
    return (this.word(kind, index >>> 2) >>> (8 * (index & 3))) & 0xff;
  }

  /** A weight's low four bits: weight 4k + c of a group is nibble k of word c. */
  nibble(index: number): number {
    const place = index % GROUP;
    return (this.word("nibbles", 4 * groupOf(index) + (place & 3)) >>> (4 * (place >>> 2))) & 15;
  }

  /** A weight's fifth bit. */
  bit(index: number): number {
    return (this.word("bits", groupOf(index)) >>> (index % GROUP)) & 1;
  }

  /** A weight's bits five and six. */
  crumb(index: number): number {
    return (this.word("crumbs", index >>> 4) >>> (2 * (index & 15))) & 3;
  }

  f16Scale(index: number): number {
    return f16ToNumber(this.half("scales", groupOf(index)));
  }
}

function groupOf(index: number): number {
  return Math.floor(index / GROUP);
}

function asInt8(byte: number): number {
  return (byte << 24) >> 24;
}

function asFloat(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0] ?? NaN;
}

function bf16ToNumber(bits: number): number {
  return asFloat(bits << 16);
}
