/**
 * A model for a library compiled for WebLLM, made up: MLC's files with the tensors that the library names, filled with
 * random numbers. It answers in letters, and its answers mean nothing.
 */
import type { ChosenFile } from "../../src/store/model-spec";

interface Metadata {
  readonly model_type: string;
  readonly quantization: string;
  readonly context_window_size: number;
  readonly params: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[];
  readonly kv_cache: {
    readonly num_hidden_layers: number;
    readonly num_attention_heads: number;
    readonly num_key_value_heads: number;
    readonly head_dim: number;
  };
}

const BYTES: Readonly<Record<string, number>> = { uint32: 4, float32: 4, float16: 2 };
const SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
/** A token each, so that a prompt has ten and not sixty: on a software adapter each costs seconds. */
const PHRASES = ["user", "assistant", "Tell me a story.", "Once upon a", "And then?"];
/** Their tokens have rows in the embedding; all others' logits are zero, and these' far from it. */
const LETTERS = { from: 0x61, to: 0x7a };
const LOUD = 0.1;
const QUIET = 0.005;
const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/** @param library the compiled code, in which its metadata is found. */
export function madeUpModel(library: Uint8Array<ArrayBuffer>, libraryName: string): ChosenFile[] {
  const metadata = metadataOf(library);
  const json = (name: string, value: unknown) => chosen(name, [JSON.stringify(value)]);
  const shards = metadata.params.map((param, i) => {
    const bytes = fill(param, i);
    const record = {
      name: param.name,
      shape: param.shape,
      dtype: param.dtype,
      format: "raw",
      nbytes: bytes.length,
      byteOffset: 0,
    };
    const dataPath = `params_shard_${i}.bin`;
    return {
      file: chosen(dataPath, [bytes]),
      entry: { dataPath, format: "raw-shard", nbytes: bytes.length, records: [record] },
    };
  });
  return [
    json("mlc-chat-config.json", chatConfig(metadata)),
    json("ndarray-cache.json", { metadata: { ParamSize: shards.length }, records: shards.map(({ entry }) => entry) }),
    json("tokenizer.json", tokenizer()),
    json("tokenizer_config.json", { chat_template: CHATML, eos_token: "<|im_end|>" }),
    ...shards.map(({ file }) => file),
    chosen(libraryName, [library]),
  ];
}

function chosen(name: string, parts: BlobPart[]): ChosenFile {
  return { name, file: new File(parts, name) };
}

function metadataOf(library: Uint8Array): Metadata {
  const text = new TextDecoder("latin1").decode(library);
  const start = text.indexOf('{"model_type"');
  let depth = 0;
  for (let i = start; i >= 0 && i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return JSON.parse(text.slice(start, i + 1)) as Metadata;
  }
  throw new Error("The library says nothing of its model.");
}

function fill({ name, shape, dtype }: Metadata["params"][number], seed: number): Uint8Array<ArrayBuffer> {
  const count = shape.reduce((product, size) => product * size, 1);
  const bytes = new Uint8Array(count * (BYTES[dtype] ?? NaN));
  if (dtype === "uint32") {
    let state = seed * 2 + 1;
    const words = new Uint32Array(bytes.buffer);
    for (let i = 0; i < count; i++) words[i] = state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return bytes;
  }
  if (dtype !== "float32") throw new Error(`Nobody makes up ${dtype} here.`);
  const values = new Float32Array(bytes.buffer);
  if (name === "model.embed_tokens.q_scale") {
    const perRow = shape[1] ?? 0;
    values.fill(LOUD, tokenOf(LETTERS.from) * perRow, (tokenOf(LETTERS.to) + 1) * perRow);
  } else values.fill(name.endsWith("norm.weight") ? 1 : QUIET);
  return bytes;
}

function chatConfig({ model_type, quantization, context_window_size, params, kv_cache }: Metadata) {
  const shapeOf = (end: string) => params.find(({ name }) => name.endsWith(end))?.shape ?? [];
  const [vocabulary = 0, words = 0] = shapeOf("embed_tokens.q_weight");
  const [gateUp = 0] = shapeOf("gate_up_proj.q_weight");
  return {
    version: "0.1.0",
    model_type,
    quantization,
    model_config: {
      hidden_size: words * 8,
      intermediate_size: gateUp / 2,
      num_attention_heads: kv_cache.num_attention_heads,
      num_hidden_layers: kv_cache.num_hidden_layers,
      num_key_value_heads: kv_cache.num_key_value_heads,
      head_dim: kv_cache.head_dim,
      rms_norm_eps: 1e-6,
      rope_theta: 1_000_000,
      vocab_size: vocabulary,
      tie_word_embeddings: true,
      hidden_act: "silu",
      context_window_size,
    },
    vocab_size: vocabulary,
    context_window_size,
    sliding_window_size: -1,
    prefill_chunk_size: 1024,
    attention_sink_size: -1,
    tokenizer_files: ["tokenizer.json", "tokenizer_config.json"],
    tokenizer_info: {
      token_postproc_method: "byte_level",
      prepend_space_in_encode: false,
      strip_space_in_decode: false,
    },
    temperature: 0.7,
    top_p: 0.8,
    presence_penalty: 0,
    frequency_penalty: 0,
    repetition_penalty: 1,
    conv_template: {
      name: "chatml",
      system_template: "{system_message}",
      system_message: "",
      roles: { user: "<|im_start|>user", assistant: "<|im_start|>assistant" },
      role_templates: { user: "{user_message}", assistant: "{assistant_message}", tool: "{tool_message}" },
      messages: [],
      seps: ["<|im_end|>\n"],
      role_content_sep: "\n",
      role_empty_sep: "\n",
      stop_str: ["<|im_end|>"],
      stop_token_ids: [256, 258],
      function_string: "",
      use_function_calling: false,
    },
    bos_token_id: 256,
    eos_token_id: [256, 258],
    pad_token_id: 256,
  };
}

/** A token for each byte, in the bytes' order, then the special ones. */
const tokenOf = (byte: number) => byte;

function tokenizer() {
  const isPlain = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let others = 0;
  // GPT-2's names of bytes: what can't be seen is moved past all bytes.
  const names = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPlain(byte) ? byte : 256 + others++));
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [...SPECIALS, ...PHRASES].map((content, i) => ({
      id: 256 + i,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: i < SPECIALS.length,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(names.map((name, byte) => [name, tokenOf(byte)])),
      merges: [],
    },
  };
}
