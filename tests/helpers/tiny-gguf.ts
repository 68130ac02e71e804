/** A whole GGUF model of a few kB, all weights zero: what a reader makes of a header is what is tested with it. */
import { writeGguf, type GgufContent, type MetadataEntry, type TensorEntry } from "./gguf-writer";

export interface TinyModel {
  readonly architecture?: "llama" | "qwen2";
  readonly layers?: number;
  /** A matrix's ggml type and its bytes per block; F32 unless given. */
  readonly matrixType?: (name: string) => QuantType;
  /** Whether the embedding serves as the head too. */
  readonly tied?: boolean;
  /** Added to the metadata, or instead of what has the same key; undefined takes it away. */
  readonly metadata?: Readonly<Record<string, MetadataEntry | undefined>>;
  /** Instead of the tensor of the same name; undefined takes it away. */
  readonly tensors?: Readonly<Record<string, TensorEntry | undefined>>;
}

export interface QuantType {
  readonly type: number;
  readonly weights: number;
  readonly bytes: number;
}

export const QUANTS = {
  f32: { type: 0, weights: 1, bytes: 4 },
  f16: { type: 1, weights: 1, bytes: 2 },
  q4_0: { type: 2, weights: 32, bytes: 18 },
  q4_1: { type: 3, weights: 32, bytes: 20 },
  q5_0: { type: 6, weights: 32, bytes: 22 },
  q5_1: { type: 7, weights: 32, bytes: 24 },
  q8_0: { type: 8, weights: 32, bytes: 34 },
  q4_k: { type: 12, weights: 256, bytes: 144 },
  q5_k: { type: 13, weights: 256, bytes: 176 },
  q6_k: { type: 14, weights: 256, bytes: 210 },
  bf16: { type: 30, weights: 1, bytes: 2 },
} as const satisfies Record<string, QuantType>;

/** Of the tiny model. 256 wide, so that K-quants have a whole block a row. */
export const TINY = { width: 256, heads: 4, kvHeads: 2, headDim: 64, feedForward: 512, tokens: 40 };

export function tinyGguf(model: TinyModel = {}): Uint8Array<ArrayBuffer> {
  return writeGguf(tinyContent(model));
}

export function tinyContent(model: TinyModel = {}): GgufContent {
  const { architecture = "llama", layers = 2 } = model;
  const at = (name: string) => `${architecture}.${name}`;
  const metadata: Record<string, MetadataEntry | undefined> = {
    "general.architecture": architecture,
    "general.name": "Tiny",
    [at("block_count")]: layers,
    [at("context_length")]: 2048,
    [at("embedding_length")]: TINY.width,
    [at("feed_forward_length")]: TINY.feedForward,
    [at("attention.head_count")]: TINY.heads,
    [at("attention.head_count_kv")]: TINY.kvHeads,
    [at("attention.layer_norm_rms_epsilon")]: { type: "f32", value: 1e-5 },
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.tokens": { list: "string", values: Array.from({ length: TINY.tokens }, (_, i) => `t${i}`) },
    ...model.metadata,
  };
  const tensors: Record<string, TensorEntry | undefined> = {
    ...Object.fromEntries(tinyTensors(model, architecture, layers).map((tensor) => [tensor.name, tensor])),
    ...model.tensors,
  };
  return {
    metadata: Object.entries(metadata).filter((entry): entry is [string, MetadataEntry] => entry[1] !== undefined),
    tensors: Object.values(tensors).filter((tensor) => tensor !== undefined),
  };
}

function tinyTensors(model: TinyModel, architecture: string, layers: number): TensorEntry[] {
  const { width, heads, kvHeads, headDim, feedForward, tokens } = TINY;
  const typeOf = model.matrixType ?? (() => QUANTS.f32);
  const matrix = (name: string, rows: number, columns: number) => tensorOf(name, typeOf(name), [columns, rows]);
  const vector = (name: string, length: number) => tensorOf(name, QUANTS.f32, [length]);
  const tensors = [matrix("token_embd.weight", tokens, width), vector("output_norm.weight", width)];
  if (!model.tied) tensors.push(matrix("output.weight", tokens, width));
  for (let i = 0; i < layers; i++) {
    const blk = `blk.${i}`;
    tensors.push(
      vector(`${blk}.attn_norm.weight`, width),
      matrix(`${blk}.attn_q.weight`, heads * headDim, width),
      matrix(`${blk}.attn_k.weight`, kvHeads * headDim, width),
      matrix(`${blk}.attn_v.weight`, kvHeads * headDim, width),
      matrix(`${blk}.attn_output.weight`, width, heads * headDim),
      vector(`${blk}.ffn_norm.weight`, width),
      matrix(`${blk}.ffn_gate.weight`, feedForward, width),
      matrix(`${blk}.ffn_up.weight`, feedForward, width),
      matrix(`${blk}.ffn_down.weight`, width, feedForward),
    );
    if (architecture === "qwen2") {
      tensors.push(
        vector(`${blk}.attn_q.bias`, heads * headDim),
        vector(`${blk}.attn_k.bias`, kvHeads * headDim),
        vector(`${blk}.attn_v.bias`, kvHeads * headDim),
      );
    }
  }
  return tensors;
}

/** @param dimensions fastest first. */
export function tensorOf(name: string, quant: QuantType, dimensions: readonly number[]): TensorEntry {
  const weights = dimensions.reduce((product, size) => product * size, 1);
  return { name, type: quant.type, dimensions, data: (weights / quant.weights) * quant.bytes };
}
