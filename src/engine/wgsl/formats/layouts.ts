/**
 * How each matrix type lies in GPU memory: a few planes of 32-bit words, one behind the other in one buffer. A plane
 * holds one kind of thing for all rows (quants, high bits, scales), so that a kernel's loads are whole words in order.
 * A file's own bits are kept: nothing is rounded on the way. `repack.ts` turns file bytes into planes, the decoders in
 * `kernels/decoders/` read them.
 *
 * A group is 32 weights along a row, a block 256. Rows follow each other; inside a row, groups do.
 *
 * | plane | words a group (block) | content |
 * |---|---|---|
 * | nibbles | 4 a group | the weights' low four bits: word c, nibble k is weight 4k + c, so that masking a vec4 of the four words with one nibble's mask gives four neighbours |
 * | bits | 1 a group | the fifth bit: bit i is weight i's |
 * | crumbs | 2 a group | bits five and six: word h, bits 2i and 2i + 1 are weight 16h + i's |
 * | bytes | 8 a group | int8: byte b of word w is weight 4w + b |
 * | halves | 16 a group | f16 or bf16: half h of word w is weight 2w + h |
 * | floats | 32 a group | f32 |
 * | scales | ½ a group | f16 or bf16 of group g (counted over all rows) in half g & 1 of word g >> 1; odd ends padded |
 * | wide scales | 1 a group | f32 |
 * | scale-mins | 1 a group | f16 scale in the low half, f16 minimum in the high |
 * | k-scales | 5 a block | word 0: f16 d low, f16 dmin high; then byte pairs in order, of group j the low byte its 6-bit scale, the high byte its 6-bit minimum, two groups a word |
 * | six-scales | 5 a block | word 0: f16 d low, zero high; then 16 int8 scales in order, each for 16 weights |
 *
 * Values: symmetric q = scale × (n − zero), zero 8 for q4_0, 16 for q5_0, 7 for MLC; q8_0 = scale × n;
 * q4_1, q5_1 = scale × n + minimum; K = d × scale × n − dmin × minimum; q6_k = d × scale × (n − 32).
 */
import type { MatrixType } from "./model-file";

export const WEIGHTS_PER_GROUP = 32;
export const WEIGHTS_PER_BLOCK = 256;

export type PlaneKind =
  | "nibbles"
  | "bits"
  | "crumbs"
  | "bytes"
  | "halves"
  | "floats"
  | "scales"
  | "wide-scales"
  | "scale-mins"
  | "k-scales"
  | "six-scales";

/** Words a group of 32 weights takes in a plane: fractions are exact. */
const WORDS_PER_GROUP: Readonly<Record<PlaneKind, number>> = {
  nibbles: 4,
  bits: 1,
  crumbs: 2,
  bytes: 8,
  halves: 16,
  floats: 32,
  scales: 1 / 2,
  "wide-scales": 1,
  "scale-mins": 1,
  "k-scales": 5 / 8,
  "six-scales": 5 / 8,
};

/** Each type's planes, in the order they lie in. Vector loads want the widest first: it stays aligned to 16 bytes. */
export const PLANES: Readonly<Record<MatrixType, readonly PlaneKind[]>> = {
  f32: ["floats"],
  f16: ["halves"],
  bf16: ["halves"],
  q4_0: ["nibbles", "scales"],
  q4_1: ["nibbles", "scale-mins"],
  q5_0: ["nibbles", "bits", "scales"],
  q5_1: ["nibbles", "bits", "scale-mins"],
  q8_0: ["bytes", "scales"],
  q4_k: ["nibbles", "k-scales"],
  q5_k: ["nibbles", "bits", "k-scales"],
  q6_k: ["nibbles", "crumbs", "six-scales"],
  mlc_q4_f16: ["nibbles", "scales"],
  mlc_q4_bf16: ["nibbles", "scales"],
  mlc_q4_f32: ["nibbles", "wide-scales"],
};

export interface Plane {
  readonly kind: PlaneKind;
  /** Words one row takes; half a word may be left over, where rows have an odd number of groups. */
  readonly wordsPerRow: number;
  /** Where the plane begins, in words from the matrix's first. */
  readonly firstWord: number;
}

export interface MatrixLayout {
  readonly type: MatrixType;
  readonly rows: number;
  readonly columns: number;
  readonly planes: readonly Plane[];
  /** All planes together, in words, a multiple of 4. */
  readonly words: number;
}

/** @param columns a multiple of 32, and of 256 for K-quants. */
export function layoutMatrix(type: MatrixType, rows: number, columns: number): MatrixLayout {
  const planes: Plane[] = [];
  let words = 0;
  for (const kind of PLANES[type]) {
    const wordsPerRow = (columns / WEIGHTS_PER_GROUP) * WORDS_PER_GROUP[kind];
    planes.push({ kind, wordsPerRow, firstWord: words });
    words = roundUpToFour(words + Math.ceil(rows * wordsPerRow));
  }
  return { type, rows, columns, planes, words };
}

function roundUpToFour(n: number): number {
  return Math.ceil(n / 4) * 4;
}
