/** Reads a GGUF model, in one file or several: headers only, a few MB; the weights stay where they are. */
import { readBytes, type ByteSource } from "./byte-source";
import { BOUNDS } from "./check-config";
import { readGgufConfig, readGgufSampling } from "./gguf-config";
import { Metadata } from "./gguf-metadata";
import { readParts } from "./gguf-parts";
import { TensorTable } from "./gguf-tensors";
import type { LayerTensors, ModelConfig, ModelFile, ModelTensors, VectorTensor } from "./model-file";
import { invalid, quoted, unsupported } from "./refusals";

/**
 * @param sources the model's one file, or all parts of it in any order.
 * @throws IngleError "model-invalid" naming file and key or tensor; "model-unsupported" naming what this engine does
 *   not run; "aborted" and "source-failed" as the sources do.
 */
export async function readGguf(sources: readonly ByteSource[], signal: AbortSignal): Promise<ModelFile> {
  const parts = await readParts(sources, signal);
  const ordered = parts.map(({ source }) => source);
  const file = parts[0].source.name;
  const metadata = new Metadata(file, parts[0].header.metadata);
  const { config: plain, ropeScale } = readGgufConfig(metadata, tokensOf(metadata, file), file);
  const table = new TensorTable(
    ordered,
    parts.map(({ header }) => header.tensors),
  );
  const tensors = readTensors(table, plain, file);
  const ropeTensor = table.has("rope_freqs.weight") ? table.vector("rope_freqs.weight", plain.headDim / 2) : undefined;
  table.finish();
  const factors = await readRopeFactors(ropeTensor, ropeScale, plain, ordered, signal);
  return {
    name: nameOf(metadata, file),
    sources: ordered,
    config: { ...plain, rope: { ...plain.rope, factors } },
    tensors,
    tokenizer: { kind: "gguf", metadata: metadata.below("tokenizer.") },
    sampling: readGgufSampling(metadata),
  };
}

/** How many tokens there are. */
function tokensOf(metadata: Metadata, file: string): number {
  const key = "tokenizer.ggml.tokens";
  const tokens = metadata.get(key);
  if (metadata.get("tokenizer.ggml.model") === "no_vocab") throw unsupported(file, "it has no vocabulary");
  if (tokens === undefined) throw invalid(file, `key ${quoted(key)} is missing`);
  const fits = Array.isArray(tokens) && tokens.length >= 1 && tokens.length <= BOUNDS.vocabulary.most;
  if (!fits || typeof tokens[0] !== "string") throw invalid(file, `key ${quoted(key)} can't be ${quoted(tokens)}`);
  return tokens.length;
}

function readTensors(table: TensorTable, config: ModelConfig, file: string): ModelTensors {
  const { width, vocabulary, layers } = config;
  return {
    embedding: vocabularyMatrix("token_embd.weight"),
    layers: Array.from({ length: layers }, (_, i) => readLayer(table, config, `blk.${i}`)),
    outputNorm: table.vector("output_norm.weight", width),
    head: table.has("output.weight") ? vocabularyMatrix("output.weight") : undefined,
  };

  /** Some models have more rows than tokens, for a round number of them; a token that is none is never chosen. */
  function vocabularyMatrix(name: string) {
    const rows = table.rowsOf(name);
    if (rows < vocabulary || rows > BOUNDS.vocabulary.most) {
      throw invalid(file, `tensor ${quoted(name)} has ${rows} rows for ${vocabulary} tokens`);
    }
    return table.matrix(name, rows, width, vocabulary);
  }
}

/** @param at "blk.0" */
function readLayer(table: TensorTable, config: ModelConfig, at: string): LayerTensors {
  const { width, feedForward } = config;
  const queries = config.heads * config.headDim;
  const keys = config.kvHeads * config.headDim;
  return {
    attentionNorm: table.vector(`${at}.attn_norm.weight`, width),
    qkv: [
      table.matrix(`${at}.attn_q.weight`, queries, width),
      table.matrix(`${at}.attn_k.weight`, keys, width),
      table.matrix(`${at}.attn_v.weight`, keys, width),
    ],
    qkvBias: table.has(`${at}.attn_q.bias`) ? qkvBias() : [],
    attentionOutput: table.matrix(`${at}.attn_output.weight`, width, queries),
    feedForwardNorm: table.vector(`${at}.ffn_norm.weight`, width),
    gateUp: [
      table.matrix(`${at}.ffn_gate.weight`, feedForward, width),
      table.matrix(`${at}.ffn_up.weight`, feedForward, width),
    ],
    down: table.matrix(`${at}.ffn_down.weight`, width, feedForward),
  };

  function qkvBias(): VectorTensor[] {
    return [
      table.vector(`${at}.attn_q.bias`, queries),
      table.vector(`${at}.attn_k.bias`, keys),
      table.vector(`${at}.attn_v.bias`, keys),
    ];
  }
}

/**
 * The file's own factors (how Llama 3.1's scaling is stored), times the scale all frequencies share.
 *
 * @param tensor [headDim / 2]
 */
async function readRopeFactors(
  tensor: VectorTensor | undefined,
  scale: number,
  { headDim }: ModelConfig,
  sources: readonly ByteSource[],
  signal: AbortSignal,
): Promise<Float32Array | undefined> {
  if (!tensor) return scale === 1 ? undefined : new Float32Array(headDim / 2).fill(scale);
  const source = sources[tensor.data.source];
  if (!source) throw new RangeError(`No source ${tensor.data.source}`);
  if (tensor.type !== "f32") throw unsupported(source.name, `tensor ${quoted(tensor.name)} is no F32`);
  const { offset, bytes } = tensor.data;
  const view = new DataView((await readBytes(source, offset, offset + bytes, signal)).buffer);
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const factor = view.getFloat32(4 * i, true) * scale;
    if (factor >= BOUNDS.ropeFactor.least && factor <= 1.1 * BOUNDS.ropeFactor.most) return factor; // f32 rounds 1e30
    throw invalid(source.name, `tensor ${quoted(tensor.name)} holds ${factor}`);
  });
}

function nameOf(metadata: Metadata, file: string): string {
  const name = metadata.text("general.name")?.trim();
  return (name || file.replace(/(?:-\d{5}-of-\d{5})?\.gguf$/i, "")).slice(0, 100);
}
