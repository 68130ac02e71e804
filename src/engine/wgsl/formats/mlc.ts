/** Reads a model in MLC's format: a folder of shards and JSON, as mlc_llm's convert_weight and gen_config write it. */
import { IngleError } from "../../../shared/errors";
import { MLC_CONFIG, MLC_LISTS } from "../../../shared/mlc-files";
import { MiB } from "../../../shared/units";
import type { ByteSource } from "./byte-source";
import { BOUNDS } from "./check-config";
import { readJson } from "./json-file";
import { readMlcChat, readMlcConfig, type MlcConfig } from "./mlc-config";
import { readMlcManifest, type MlcManifest } from "./mlc-manifest";
import { MlcTensors } from "./mlc-tensors";
import type { LayerTensors, ModelConfig, ModelFile, ModelTensors, TokenizerSource } from "./model-file";
import { invalid, quoted, unsupported } from "./refusals";

/** A file of the model's folder, by its name. @throws IngleError "source-failed" when there is none. */
export type OpenByName = (name: string) => Promise<ByteSource>;

/** Well above real ones: Llama 3's tokenizer.json has 17 MB, its tokenizer_config.json 55 kB. */
const LARGEST = { config: 1 * MiB, tokenizer: 32 * MiB, tokenizerConfig: 8 * MiB };

/** As many as browsers open connections to one host, and some. */
const AT_ONCE = 8;

/**
 * @param name for people: nothing in the files says one.
 * @throws IngleError "model-invalid" naming file and tensor or path; "model-unsupported" naming what this engine does
 *   not run; "aborted" and "source-failed" as `open` and the sources do.
 */
export async function readMlc(open: OpenByName, signal: AbortSignal, name?: string): Promise<ModelFile> {
  const chatConfig = await open(MLC_CONFIG);
  const chat = readMlcConfig(await readJson(chatConfig, LARGEST.config, signal), chatConfig.name);
  requireTokenizer(chat, chatConfig.name);
  const manifestFile = await openManifest(open);
  const manifest = await readMlcManifest(manifestFile, signal);
  const tokenizer = await readTokenizer(open, chat, signal);
  const config = { ...chat.config, vocabulary: Math.min(chat.config.vocabulary, tokensOf(tokenizer.tokenizer)) };
  const shards = await openShards(manifest, open);
  const table = new MlcTensors(manifestFile.name, manifest.records, shards);
  const tensors = readTensors(table, config, chat.config.vocabulary, chat.tied, manifestFile.name);
  table.finish();
  return {
    name: name ?? `${config.architecture} ${chat.quantization}`,
    sources: shards,
    config,
    tensors,
    tokenizer,
    sampling: chat.sampling,
  };
}

/**
 * What there is to a model besides its weights: for WebLLM, which reads those itself.
 *
 * @throws IngleError as `readMlc`.
 */
export async function readMlcWithoutWeights(
  open: OpenByName,
  signal: AbortSignal,
): Promise<{ readonly chat: MlcConfig; readonly tokenizer: TokenizerSource }> {
  const chatConfig = await open(MLC_CONFIG);
  const chat = readMlcChat(await readJson(chatConfig, LARGEST.config, signal), chatConfig.name);
  requireTokenizer(chat, chatConfig.name);
  return { chat, tokenizer: await readTokenizer(open, chat, signal) };
}

const tokenizerFilesOf = ({ tokenizerFiles }: MlcConfig) =>
  tokenizerFiles ?? ["tokenizer.json", "tokenizer_config.json"];

function requireTokenizer(chat: MlcConfig, file: string): void {
  if (!tokenizerFilesOf(chat).includes("tokenizer.json")) {
    throw unsupported(file, "its tokenizer is in no tokenizer.json");
  }
}

async function readTokenizer(open: OpenByName, chat: MlcConfig, signal: AbortSignal) {
  const tokenizer = await readJson(await open("tokenizer.json"), LARGEST.tokenizer, signal);
  const config = tokenizerFilesOf(chat).includes("tokenizer_config.json")
    ? await readJson(await open("tokenizer_config.json"), LARGEST.tokenizerConfig, signal)
    : undefined;
  return { kind: "json" as const, tokenizer, config, generation: chat.generation };
}

async function openManifest(open: OpenByName): Promise<ByteSource> {
  const [newer, older] = MLC_LISTS;
  try {
    return await open(newer);
  } catch (thrown) {
    if (!(thrown instanceof IngleError && thrown.code === "source-failed")) throw thrown;
    return await open(older);
  }
}

/** All at the beginning: that one is missing should not show up when the others are on the GPU. */
async function openShards({ shards }: MlcManifest, open: OpenByName): Promise<ByteSource[]> {
  const sources: ByteSource[] = [];
  for (let i = 0; i < shards.length; i += AT_ONCE) {
    const some = shards.slice(i, i + AT_ONCE).map(async ({ name, bytes }) => {
      const source = await open(name);
      if (source.size === bytes) return source;
      throw invalid(source.name, `it has ${source.size} bytes, and should have ${bytes}`);
    });
    sources.push(...(await Promise.all(some)));
  }
  return sources;
}

/**
 * One past the highest id of a tokenizer.json's vocabulary. Rows past it are there for a round number (Qwen2.5's
 * 151,936 for 151,665 tokens); left out, they are never chosen. Infinity when it can't be told.
 */
function tokensOf(tokenizer: unknown): number {
  if (typeof tokenizer !== "object" || tokenizer === null) return Infinity;
  const { model, added_tokens: added } = tokenizer as { model?: unknown; added_tokens?: unknown };
  const vocabulary = typeof model === "object" && model !== null && "vocab" in model ? model.vocab : undefined;
  if (typeof vocabulary !== "object" || vocabulary === null) return Infinity;
  let tokens = Array.isArray(vocabulary) ? vocabulary.length : 0; // Unigram's is a list
  const count = (id: unknown) => {
    if (typeof id === "number" && Number.isSafeInteger(id)) tokens = Math.max(tokens, id + 1);
  };
  if (!Array.isArray(vocabulary)) for (const id of Object.values(vocabulary)) count(id);
  if (Array.isArray(added)) for (const token of added as unknown[]) count((token as { id?: unknown } | null)?.id);
  return tokens > 0 ? tokens : Infinity;
}

/** @param rows the vocabulary with what it is padded with. */
function readTensors(table: MlcTensors, config: ModelConfig, rows: number, tied: boolean, file: string): ModelTensors {
  const vocabularyMatrix = (name: string) => {
    const has = table.rowsOf(name);
    if (has < rows || has > BOUNDS.vocabulary.most) {
      throw invalid(file, `tensor ${quoted(name)} has ${has} rows for ${rows} tokens`);
    }
    return table.matrix(name, has, config.width, config.vocabulary);
  };
  return {
    embedding: vocabularyMatrix("model.embed_tokens"),
    layers: Array.from({ length: config.layers }, (_, i) => readLayer(table, config, `model.layers.${i}`)),
    outputNorm: table.vector("model.norm.weight", config.width),
    head: tied && !table.has("lm_head") ? undefined : vocabularyMatrix("lm_head"),
  };
}

/** @param at "model.layers.0" */
function readLayer(table: MlcTensors, config: ModelConfig, at: string): LayerTensors {
  const { width, feedForward, heads, kvHeads, headDim, architecture } = config;
  const qkvRows = (heads + 2 * kvHeads) * headDim;
  // Qwen2's name for it in mlc_llm is "c_attn", after Qwen 1.
  const qkv = table.has(`${at}.self_attn.c_attn`) ? `${at}.self_attn.c_attn` : `${at}.self_attn.qkv_proj`;
  return {
    attentionNorm: table.vector(`${at}.input_layernorm.weight`, width),
    qkv: [table.matrix(qkv, qkvRows, width)],
    qkvBias: architecture === "qwen2" ? [table.vector(`${qkv}.bias`, qkvRows)] : [],
    attentionOutput: table.matrix(`${at}.self_attn.o_proj`, width, heads * headDim),
    feedForwardNorm: table.vector(`${at}.post_attention_layernorm.weight`, width),
    gateUp: [table.matrix(`${at}.mlp.gate_up_proj`, 2 * feedForward, width)],
    down: table.matrix(`${at}.mlp.down_proj`, width, feedForward),
  };
}
