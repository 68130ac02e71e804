/** mlc-chat-config.json: the architecture's numbers, as mlc_llm's gen_config.py writes them. */
import * as v from "valibot";
import { BOUNDS, checkConfig, type Bound } from "./check-config";
import { checkJson } from "./json-file";
import { llama3Factors } from "./llama3-rope";
import type { ModelConfig, SamplingDefaults } from "./model-file";
import { invalid, quoted, unsupported } from "./refusals";
import { sensibleDefaults } from "./sampling-defaults";

export interface MlcConfig {
  readonly config: ModelConfig;
  /** Whether the embedding serves as the head. */
  readonly tied: boolean;
  readonly quantization: string;
  readonly sampling: Partial<SamplingDefaults>;
  /** The files the tokenizer was made of; undefined in early configurations. */
  readonly tokenizerFiles: readonly string[] | undefined;
  /** The ids that gen_config.py copies from generation_config.json, which MLC's folders don't have. */
  readonly generation: Readonly<Record<string, unknown>>;
}

/** The others are other layouts: transposed (_0), 3 bits, or in 8-bit floats. */
const QUANTIZATIONS = ["q4f16_1", "q4f32_1", "q0f16", "q0f32"];

const real = ({ least, most }: Bound) => v.pipe(v.number(), v.finite(), v.minValue(least), v.maxValue(most));
const whole = (bound: Bound) => v.pipe(real(bound), v.integer());
const optionally = <Schema extends v.GenericSchema>(schema: Schema) => v.nullish(schema);
/** mlc_llm's 0 stands for what is not said. */
const orZero = <Schema extends v.GenericSchema>(schema: Schema) => v.union([v.literal(0), schema]);
/** Looked at later, and left out where it makes no sense. */
const anything = v.optional(v.unknown());
const factor = real({ least: BOUNDS.ropeFactor.least, most: 1e6 });

const Kind = v.object({ model_type: v.string(), quantization: v.string() });

const ChatConfig = v.object({
  model_config: v.object({
    hidden_size: whole(BOUNDS.width),
    intermediate_size: whole(BOUNDS.feedForward),
    num_attention_heads: whole(BOUNDS.heads),
    num_hidden_layers: whole(BOUNDS.layers),
    num_key_value_heads: optionally(orZero(whole(BOUNDS.heads))),
    head_dim: optionally(orZero(whole(BOUNDS.headDim))),
    rms_norm_eps: real(BOUNDS.rmsEpsilon),
    vocab_size: whole(BOUNDS.vocabulary),
    tie_word_embeddings: optionally(v.boolean()),
    position_embedding_base: optionally(orZero(real(BOUNDS.ropeBase))),
    rope_theta: optionally(real(BOUNDS.ropeBase)),
    rope_scaling: optionally(
      v.object({
        rope_type: optionally(v.string()),
        type: optionally(v.string()),
        factor: optionally(factor),
        low_freq_factor: optionally(factor),
        high_freq_factor: optionally(factor),
        original_max_position_embeddings: optionally(whole(BOUNDS.contextLength)),
      }),
    ),
    context_window_size: optionally(v.number()),
    max_position_embeddings: optionally(v.number()),
    sliding_window_size: optionally(v.number()),
    hidden_act: optionally(v.string()),
  }),
  context_window_size: optionally(v.number()),
  tokenizer_files: optionally(v.array(v.string())),
  temperature: anything,
  top_p: anything,
  repetition_penalty: anything,
  frequency_penalty: anything,
  presence_penalty: anything,
  bos_token_id: anything,
  eos_token_id: anything,
  pad_token_id: anything,
});

type ChatConfig = v.InferOutput<typeof ChatConfig>;

/**
 * @throws IngleError "model-invalid" naming the file and the path in it; "model-unsupported" naming what this engine
 *   does not run.
 */
export function readMlcConfig(json: unknown, file: string): MlcConfig {
  const { architecture, quantization } = readKind(json, file);
  if (!QUANTIZATIONS.includes(quantization)) {
    throw unsupported(file, `its quantization is ${quoted(quantization)}, not one of ${QUANTIZATIONS.join(", ")}`);
  }
  return readMlcChat(json, file, architecture);
}

function readKind(json: unknown, file: string) {
  const { model_type: architecture, quantization } = checkJson(Kind, json, file);
  if (architecture === "llama" || architecture === "qwen2") return { architecture, quantization } as const;
  throw unsupported(file, `its architecture is ${quoted(architecture)}, not "llama" or "qwen2"`);
}

/** The same of a model that WebLLM is to run, whatever its weights' layout. @throws as `readMlcConfig` */
export function readMlcChat(json: unknown, file: string, architecture = readKind(json, file).architecture): MlcConfig {
  const { quantization } = checkJson(Kind, json, file);
  const chat = checkJson(ChatConfig, json, file);
  const { model_config: model } = chat;
  const heads = model.num_attention_heads;
  const headDim = said(model.head_dim) ?? model.hidden_size / heads;
  if (!Number.isInteger(headDim)) throw invalid(file, `${heads} heads can't share ${model.hidden_size} evenly`);
  const base = said(model.position_embedding_base) ?? model.rope_theta ?? 10_000;
  const config: ModelConfig = {
    architecture,
    layers: model.num_hidden_layers,
    width: model.hidden_size,
    heads,
    kvHeads: said(model.num_key_value_heads) ?? heads,
    headDim,
    feedForward: model.intermediate_size,
    vocabulary: model.vocab_size,
    contextLength: contextOf(chat, file),
    rmsEpsilon: model.rms_norm_eps,
    rope: { base, pairs: "halves", factors: ropeFactorsOf(chat, base, headDim, file) },
  };
  checkConfig(config, file);
  refuseVariants(chat, config, file);
  return {
    config,
    tied: model.tie_word_embeddings ?? false,
    quantization,
    sampling: samplingOf(chat),
    tokenizerFiles: chat.tokenizer_files ?? undefined,
    generation: {
      bos_token_id: idsOf(chat.bos_token_id),
      eos_token_id: idsOf(chat.eos_token_id),
      pad_token_id: idsOf(chat.pad_token_id),
    },
  };
}

function said(value: number | null | undefined): number | undefined {
  return value === 0 ? undefined : (value ?? undefined);
}

/** The model's own; the one outside `model_config` is what its library was compiled for. −1 stands for none. */
function contextOf({ model_config: model, context_window_size }: ChatConfig, file: string): number {
  const claims = [model.context_window_size, model.max_position_embeddings, context_window_size];
  const context = claims.find((claim) => typeof claim === "number" && claim > 0);
  const { least, most } = BOUNDS.contextLength;
  if (Number.isInteger(context) && typeof context === "number" && context >= least && context <= most) return context;
  throw invalid(file, `"model_config.context_window_size" can't be ${quoted(context)}`);
}

function refuseVariants({ model_config: model }: ChatConfig, { contextLength }: ModelConfig, file: string): void {
  const window = model.sliding_window_size ?? -1;
  if (window > 0 && window < contextLength)
    throw unsupported(file, `it attends to a sliding window of ${window} tokens`);
  const activation = model.hidden_act ?? "silu";
  if (activation !== "silu" && activation !== "swish") {
    throw unsupported(file, `its activation is ${quoted(activation)}`);
  }
}

function ropeFactorsOf(
  { model_config: { rope_scaling: scaling } }: ChatConfig,
  base: number,
  headDim: number,
  file: string,
): Float32Array | undefined {
  const type = scaling?.rope_type ?? scaling?.type ?? "default";
  if (!scaling || type === "default") return undefined;
  const need = (name: "factor" | "low_freq_factor" | "high_freq_factor" | "original_max_position_embeddings") => {
    const value = scaling[name];
    if (typeof value !== "number") throw invalid(file, `"model_config.rope_scaling.${name}" is missing`);
    return value;
  };
  if (type === "linear") return new Float32Array(headDim / 2).fill(need("factor"));
  if (type !== "llama3") throw unsupported(file, `its RoPE scaling is ${quoted(type)}`);
  const llama3 = {
    factor: need("factor"),
    lowFrequencyFactor: need("low_freq_factor"),
    highFrequencyFactor: need("high_freq_factor"),
    originalContext: need("original_max_position_embeddings"),
  };
  if (llama3.lowFrequencyFactor < llama3.highFrequencyFactor) return llama3Factors(base, headDim, llama3);
  throw invalid(file, `"model_config.rope_scaling" has its low and high frequencies the wrong way round`);
}

function samplingOf(chat: ChatConfig): Partial<SamplingDefaults> {
  return sensibleDefaults({
    temperature: chat.temperature,
    topP: chat.top_p,
    repetitionPenalty: chat.repetition_penalty,
    frequencyPenalty: chat.frequency_penalty,
    presencePenalty: chat.presence_penalty,
  });
}

/** One id or several; anything else is as if it were not there. */
function idsOf(claimed: unknown): number | readonly number[] | undefined {
  const isId = (id: unknown): id is number => typeof id === "number" && Number.isSafeInteger(id) && id >= 0;
  if (isId(claimed)) return claimed;
  return Array.isArray(claimed) && claimed.length <= 64 && claimed.every(isId) ? claimed : undefined;
}
