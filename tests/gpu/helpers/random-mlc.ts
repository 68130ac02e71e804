/**
 * Tiny MLC models with random weights, and the very same weights, dequantised, as an F32 GGUF file. Both forms are
 * written from their own definitions: mlc_llm's group_quantization.py, and llama.cpp's convert_hf_to_gguf.py.
 */
import type { ByteSource } from "../../../src/engine/wgsl/formats/byte-source";
import { readGguf } from "../../../src/engine/wgsl/formats/gguf";
import { readMlc } from "../../../src/engine/wgsl/formats/mlc";
import type { ModelFile } from "../../../src/engine/wgsl/formats/model-file";
import { f16ToNumber } from "../../../src/engine/wgsl/kernels/float16";
import { toF16 } from "../../../scripts/synthetic/blocks";
import { ggufHeader } from "../../../scripts/synthetic/header";
import { hash, keyOf, signed } from "../../../scripts/synthetic/random";
import { TINY_MLC, tinyMlc, type TinyMlc } from "../../helpers/tiny-mlc";
import { never } from "./models";

const WEIGHTS_PER_WORD = 8;
const GROUP = 32;
/** What 4 bits' middle is (max_int). */
const ZERO = 7;

interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

interface Record {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly nbytes: number;
  readonly byteOffset: number;
}

interface Manifest {
  readonly records: readonly { readonly dataPath: string; readonly records: readonly Record[] }[];
}

export async function randomMlc(model: TinyMlc): Promise<{ readonly mlc: ModelFile; readonly gguf: ModelFile }> {
  const files = tinyMlc(model);
  const tensors = fillShards(files);
  const mlc = await readMlc((name) => Promise.resolve(memorySource(name, files.get(name) ?? new Uint8Array())), never);
  const gguf = await readGguf([memorySource("tiny.gguf", ggufOf(model, tensors))], never);
  return { mlc, gguf };
}

/** Fills the shards with random bits. @returns what they stand for, without "weight" in the name. */
function fillShards(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Map<string, Tensor> {
  const manifest = JSON.parse(new TextDecoder().decode(files.get("tensor-cache.json"))) as Manifest;
  const records = new Map<string, { record: Record; bytes: Uint8Array<ArrayBuffer> }>();
  for (const { dataPath, records: own } of manifest.records) {
    for (const record of own) {
      const bytes = files.get(dataPath)?.subarray(record.byteOffset, record.byteOffset + record.nbytes);
      if (bytes) records.set(record.name, { record, bytes });
    }
  }
  const tensors = new Map<string, Tensor>();
  for (const [name, { record, bytes }] of records) {
    if (name.endsWith(".q_scale")) continue;
    const key = keyOf(1, name);
    if (!name.endsWith(".q_weight")) {
      const values = writeFloats(record, bytes, (i) => randomValue(record, key, i));
      tensors.set(name.replace(/\.weight$/, ""), { shape: record.shape, values });
      continue;
    }
    const base = name.replace(/\.q_weight$/, "");
    const scales = records.get(`${base}.q_scale`);
    if (scales === undefined) throw new Error(`${base} has no scales.`);
    const [rows = 0, words = 0] = record.shape;
    const columns = words * WEIGHTS_PER_WORD;
    // Of 4 random bits; now and then a group is four times as loud, or negative.
    const unit = 1 / Math.sqrt(columns) / 4.6;
    const scaleValues = writeFloats(scales.record, scales.bytes, (i) => {
      return unit * (0.75 + 0.5 * Math.abs(signed(key ^ 1, i))) * (hash(key, i) % 64 === 0 ? -4 : 1);
    });
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const values = new Float32Array(rows * columns);
    for (let word = 0; word < rows * words; word++) {
      const bits = hash(key ^ 2, word);
      view.setUint32(4 * word, bits, true);
      for (let i = 0; i < WEIGHTS_PER_WORD; i++) {
        const at = word * WEIGHTS_PER_WORD + i;
        values[at] = (((bits >>> (4 * i)) & 15) - ZERO) * (scaleValues[Math.floor(at / GROUP)] ?? NaN);
      }
    }
    tensors.set(base, { shape: [rows, columns], values });
  }
  return tensors;
}

function randomValue({ name, shape }: Record, key: number, index: number): number {
  const noise = signed(key, index);
  if (name.endsWith(".bias")) return noise;
  // Norms; the last makes logits some apart.
  if (shape.length === 1) return (name === "model.norm.weight" ? 3 : 1) * (1 + 0.5 * noise);
  return (noise * Math.sqrt(3)) / Math.sqrt(shape[1] ?? NaN);
}

/** Writes floats as the record's size says. @returns what was written, rounded as it is there. */
function writeFloats(
  { shape, dtype }: Record,
  bytes: Uint8Array<ArrayBuffer>,
  value: (index: number) => number,
): Float32Array<ArrayBuffer> {
  const count = shape.reduce((product, size) => product * size, 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: count }, (_, i) => {
    if (bytes.length === 4 * count) {
      view.setFloat32(4 * i, value(i), true);
      return view.getFloat32(4 * i, true);
    }
    if (dtype === "float16") {
      const bits = toF16(value(i));
      view.setUint16(2 * i, bits, true);
      return f16ToNumber(bits);
    }
    // bf16: a float32's upper half.
    const [bits = 0] = new Uint32Array(Float32Array.of(value(i)).buffer);
    view.setUint16(2 * i, bits >>> 16, true);
    return new Float32Array(Uint32Array.of(bits & 0xffff_0000).buffer)[0] ?? NaN;
  });
}

function ggufOf({ architecture = "llama", tied = false }: TinyMlc, tensors: ReadonlyMap<string, Tensor>) {
  const { width, heads, kvHeads, headDim, feedForward, tokens } = TINY_MLC;
  const take = (name: string): Float32Array<ArrayBuffer> => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`There is no ${name}.`);
    return tensor.values;
  };
  const out: { name: string; dimensions: number[]; values: Float32Array<ArrayBuffer> }[] = [];
  /** Some rows of a matrix, or a vector's elements where `columns` is undefined. */
  const add = (name: string, source: string, from: number, rows: number, columns?: number, permuted?: number) => {
    const values = take(source).slice(from * (columns ?? 1), (from + rows) * (columns ?? 1));
    out.push({
      name,
      dimensions: columns === undefined ? [rows] : [columns, rows],
      values: permuted === undefined ? values : permute(values, permuted, headDim, columns ?? 1),
    });
  };
  add("token_embd.weight", "model.embed_tokens", 0, tokens, width);
  add("output_norm.weight", "model.norm", 0, width);
  if (!tied) add("output.weight", "lm_head", 0, tokens, width);
  const isLlama = architecture === "llama";
  for (let i = 0; i < 2; i++) {
    const [blk, at] = [`blk.${i}`, `model.layers.${i}`];
    const qkv = `${at}.self_attn.${isLlama ? "qkv_proj" : "c_attn"}`;
    const [q, k] = [heads * headDim, kvHeads * headDim];
    add(`${blk}.attn_norm.weight`, `${at}.input_layernorm`, 0, width);
    add(`${blk}.attn_q.weight`, qkv, 0, q, width, isLlama ? heads : undefined);
    add(`${blk}.attn_k.weight`, qkv, q, k, width, isLlama ? kvHeads : undefined);
    add(`${blk}.attn_v.weight`, qkv, q + k, k, width);
    if (!isLlama) {
      add(`${blk}.attn_q.bias`, `${qkv}.bias`, 0, q);
      add(`${blk}.attn_k.bias`, `${qkv}.bias`, q, k);
      add(`${blk}.attn_v.bias`, `${qkv}.bias`, q + k, k);
    }
    add(`${blk}.attn_output.weight`, `${at}.self_attn.o_proj`, 0, width, q);
    add(`${blk}.ffn_norm.weight`, `${at}.post_attention_layernorm`, 0, width);
    add(`${blk}.ffn_gate.weight`, `${at}.mlp.gate_up_proj`, 0, feedForward, width);
    add(`${blk}.ffn_up.weight`, `${at}.mlp.gate_up_proj`, feedForward, feedForward, width);
    add(`${blk}.ffn_down.weight`, `${at}.mlp.down_proj`, 0, width, feedForward);
  }
  return writeGguf(architecture, tied, out);
}

/** LlamaModel.permute: reshape(heads, 2, headDim / 2, columns), swap the middle two. */
function permute(values: Float32Array<ArrayBuffer>, heads: number, headDim: number, columns: number) {
  const permuted = new Float32Array(values.length);
  for (let head = 0; head < heads; head++) {
    for (let half = 0; half < 2; half++) {
      for (let i = 0; i < headDim / 2; i++) {
        const from = head * headDim + half * (headDim / 2) + i;
        const to = head * headDim + 2 * i + half;
        permuted.set(values.subarray(from * columns, (from + 1) * columns), to * columns);
      }
    }
  }
  return permuted;
}

function writeGguf(
  architecture: "llama" | "qwen2",
  tied: boolean,
  tensors: readonly { name: string; dimensions: number[]; values: Float32Array<ArrayBuffer> }[],
): Uint8Array<ArrayBuffer> {
  const { width, heads, kvHeads, headDim, feedForward, tokens } = TINY_MLC;
  const shape = {
    ...{
      architecture,
      layers: 2,
      width,
      heads,
      kvHeads,
      headDim,
      feedForward,
      vocabulary: tokens,
      tied,
      contextLength: 8192,
    },
    ...{ ropeBase: architecture === "llama" ? 500_000 : 1_000_000, rmsEpsilon: 1e-6 },
    ...{ split: "qwen2" as const, control: {}, end: 2 },
  };
  let end = 0;
  // Every length here is a multiple of GGUF's alignment, 32 bytes.
  const placed = tensors.map(({ name, dimensions, values }) => {
    const offset = end;
    end += values.byteLength;
    if (end % 32 !== 0) throw new Error(`${name} ends at ${end}.`);
    return { name, dimensions, typeId: 0, offset };
  });
  const header = ggufHeader("tiny", shape, "f16", placed);
  const bytes = new Uint8Array(header.length + end);
  bytes.set(header);
  for (const [i, { values }] of tensors.entries()) {
    bytes.set(new Uint8Array(values.buffer), header.length + (placed[i]?.offset ?? NaN));
  }
  return bytes;
}

function memorySource(name: string, bytes: Uint8Array<ArrayBuffer>): ByteSource {
  return {
    name,
    size: bytes.length,
    // eslint-disable-next-line @typescript-eslint/require-await -- there already
    async *stream(from, to) {
      yield bytes.slice(from, to);
    },
  };
}
