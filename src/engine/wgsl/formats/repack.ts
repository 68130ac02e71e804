/**
 * Turns whole rows of a file's bytes into the planes of `layouts.ts`. Hundreds of MB pass through here while a model
 * loads, so the loops (`repack-groups.ts`, `repack-k.ts`) take whole words and allocate nothing per group.
 *
 * Knows no files and no GPU: where chunks come from and where planes go is the loader's. Bytes and words are
 * little-endian, as in every file we read and on every machine that has WebGPU.
 */
import { type PlaneKind, PLANES, WEIGHTS_PER_BLOCK, WEIGHTS_PER_GROUP, layoutMatrix } from "./layouts";
import type { MatrixType } from "./model-file";
import { repackMlcNibbles, repackQ40, repackQ41, repackQ50, repackQ51, repackQ80 } from "./repack-groups";
import { repackQ4K, repackQ5K, repackQ6K } from "./repack-k";

interface FileUnit {
  /** Weights that lie together in the file; a row is a whole number of them. */
  readonly weights: number;
  readonly bytes: number;
}

/** As GGML's block structs have them (ggml-common.h); for MLC the quants alone, for scales are a tensor of their own. */
const FILE_UNITS: Readonly<Record<MatrixType, FileUnit>> = {
  f32: { weights: WEIGHTS_PER_GROUP, bytes: 128 },
  f16: { weights: WEIGHTS_PER_GROUP, bytes: 64 },
  bf16: { weights: WEIGHTS_PER_GROUP, bytes: 64 },
  q4_0: { weights: WEIGHTS_PER_GROUP, bytes: 2 + 16 },
  q4_1: { weights: WEIGHTS_PER_GROUP, bytes: 2 + 2 + 16 },
  q5_0: { weights: WEIGHTS_PER_GROUP, bytes: 2 + 4 + 16 },
  q5_1: { weights: WEIGHTS_PER_GROUP, bytes: 2 + 2 + 4 + 16 },
  q8_0: { weights: WEIGHTS_PER_GROUP, bytes: 2 + 32 },
  q4_k: { weights: WEIGHTS_PER_BLOCK, bytes: 2 + 2 + 12 + 128 },
  q5_k: { weights: WEIGHTS_PER_BLOCK, bytes: 2 + 2 + 12 + 32 + 128 },
  q6_k: { weights: WEIGHTS_PER_BLOCK, bytes: 128 + 64 + 16 + 2 },
  mlc_q4_f16: { weights: WEIGHTS_PER_GROUP, bytes: 16 },
  mlc_q4_bf16: { weights: WEIGHTS_PER_GROUP, bytes: 16 },
  mlc_q4_f32: { weights: WEIGHTS_PER_GROUP, bytes: 16 },
};

export type MlcType = Extract<MatrixType, `mlc_${string}`>;

const BYTES_PER_MLC_SCALE: Readonly<Record<MlcType, number>> = { mlc_q4_f16: 2, mlc_q4_bf16: 2, mlc_q4_f32: 4 };

/** File bytes of one row of a matrix's `data`. */
export function bytesPerRow(type: MatrixType, columns: number): number {
  const { weights, bytes } = FILE_UNITS[type];
  if (columns <= 0 || columns % weights !== 0) throw new RangeError(`${type}: ${columns} columns`);
  return (columns / weights) * bytes;
}

/** File bytes of one row of an MLC matrix's `scales`. */
export function scaleBytesPerRow(type: MlcType, columns: number): number {
  return (columns / WEIGHTS_PER_GROUP) * BYTES_PER_MLC_SCALE[type];
}

/**
 * @param rows even where a row has an odd number of groups, or else its last scale shares a word with the next
 *   chunk's first; the matrix's last chunk may have any number, and its odd end is padded with zero.
 * @param input [rows, bytesPerRow], at any byte offset.
 * @param output for plane i of `PLANES[type]`, ⌈rows × wordsPerRow⌉ words, all overwritten. Of MLC types only the first
 *   is made here, and only it need be given; the second is `repackMlcScales`'s.
 * @throws RangeError when a length is another: the caller's mistake, never the file's.
 */
export function repackRows(
  type: MatrixType,
  columns: number,
  rows: number,
  input: Uint8Array,
  output: readonly Uint32Array[],
): void {
  requireLength(`${type} input`, input.length, rows * bytesPerRow(type, columns));
  const plane = (kind: PlaneKind): Uint32Array => planeOf(type, columns, rows, output, kind);
  const groups = (rows * columns) / WEIGHTS_PER_GROUP;
  const blocks = (rows * columns) / WEIGHTS_PER_BLOCK;
  // The planes of `PLANES`, each asked for by its name: a table that disagrees throws.
  switch (type) {
    case "f32":
      copyBytes(input, plane("floats"));
      break;
    case "f16":
    case "bf16":
      copyBytes(input, plane("halves"));
      break;
    case "q4_0":
      repackQ40(groups, input, plane("nibbles"), plane("scales"));
      break;
    case "q4_1":
      repackQ41(groups, input, plane("nibbles"), plane("scale-mins"));
      break;
    case "q5_0":
      repackQ50(groups, input, plane("nibbles"), plane("bits"), plane("scales"));
      break;
    case "q5_1":
      repackQ51(groups, input, plane("nibbles"), plane("bits"), plane("scale-mins"));
      break;
    case "q8_0":
      repackQ80(groups, input, plane("bytes"), plane("scales"));
      break;
    case "q4_k":
      repackQ4K(blocks, input, plane("nibbles"), plane("k-scales"));
      break;
    case "q5_k":
      repackQ5K(blocks, input, plane("nibbles"), plane("bits"), plane("k-scales"));
      break;
    case "q6_k":
      repackQ6K(blocks, input, plane("nibbles"), plane("crumbs"), plane("six-scales"));
      break;
    case "mlc_q4_f16":
    case "mlc_q4_bf16":
    case "mlc_q4_f32":
      repackMlcNibbles(groups, input, plane("nibbles"));
      break;
  }
}

/**
 * The second plane of an MLC matrix, which lies in its file as on the GPU.
 *
 * @param rows as for `repackRows`.
 * @param input [rows, scaleBytesPerRow], at any byte offset.
 * @param output ⌈rows × wordsPerRow⌉ words, all overwritten; an odd end is padded with zero.
 * @throws RangeError as `repackRows`.
 */
export function repackMlcScales(
  type: MlcType,
  columns: number,
  rows: number,
  input: Uint8Array,
  output: Uint32Array,
): void {
  const bytes = rows * scaleBytesPerRow(type, columns);
  requireLength(`${type} scales' input`, input.length, bytes);
  requireLength(`${type} scales`, output.length, Math.ceil(bytes / 4));
  copyBytes(input, output);
}

function planeOf(
  type: MatrixType,
  columns: number,
  rows: number,
  output: readonly Uint32Array[],
  kind: PlaneKind,
): Uint32Array {
  const index = PLANES[type].indexOf(kind);
  const words = layoutMatrix(type, rows, columns).planes[index]?.wordsPerRow ?? NaN;
  const plane = output[index];
  requireLength(`${type} ${kind}`, plane?.length, Math.ceil(rows * words));
  return plane ?? new Uint32Array();
}

function requireLength(what: string, length: number | undefined, wanted: number): void {
  if (length !== wanted) throw new RangeError(`${what}: ${length ?? "none"} instead of ${wanted}`);
}

/** Copies at memory speed; what is left of the last word becomes zero. */
function copyBytes(input: Uint8Array, output: Uint32Array): void {
  output[output.length - 1] = 0;
  new Uint8Array(output.buffer, output.byteOffset, output.byteLength).set(input);
}
