/** Tensors and models that exist only as descriptions, for plans. */
import type {
  MatrixTensor,
  MatrixType,
  ModelConfig,
  ModelFile,
  VectorTensor,
} from "../../../src/engine/wgsl/formats/model-file";

export function matrixOf(type: MatrixType, rows: number, columns: number, name = `${type} ${rows}×${columns}`) {
  return { name, type, rows, columns, data: { source: 0, offset: 0, bytes: 0 } } satisfies MatrixTensor;
}

export function vectorOf(length: number, name = `vector ${length}`): VectorTensor {
  return { name, type: "f32", length, data: { source: 0, offset: 0, bytes: 4 * length } };
}

export const SMALL: ModelConfig = {
  architecture: "qwen2",
  layers: 2,
  width: 256,
  heads: 4,
  kvHeads: 2,
  headDim: 64,
  feedForward: 512,
  vocabulary: 1003,
  contextLength: 2048,
  rmsEpsilon: 1e-6,
  rope: { base: 10_000, pairs: "halves", factors: undefined },
};

interface ModelKind {
  readonly type?: MatrixType;
  readonly tied?: boolean;
  /** Of the first so many layers. */
  readonly biasLayers?: number;
}

export function modelOf(
  change: Partial<ModelConfig> = {},
  { type = "q8_0", tied = true, biasLayers = 2 }: ModelKind = {},
): ModelFile {
  const config = { ...SMALL, ...change };
  const { width, heads, kvHeads, headDim, feedForward, vocabulary } = config;
  const layer = (i: number) => ({
    attentionNorm: vectorOf(width),
    qkv: [heads, kvHeads, kvHeads].map((n) => matrixOf(type, n * headDim, width)),
    qkvBias: i < biasLayers ? [heads, kvHeads, kvHeads].map((n) => vectorOf(n * headDim)) : [],
    attentionOutput: matrixOf(type, width, heads * headDim),
    feedForwardNorm: vectorOf(width),
    gateUp: [matrixOf(type, feedForward, width), matrixOf(type, feedForward, width)],
    down: matrixOf(type, width, feedForward),
  });
  return {
    name: "Small",
    sources: [],
    config,
    tensors: {
      embedding: matrixOf(type, vocabulary, width),
      layers: Array.from({ length: config.layers }, (_, i) => layer(i)),
      outputNorm: vectorOf(width),
      head: tied ? undefined : matrixOf(type, vocabulary, width),
    },
    tokenizer: { kind: "gguf", metadata: {} },
    sampling: {},
  };
}
