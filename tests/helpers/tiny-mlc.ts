/** The files of a whole MLC model of a few kB, all weights zero, as mlc_llm and TVM's tvmjs.py name and lay them. */

export interface TinyMlc {
  readonly architecture?: "llama" | "qwen2";
  readonly quantization?: "q4f16_1" | "q4f32_1" | "q0f16" | "q0f32";
  /** Whether float32 lies in the shards as it is, or as bf16 (TVM's "f32-to-bf16"). */
  readonly rawFloat32?: boolean;
  readonly tied?: boolean;
  /** Over the configuration's own; undefined takes a key away. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly modelConfig?: Readonly<Record<string, unknown>>;
  /** Behind the model's own. */
  readonly more?: readonly MlcTensor[];
  /** Changes the records before they are laid into shards; `bytes` is then what is written. */
  readonly change?: (record: MlcTensor) => MlcTensor | undefined;
}

export interface MlcTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly nbytes: number;
}

interface Shard {
  readonly dataPath: string;
  readonly format: "raw-shard";
  readonly nbytes: number;
  readonly records: (MlcTensor & { readonly format: string; readonly byteOffset: number })[];
}

/** Of the tiny model. */
export const TINY_MLC = { width: 128, heads: 4, kvHeads: 2, headDim: 32, feedForward: 192, rows: 48, tokens: 45 };
const LAYERS = 2;
const SHARD_BYTES = 64 * 1024;

/** By name; JSON as text. */
export function tinyMlc(model: TinyMlc = {}): Map<string, Uint8Array<ArrayBuffer>> {
  const change = model.change ?? ((record: MlcTensor): MlcTensor | undefined => record);
  const shards = layOut([...tensorsOf(model), ...(model.more ?? [])].flatMap((record) => change(record) ?? []));
  const json = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));
  return new Map([
    ["mlc-chat-config.json", json(chatConfig(model))],
    ["tensor-cache.json", json({ metadata: { ParamSize: 1 }, records: shards })],
    ["tokenizer.json", json(tinyTokenizer())],
    ["tokenizer_config.json", json({ chat_template: "{{ messages }}" })],
    ...shards.map(({ dataPath, nbytes }) => [dataPath, new Uint8Array(nbytes)] as const),
  ]);
}

function chatConfig({ architecture = "llama", quantization = "q4f16_1", tied = false, ...more }: TinyMlc) {
  const { width, heads, kvHeads, headDim, feedForward, rows } = TINY_MLC;
  return {
    version: "0.1.0",
    model_type: architecture,
    quantization,
    model_config: {
      hidden_size: width,
      intermediate_size: feedForward,
      num_attention_heads: heads,
      num_hidden_layers: LAYERS,
      num_key_value_heads: kvHeads,
      head_dim: headDim,
      rms_norm_eps: 1e-6,
      vocab_size: rows,
      tie_word_embeddings: tied,
      ...(architecture === "llama"
        ? { position_embedding_base: 500_000 }
        : { rope_theta: 1_000_000, hidden_act: "silu" }),
      context_window_size: 8192,
      ...more.modelConfig,
    },
    vocab_size: rows,
    context_window_size: 4096,
    sliding_window_size: -1,
    tokenizer_files: ["tokenizer.json", "tokenizer_config.json"],
    temperature: 0.6,
    top_p: 0.9,
    presence_penalty: 0,
    frequency_penalty: 0,
    repetition_penalty: 1.1,
    conv_template: { name: "chatml", stop_token_ids: [2] },
    bos_token_id: 1,
    eos_token_id: [2, 3],
    ...more.config,
  };
}

function tinyTokenizer() {
  const { tokens } = TINY_MLC;
  const vocab = Object.fromEntries(Array.from({ length: tokens - 1 }, (_, i) => [`t${i}`, i]));
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
  return {
    model: { type: "BPE", vocab, merges: [] },
    added_tokens: [{ id: tokens - 1, content: "<|end|>" }],
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
  };
}

function tensorsOf({ architecture = "llama", quantization = "q4f16_1", rawFloat32 = false, tied = false }: TinyMlc) {
  const { width, heads, kvHeads, headDim, feedForward, rows } = TINY_MLC;
  const [dtype, bytesEach] = quantization.includes("f16") ? ["float16", 2] : ["float32", rawFloat32 ? 4 : 2];
  const float = (name: string, ...shape: number[]): MlcTensor => {
    return { name, shape, dtype, nbytes: shape.reduce((product, size) => product * size, bytesEach) };
  };
  const matrix = (name: string, rows: number, columns: number): MlcTensor[] => {
    if (quantization.startsWith("q0")) return [float(`${name}.weight`, rows, columns)];
    return [
      { name: `${name}.q_weight`, shape: [rows, columns / 8], dtype: "uint32", nbytes: (rows * columns) / 2 },
      float(`${name}.q_scale`, rows, columns / 32),
    ];
  };
  const qkvRows = (heads + 2 * kvHeads) * headDim;
  const qkv = architecture === "llama" ? "qkv_proj" : "c_attn";
  const layer = (at: string): MlcTensor[] => [
    float(`${at}.input_layernorm.weight`, width),
    ...matrix(`${at}.self_attn.${qkv}`, qkvRows, width),
    ...(architecture === "llama" ? [] : [float(`${at}.self_attn.${qkv}.bias`, qkvRows)]),
    ...matrix(`${at}.self_attn.o_proj`, width, heads * headDim),
    float(`${at}.post_attention_layernorm.weight`, width),
    ...matrix(`${at}.mlp.gate_up_proj`, 2 * feedForward, width),
    ...matrix(`${at}.mlp.down_proj`, width, feedForward),
  ];
  return [
    ...matrix("model.embed_tokens", rows, width),
    ...Array.from({ length: LAYERS }, (_, i) => layer(`model.layers.${i}`)).flat(),
    float("model.norm.weight", width),
    ...(tied ? [] : matrix("lm_head", rows, width)),
  ];
}

function layOut(tensors: readonly MlcTensor[]): Shard[] {
  const shards: Shard[] = [];
  for (const tensor of tensors) {
    const last = shards.at(-1);
    const byteOffset = last && last.nbytes + tensor.nbytes <= SHARD_BYTES ? last.nbytes : 0;
    // Of every tensor, quants too: TVM writes the setting, not what became of the tensor.
    const record = { ...tensor, format: "f32-to-bf16", byteOffset };
    if (last && byteOffset > 0) {
      shards[shards.length - 1] = {
        ...last,
        nbytes: last.nbytes + tensor.nbytes,
        records: [...last.records, record],
      };
    } else {
      const dataPath = `params_shard_${shards.length}.bin`;
      shards.push({ dataPath, format: "raw-shard", nbytes: tensor.nbytes, records: [record] });
    }
  }
  return shards;
}
