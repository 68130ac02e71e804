/**
 * What a reader makes of a model's files, whatever their format: the architecture's numbers, and for every tensor its
 * role, type, shape and the bytes it lies in. All numbers are bounded by the reader before they get here.
 */
import type { ByteSource } from "./byte-source";

/** The types a matrix may have; `layouts.ts` says how each lies in GPU memory. */
export type MatrixType =
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
  /** MLC's 4-bit groups of 32, zero point 7: scales in f16 (q4f16_1) or bf16 (q4f32_1, as its shards store them). */
  | "mlc_q4_f16"
  | "mlc_q4_bf16"
  /** The same with scales in f32, for q4f32_1 shards that hold them raw. */
  | "mlc_q4_f32";

export type VectorType = "f32" | "f16" | "bf16";

/** Bytes of one of the model's files. */
export interface ByteRange {
  /** Index into `ModelFile.sources`. */
  readonly source: number;
  readonly offset: number;
  readonly bytes: number;
}

/** [rows, columns], row-major: `columns` runs along the input, so y = W·x has `rows` outputs. */
export interface MatrixTensor {
  /** As the file calls it, for messages. */
  readonly name: string;
  readonly type: MatrixType;
  readonly rows: number;
  /** A multiple of 32, and of 256 for K-quants. */
  readonly columns: number;
  readonly data: ByteRange;
  /** MLC keeps the scales, [rows, columns / 32], in a tensor of their own. */
  readonly scales?: ByteRange;
}

export interface VectorTensor {
  readonly name: string;
  readonly type: VectorType;
  readonly length: number;
  readonly data: ByteRange;
}

export interface LayerTensors {
  /** [width] */
  readonly attentionNorm: VectorTensor;
  /** One below the other they are [(heads + 2 × kvHeads) × headDim, width]: q, k, v, or one tensor of all three. */
  readonly qkv: readonly MatrixTensor[];
  /** Empty, or q, k, v (or all in one): [(heads + 2 × kvHeads) × headDim] together. */
  readonly qkvBias: readonly VectorTensor[];
  /** [width, heads × headDim] */
  readonly attentionOutput: MatrixTensor;
  /** [width] */
  readonly feedForwardNorm: VectorTensor;
  /** One below the other they are [2 × feedForward, width]: gate, up, or one tensor of both. */
  readonly gateUp: readonly MatrixTensor[];
  /** [width, feedForward] */
  readonly down: MatrixTensor;
}

export interface ModelTensors {
  /** [vocabulary, width] */
  readonly embedding: MatrixTensor;
  readonly layers: readonly LayerTensors[];
  /** [width] */
  readonly outputNorm: VectorTensor;
  /** [vocabulary, width]; undefined when the embedding serves as the head too ("tied"). */
  readonly head: MatrixTensor | undefined;
}

export interface ModelConfig {
  readonly architecture: "llama" | "qwen2";
  readonly layers: number;
  /** The hidden size. */
  readonly width: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** The feed-forward's inner size. */
  readonly feedForward: number;
  readonly vocabulary: number;
  /** Tokens the model was made for. */
  readonly contextLength: number;
  readonly rmsEpsilon: number;
  readonly rope: {
    readonly base: number;
    /** Which of a head's dimensions turn together: 2i and 2i+1 (llama in GGUF), or i and i + headDim / 2. */
    readonly pairs: "adjacent" | "halves";
    /**
     * [headDim / 2], what each frequency is divided by (Llama 3's scaling, linear scaling); undefined for none.
     * GGUF files may hold it as a tensor, `rope_freqs.weight`, which the reader has read by then.
     */
    readonly factors: Float32Array | undefined;
  };
}

/** What the files say of tokens: either form, as it stands in the file; `tokenizer/` reads it. */
export type TokenizerSource =
  /** GGUF's metadata: keys that begin with "tokenizer.", arrays as arrays, and general.name etc. left out. */
  | { readonly kind: "gguf"; readonly metadata: Readonly<Record<string, unknown>> }
  /** Hugging Face's files, parsed; `config` is tokenizer_config.json, `generation` generation_config.json. */
  | { readonly kind: "json"; readonly tokenizer: unknown; readonly config: unknown; readonly generation: unknown };

export interface ModelFile {
  /** A name for people, from the file's metadata or its own name. */
  readonly name: string;
  readonly sources: readonly ByteSource[];
  readonly config: ModelConfig;
  readonly tensors: ModelTensors;
  readonly tokenizer: TokenizerSource;
  /** The model's own sampling defaults, where its files have some (MLC: mlc-chat-config.json). */
  readonly sampling: Partial<SamplingDefaults>;
}

export interface SamplingDefaults {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
}
