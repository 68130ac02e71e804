/** The architecture's numbers from a GGUF file's metadata. Keys as llama.cpp's src/llama-arch.cpp has them. */
import { BOUNDS, checkConfig, type Bound } from "./check-config";
import type { Metadata } from "./gguf-metadata";
import type { ModelConfig, SamplingDefaults } from "./model-file";
import { invalid, quoted, unsupported } from "./refusals";
import { sensibleDefaults } from "./sampling-defaults";

/** Without RoPE's factors: the file may hold them as a tensor. */
export interface GgufConfig {
  readonly config: ModelConfig;
  /** What all of RoPE's frequencies are divided by; 1 for nothing. */
  readonly ropeScale: number;
}

const ANY: Bound = { least: 0, most: 2 ** 32 };

/**
 * @param tokens how many the vocabulary has.
 * @throws IngleError "model-invalid" naming the key; "model-unsupported" naming what this engine does not run.
 */
export function readGgufConfig(metadata: Metadata, tokens: number, file: string): GgufConfig {
  const architecture = architectureOf(metadata, file);
  const key = (name: string) => `${architecture}.${name}`;
  const layers = metadata.whole(key("block_count"), BOUNDS.layers);
  const width = metadata.whole(key("embedding_length"), BOUNDS.width);
  const heads = metadata.wholeOfLayers(key("attention.head_count"), layers, BOUNDS.heads);
  const kvHeads = metadata.wholeOfLayers(key("attention.head_count_kv"), layers, BOUNDS.heads, heads);
  const headDim = metadata.whole(key("attention.key_length"), BOUNDS.headDim, width / heads);
  const config: ModelConfig = {
    architecture,
    layers,
    width,
    heads,
    kvHeads,
    headDim,
    feedForward: metadata.wholeOfLayers(key("feed_forward_length"), layers, BOUNDS.feedForward),
    vocabulary: tokens,
    contextLength: metadata.whole(key("context_length"), BOUNDS.contextLength),
    rmsEpsilon: metadata.real(key("attention.layer_norm_rms_epsilon"), BOUNDS.rmsEpsilon),
    rope: {
      base: metadata.real(key("rope.freq_base"), BOUNDS.ropeBase, 10_000),
      // llama.cpp's converter reorders Llama's queries and keys, and no one else's (llama_model_rope_type).
      pairs: architecture === "llama" ? "adjacent" : "halves",
      factors: undefined,
    },
  };
  checkConfig(config, file);
  refuseVariants(metadata, config, key, file);
  return { config, ropeScale: ropeScaleOf(metadata, key, file) };
}

function architectureOf(metadata: Metadata, file: string): ModelConfig["architecture"] {
  const type = metadata.text("general.type") ?? "model";
  if (type !== "model") throw unsupported(file, `it is no model but of type ${quoted(type)}`);
  const architecture = metadata.text("general.architecture");
  if (architecture === undefined) throw invalid(file, `key "general.architecture" is missing`);
  if (architecture === "llama" || architecture === "qwen2") return architecture;
  throw unsupported(file, `its architecture is ${quoted(architecture)}, not "llama" or "qwen2"`);
}

/** Each of these keys says that the model computes something else than the plain decoder. */
function refuseVariants(
  metadata: Metadata,
  { headDim, contextLength }: ModelConfig,
  key: (name: string) => string,
  file: string,
): void {
  const valueLength = metadata.whole(key("attention.value_length"), ANY, headDim);
  if (valueLength !== headDim)
    throw unsupported(file, `its keys have ${headDim} dimensions, its values ${valueLength}`);
  const turned = metadata.whole(key("rope.dimension_count"), ANY, headDim);
  if (turned !== headDim) throw unsupported(file, `it turns ${turned} of a head's ${headDim} dimensions`);
  const experts = metadata.whole(key("expert_count"), ANY, 0);
  if (experts > 0) throw unsupported(file, `it is a mixture of ${experts} experts`);
  // A window as long as the context leaves nothing out.
  const window = metadata.whole(key("attention.sliding_window"), ANY, 0);
  if (window > 0 && window < contextLength)
    throw unsupported(file, `it attends to a sliding window of ${window} tokens`);
  if (metadata.get(key("attention.causal")) === false)
    throw unsupported(file, "it attends both ways, so can't generate");
  const scale = metadata.number(key("attention.scale")) ?? 0; // 0 stands for the usual one
  if (scale !== 0 && Math.abs(scale * Math.sqrt(headDim) - 1) > 1e-3) {
    throw unsupported(file, `it scales attention by ${scale}`);
  }
}

function ropeScaleOf(metadata: Metadata, key: (name: string) => string, file: string): number {
  // A factor without a type is linear scaling, and "rope.scale_linear" its older name (llama.cpp, load_hparams).
  const type = metadata.text(key("rope.scaling.type")) ?? "linear";
  if (type === "none") return 1;
  if (type !== "linear") throw unsupported(file, `its RoPE scaling is ${quoted(type)}`);
  const old = metadata.real(key("rope.scale_linear"), { least: 0, most: BOUNDS.ropeFactor.most }, 1);
  const factor = metadata.real(key("rope.scaling.factor"), { least: 0, most: BOUNDS.ropeFactor.most }, old);
  return factor === 0 ? 1 : factor; // 0 stands for none
}

/** llama.cpp's names, from its pull request 17120. */
export function readGgufSampling(metadata: Metadata): Partial<SamplingDefaults> {
  const claimed = (key: string) => metadata.get(`general.sampling.${key}`);
  return sensibleDefaults({
    temperature: claimed("temp"),
    topK: claimed("top_k"),
    topP: claimed("top_p"),
    minP: claimed("min_p"),
    repetitionPenalty: claimed("penalty_repeat"),
  });
}
