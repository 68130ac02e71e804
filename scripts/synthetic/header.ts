/** A GGUF header, version 3: metadata and the list of tensors. Runs in a browser too, unlike tests/helpers/gguf-writer.ts. */
import { fileType, type Mix } from "./mixes";
import type { Shape } from "./shapes";

export interface TensorEntry {
  readonly name: string;
  /** Fastest dimension first. */
  readonly dimensions: readonly number[];
  readonly typeId: number;
  /** From the start of the data. */
  readonly offset: number;
}

export const ALIGNMENT = 32;

const U32 = 4;
const F32 = 6;
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;
const I32 = 5;

/** Ends on a multiple of ALIGNMENT, where the data begins. */
export function ggufHeader(
  name: string,
  shape: Shape,
  mix: Mix,
  tensors: readonly TensorEntry[],
): Uint8Array<ArrayBuffer> {
  const out = new Writer();
  const metadata = writeMetadata(name, shape, mix);
  out.bytes(new TextEncoder().encode("GGUF"));
  out.u32(3);
  out.u64(tensors.length);
  out.u64(metadata.length);
  for (const write of metadata) write(out);
  for (const tensor of tensors) {
    out.string(tensor.name);
    out.u32(tensor.dimensions.length);
    for (const dimension of tensor.dimensions) out.u64(dimension);
    out.u32(tensor.typeId);
    out.u64(tensor.offset);
  }
  out.align(ALIGNMENT);
  return out.done();
}

type Entry = (out: Writer) => void;

function writeMetadata(name: string, shape: Shape, mix: Mix): readonly Entry[] {
  const a = shape.architecture;
  const tokens = vocabulary(shape);
  const control = new Set(Object.values(shape.control));
  return [
    text("general.architecture", a),
    text("general.type", "model"),
    text("general.name", `Synthetic ${name}`),
    text("general.description", "Random weights of a real model's shape, for tests."),
    u32(`${a}.block_count`, shape.layers),
    u32(`${a}.context_length`, shape.contextLength),
    u32(`${a}.embedding_length`, shape.width),
    u32(`${a}.feed_forward_length`, shape.feedForward),
    u32(`${a}.attention.head_count`, shape.heads),
    u32(`${a}.attention.head_count_kv`, shape.kvHeads),
    f32(`${a}.rope.freq_base`, shape.ropeBase),
    f32(`${a}.attention.layer_norm_rms_epsilon`, shape.rmsEpsilon),
    ...(a === "llama"
      ? [
          u32("llama.attention.key_length", shape.headDim),
          u32("llama.attention.value_length", shape.headDim),
          u32("llama.vocab_size", shape.vocabulary),
          u32("llama.rope.dimension_count", shape.headDim),
        ]
      : []),
    u32("general.file_type", fileType(mix)),
    text("tokenizer.ggml.model", "gpt2"),
    text("tokenizer.ggml.pre", shape.split),
    texts("tokenizer.ggml.tokens", tokens),
    int32s(
      "tokenizer.ggml.token_type",
      tokens.map((_, id) => (control.has(id) ? 3 : 1)),
    ),
    texts("tokenizer.ggml.merges", MERGES),
    ...(shape.begin === undefined ? [] : [u32("tokenizer.ggml.bos_token_id", shape.begin)]),
    u32("tokenizer.ggml.eos_token_id", shape.end),
    flag("tokenizer.ggml.add_bos_token", shape.split === "llama-bpe"),
    text("tokenizer.chat_template", shape.split === "llama-bpe" ? LLAMA3_TEMPLATE : CHATML_TEMPLATE),
    u32("general.quantization_version", 2),
  ];
}

const MERGES = ["Ġ t", "h e", "Ġt he", "i n", "e r", "Ġ a", "o n", "Ġ s"];

/** Control tokens at their ids; GPT-2's 256 bytes and what the merges make in the first free ids; then fillers. */
function vocabulary(shape: Shape): readonly string[] {
  const byId = new Map(Object.entries(shape.control).map(([token, id]) => [id, token]));
  const known = [...byteTokens(), ...MERGES.map((merge) => merge.replace(" ", ""))].values();
  return Array.from({ length: shape.vocabulary }, (_, id) => {
    const token = byId.get(id) ?? known.next().value;
    return token ?? `<filler_${id}>`;
  });
}

/** GPT-2's order: printable bytes as themselves, the others from U+0100 on. */
function byteTokens(): readonly string[] {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const printable = [...range(0x21, 0x7e), ...range(0xa1, 0xac), ...range(0xae, 0xff)];
  const others = 256 - printable.length;
  return [...printable, ...range(0x100, 0x100 + others - 1)].map((code) => String.fromCodePoint(code));
}

const CHATML_TEMPLATE = `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>
' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}`;

const LLAMA3_TEMPLATE = `{{ '<|begin_of_text|>' }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>

' + message['content'] + '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>

' }}{% endif %}`;

function u32(key: string, value: number): Entry {
  return (out) => {
    out.key(key, U32);
    out.u32(value);
  };
}

function f32(key: string, value: number): Entry {
  return (out) => {
    out.key(key, F32);
    out.f32(value);
  };
}

function flag(key: string, value: boolean): Entry {
  return (out) => {
    out.key(key, BOOL);
    out.bytes(Uint8Array.of(value ? 1 : 0));
  };
}

function text(key: string, value: string): Entry {
  return (out) => {
    out.key(key, STRING);
    out.string(value);
  };
}

function texts(key: string, values: readonly string[]): Entry {
  return (out) => {
    out.array(key, STRING, values.length);
    for (const value of values) out.string(value);
  };
}

function int32s(key: string, values: readonly number[]): Entry {
  return (out) => {
    out.array(key, I32, values.length);
    for (const value of values) out.u32(value);
  };
}

/** Little-endian, growing. */
class Writer {
  #buffer = new Uint8Array(1 << 16);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;
  readonly #encoder = new TextEncoder();

  /** May replace the buffer and the view: call it before touching either. */
  #reserve(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#buffer.length * 2));
      larger.set(this.#buffer);
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setUint32(at, value, true);
    this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }

  f32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setFloat32(at, value, true);
  }

  bytes(values: Uint8Array): void {
    const at = this.#reserve(values.length);
    this.#buffer.set(values, at);
  }

  string(value: string): void {
    const encoded = this.#encoder.encode(value);
    this.u64(encoded.length);
    this.bytes(encoded);
  }

  key(key: string, type: number): void {
    this.string(key);
    this.u32(type);
  }

  array(key: string, type: number, length: number): void {
    this.key(key, ARRAY);
    this.u32(type);
    this.u64(length);
  }

  align(alignment: number): void {
    this.#reserve(Math.ceil(this.#length / alignment) * alignment - this.#length);
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }
}
