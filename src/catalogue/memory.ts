/** How many bytes a model takes: on the GPU with either engine, in files, and read for each token. Pure arithmetic. */
import type { ModelShape, Quantization } from "./model-facts";

/** Bits of one weight in a matrix with its share of the scales, and in a norm or bias. */
const IN_FILE: Readonly<Record<Quantization, { readonly matrix: number; readonly vector: number }>> = {
  q4f16_1: { matrix: 4.5, vector: 16 },
  // f32 lies in MLC's shards as bf16.
  q4f32_1: { matrix: 4.5, vector: 16 },
  q0f16: { matrix: 16, vector: 16 },
  q0f32: { matrix: 16, vector: 16 },
  // Ten weights a word, one f16 scale for forty.
  q3f16_1: { matrix: 3.6, vector: 16 },
};

/** Bits of one matrix weight on the GPU. */
const ON_GPU: Readonly<Record<Quantization, number>> = { q4f16_1: 4.5, q4f32_1: 5, q0f16: 16, q0f32: 32, q3f16_1: 3.6 };

/** Bits of one matrix weight without its scales, which MLC keeps in a buffer of their own, and always a smaller one. */
const CODES: Readonly<Record<Quantization, number>> = { q4f16_1: 4, q4f32_1: 4, q0f16: 16, q0f32: 32, q3f16_1: 3.2 };

export interface WeightCounts {
  readonly embedding: number;
  /** 0 where the embedding serves as the head. */
  readonly head: number;
  /** Of all layers. */
  readonly layerMatrices: number;
  /** Norms and biases. */
  readonly vectors: number;
}

export function countWeights(shape: ModelShape): WeightCounts {
  const { architecture, layers, width, heads, kvHeads, headDim, feedForward, vocabulary, isTied } = shape;
  const qkvRows = (heads + 2 * kvHeads) * headDim;
  const perLayer = qkvRows * width + width * heads * headDim + 3 * feedForward * width;
  const vectorsPerLayer = 2 * width + (architecture === "qwen2" ? qkvRows : 0);
  const embedding = vocabulary * width;
  return {
    embedding,
    head: isTied ? 0 : embedding,
    layerMatrices: layers * perLayer,
    vectors: layers * vectorsPerLayer + width,
  };
}

export function countParameters(shape: ModelShape): number {
  const { embedding, head, layerMatrices, vectors } = countWeights(shape);
  return embedding + head + layerMatrices + vectors;
}

/** [bytes] of all weight files. */
export function weightFileBytes(shape: ModelShape, quantization: Quantization): number {
  const { embedding, head, layerMatrices, vectors } = countWeights(shape);
  const bits = IN_FILE[quantization];
  return Math.ceil(((embedding + head + layerMatrices) * bits.matrix + vectors * bits.vector) / 8);
}

/** [bytes] of all weights on the GPU. Vectors are f32 in Ingle's engine; WebLLM's f16 ones differ by less than a percent. */
export function weightGpuBytes(shape: ModelShape, quantization: Quantization): number {
  const { embedding, head, layerMatrices, vectors } = countWeights(shape);
  return Math.ceil(((embedding + head + layerMatrices) * ON_GPU[quantization]) / 8 + 4 * vectors);
}

/** [bytes] of the weights that one token reads: of an embedding that is not the head, a row only. */
export function weightBytesRead(shape: ModelShape, quantization: Quantization): number {
  const { embedding, head } = countWeights(shape);
  const unread = head > 0 ? embedding - shape.width : 0;
  return weightGpuBytes(shape, quantization) - Math.floor((unread * ON_GPU[quantization]) / 8);
}

/** [bytes] of one token's keys and values, all layers. */
export function kvBytesPerToken({ layers, kvHeads, headDim }: ModelShape, bytesPerNumber: 2 | 4): number {
  return 2 * layers * kvHeads * headDim * bytesPerNumber;
}

/** [bytes] of the largest buffer of weights that WebLLM has: the codes of the embedding, or of gate and up together. */
export function largestMlcBytes(shape: ModelShape, quantization: Quantization): number {
  const { width, feedForward, vocabulary } = shape;
  return Math.ceil((Math.max(vocabulary, 2 * feedForward) * width * CODES[quantization]) / 8);
}

/** Tokens of a prompt that Ingle's engine computes together. */
const PREFILL_TOKENS = 128;
/** [bytes] of the list that it samples from. */
const SAMPLING_LIST = 2048;

/** [bytes] of what Ingle's engine computes in, beside weights and cache. */
export function scratchBytes(shape: ModelShape, contextLength: number): number {
  const { width, heads, headDim, feedForward, vocabulary } = shape;
  const perToken = 2.25 * width + 2 * heads * headDim + feedForward;
  return Math.ceil(4 * (PREFILL_TOKENS * perToken + 3 * vocabulary + contextLength * headDim)) + SAMPLING_LIST;
}

/** [bytes] on the GPU of each matrix: embedding, head, and of every layer q, k and v; their output; gate and up; down. */
export function matrixSizes(shape: ModelShape, quantization: Quantization): readonly number[] {
  const { layers, width, heads, kvHeads, headDim, feedForward, vocabulary, isTied } = shape;
  const bytes = (weights: number) => Math.ceil((weights * ON_GPU[quantization]) / 8);
  const layer = [
    bytes((heads + 2 * kvHeads) * headDim * width),
    bytes(width * heads * headDim),
    bytes(2 * feedForward * width),
    bytes(width * feedForward),
  ];
  const embedding = bytes(vocabulary * width);
  return [embedding, ...(isTied ? [] : [embedding]), ...Array.from({ length: layers }, () => layer).flat()];
}
