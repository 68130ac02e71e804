/**
 * GGUF files of real models' shapes with made-up weights, for tests and benchmarks where the real ones can't be had:
 * the same bytes from the same arguments in every JavaScript engine, any range of them without the rest, at several
 * hundred MB/s. Runs in Node and in a browser; write.ts writes one to disk.
 *
 * Weights keep activations near 1 through the layers and logits a few apart (tests/fixtures/oracle/README.md has the
 * figures); norms, biases, blocks and rows have outliers, as trained models do. The answers mean nothing.
 */
import { ALIGNMENT, ggufHeader } from "./header";
import { blocksPerTile, makeTile, type TensorRecipe } from "./blocks";
import { type MatrixRole, matrixType, type Mix, TYPES } from "./mixes";
import { fraction, keyOf, signed } from "./random";
import { type Shape, type ShapeName, SHAPES } from "./shapes";

interface SyntheticTensor extends TensorRecipe {
  readonly name: string;
  /** [columns, rows] of a matrix, [length] of a vector: GGUF has the fastest first. */
  readonly dimensions: readonly number[];
  readonly bytes: number;
  /** From the start of the file. */
  readonly offset: number;
}

export interface SyntheticGguf {
  readonly size: number;
  readonly tensors: readonly SyntheticTensor[];
  /**
   * Bytes `from` up to, not including, `to`, in pieces of at most 256 KiB (the header comes in one). A piece is the
   * caller's to keep.
   */
  readonly stream: (from?: number, to?: number) => Generator<Uint8Array<ArrayBuffer>, void, undefined>;
}

export function syntheticGguf(
  shapeName: ShapeName,
  { mix, seed = 1 }: { readonly mix: Mix; readonly seed?: number },
): SyntheticGguf {
  const shape: Shape = SHAPES[shapeName];
  const recipes = listTensors(shape, mix, seed);
  let end = 0;
  const placed = recipes.map((recipe) => {
    const { elements, bytes } = TYPES[recipe.type];
    const size = (recipe.dimensions.reduce((product, n) => product * n, 1) / elements) * bytes;
    const offset = end;
    end = align(offset + size);
    return { ...recipe, bytes: size, offset };
  });
  const header = ggufHeader(
    shapeName,
    shape,
    mix,
    placed.map((tensor) => ({ ...tensor, typeId: TYPES[tensor.type].id })),
  );
  const tensors = placed.map((tensor) => ({ ...tensor, offset: tensor.offset + header.length }));
  const size = header.length + end;
  return { size, tensors, stream: (from = 0, to = size) => stream(header, tensors, from, Math.min(to, size)) };
}

function* stream(
  header: Uint8Array<ArrayBuffer>,
  tensors: readonly SyntheticTensor[],
  from: number,
  to: number,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  if (from < header.length && from < to) yield header.slice(from, to);
  for (const tensor of tensors) {
    const first = Math.max(from - tensor.offset, 0);
    const last = Math.min(to - tensor.offset, align(tensor.bytes));
    const blockBytes = TYPES[tensor.type].bytes;
    const tileBytes = blocksPerTile(tensor.type) * blockBytes;
    for (let tile = Math.floor(first / tileBytes); tile * tileBytes < Math.min(last, tensor.bytes); tile++) {
      const start = tile * tileBytes;
      const made = makeTile(tensor, tile, (tensor.bytes - start) / blockBytes);
      const end = Math.min(last, tensor.bytes, start + tileBytes);
      yield made.subarray(Math.max(first - start, 0), end - start);
    }
    const padding = last - Math.max(first, tensor.bytes);
    if (padding > 0) yield new Uint8Array(padding);
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

type Recipe = Omit<SyntheticTensor, "bytes" | "offset">;

/** In the order that llama.cpp's converter writes them. */
function listTensors(shape: Shape, mix: Mix, seed: number): readonly Recipe[] {
  const { width, heads, kvHeads, headDim, feedForward, layers } = shape;
  const tensors: Recipe[] = [];
  let matrices = 0;
  const matrix = (name: string, role: MatrixRole, layer: number, rows: number, columns: number) => {
    const type = matrixType(shape, mix, role, layer, columns, matrices++);
    const deviation = (role === "embedding" ? 0.25 : 1) / Math.sqrt(columns);
    const loudRows = role !== "embedding" && role !== "head";
    tensors.push({ name, type, dimensions: [columns, rows], columns, key: keyOf(seed, name), deviation, loudRows });
  };
  const vector = (name: string, length: number, value: (key: number, index: number) => number) => {
    const key = keyOf(seed, name);
    const values = (index: number) => value(key, index);
    tensors.push({
      name,
      type: "f32",
      dimensions: [length],
      columns: length,
      key,
      values,
      deviation: NaN,
      loudRows: false,
    });
  };
  if (shape.ropeFactors !== undefined) {
    const { ropeFactors } = shape;
    vector("rope_freqs.weight", ropeFactors.length, (_, index) => ropeFactors[index] ?? NaN);
  }
  matrix("token_embd.weight", "embedding", 0, shape.vocabulary, width);
  for (let layer = 0; layer < layers; layer++) {
    const blk = `blk.${layer}`;
    vector(`${blk}.attn_norm.weight`, width, normWeight);
    matrix(`${blk}.ffn_down.weight`, "down", layer, width, feedForward);
    matrix(`${blk}.ffn_gate.weight`, "gate", layer, feedForward, width);
    matrix(`${blk}.ffn_up.weight`, "up", layer, feedForward, width);
    vector(`${blk}.ffn_norm.weight`, width, normWeight);
    if (shape.architecture === "qwen2") vector(`${blk}.attn_k.bias`, kvHeads * headDim, keyBias);
    matrix(`${blk}.attn_k.weight`, "k", layer, kvHeads * headDim, width);
    matrix(`${blk}.attn_output.weight`, "attentionOutput", layer, width, heads * headDim);
    if (shape.architecture === "qwen2") vector(`${blk}.attn_q.bias`, heads * headDim, queryBias);
    matrix(`${blk}.attn_q.weight`, "q", layer, heads * headDim, width);
    if (shape.architecture === "qwen2") vector(`${blk}.attn_v.bias`, kvHeads * headDim, valueBias);
    matrix(`${blk}.attn_v.weight`, "v", layer, kvHeads * headDim, width);
  }
  // Logits of deviation 3 or so. The embedding is small so that, where it is the head too, no token calls for itself.
  const loudness = shape.tied ? 10 : 2.5;
  vector("output_norm.weight", width, (key, index) => loudness * normWeight(key, index));
  if (!shape.tied) matrix("output.weight", "head", 0, shape.vocabulary, width);
  return tensors;
}

/** `usual` times (−1, 1), but one in `every` up to ±`outlier`. */
function withOutliers(key: number, index: number, usual: number, every: number, outlier: number): number {
  const loud = fraction(key ^ 0x0d1, index) * every < 1;
  return signed(key, index) * (loud ? outlier : usual);
}

function normWeight(key: number, index: number): number {
  return Math.abs(1 + withOutliers(key, index, 0.5, 128, 12));
}

/** Qwen2's keys have biases like these, and no others so large. */
function keyBias(key: number, index: number): number {
  return withOutliers(key, index, 1, 16, 50);
}

function queryBias(key: number, index: number): number {
  return withOutliers(key, index, 1, 32, 8);
}

function valueBias(key: number, index: number): number {
  return withOutliers(key, index, 0.25, 64, 2);
}
