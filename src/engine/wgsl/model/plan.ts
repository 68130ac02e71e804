/**
 * The memory plan: every buffer a model needs, in bytes, made and checked before anything is allocated. Pure.
 */
import { IngleError } from "../../../shared/errors";
import { formatBytes, formatNumber } from "../../../shared/units";
import type { WantedContext } from "../../engine";
import type { ModelConfig, ModelFile } from "../formats/model-file";
import { DECODE_STATE } from "../kernels/decode-state";
import type { KvFormat } from "../kernels/linear/linear";
import { LARGEST_VOCABULARY, SAMPLING_LIST_BYTES, SAMPLING_PARAMS_BYTES } from "../kernels/sample/sample";
import { planMatrix, type MatrixPlan } from "./matrix-plan";

/** What the device allows, in bytes. */
export interface MemoryLimits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxBufferSize: number;
}

export interface PlanOptions {
  /** Positions the KV cache is to have room for; by default the model's own, at most DEFAULT_CONTEXT. */
  readonly contextLength?: WantedContext | undefined;
  readonly kv: KvFormat;
}

export interface LayerPlan {
  readonly qkv: MatrixPlan;
  readonly attentionOutput: MatrixPlan;
  readonly gateUp: MatrixPlan;
  readonly down: MatrixPlan;
}

export interface ModelPlan {
  readonly config: ModelConfig;
  readonly contextLength: number;
  readonly kv: KvFormat;
  readonly embedding: MatrixPlan;
  readonly layers: readonly LayerPlan[];
  /** Undefined when the embedding serves as the head. */
  readonly head: MatrixPlan | undefined;
  /** [bytes] of one layer's cache. */
  readonly kvBytesPerLayer: number;
  /** [bytes] of each scratch buffer, by its name. */
  readonly scratch: Readonly<Record<ScratchName, number>>;
  /** [bytes] all together. */
  readonly bytes: { readonly weights: number; readonly kv: number; readonly scratch: number; readonly total: number };
}

export type ScratchName =
  | "residual"
  | "normed"
  | "squares"
  | "q"
  | "attended"
  | "hidden"
  | "logits"
  | "seen"
  | "bias"
  | "mask"
  | "tokens"
  | "rope"
  | "ring"
  | "state"
  | "params"
  | "list";

/** Tokens of a prompt that are computed together, at most: whole tiles of every prefill shape. */
export const PREFILL_TOKENS = 128;

/** Slots of the ring of output tokens: more than are ever in flight. */
export const RING_SLOTS = 64;

const DEFAULT_CONTEXT = 4096;
/** What the plainest form of attention has threads for. */
const LARGEST_HEAD = 128;
/** The cache's positions are a multiple of this, so that the scratch beside them stays aligned. */
const CONTEXT_STEP = 4;

/** @throws IngleError "model-unsupported", "context-too-long", each with the number that is too large. */
export function planModel({ config, tensors }: ModelFile, limits: MemoryLimits, options: PlanOptions): ModelPlan {
  if (config.vocabulary > LARGEST_VOCABULARY) {
    throw new IngleError(
      "model-unsupported",
      `The model has ${formatNumber(config.vocabulary)} tokens; Ingle's engine samples from ${formatNumber(LARGEST_VOCABULARY)} at most.`,
    );
  }
  if (config.headDim > LARGEST_HEAD) {
    throw new IngleError(
      "model-unsupported",
      `The model's heads have ${config.headDim} dimensions; Ingle's attention takes ${LARGEST_HEAD} at most.`,
    );
  }
  const binding = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const layers = tensors.layers.map((layer, i) => ({
    qkv: planMatrix(`layer ${i} qkv`, nonEmpty(layer.qkv), "none", binding),
    attentionOutput: planMatrix(`layer ${i} attention output`, [layer.attentionOutput], "rows", binding),
    gateUp: planMatrix(`layer ${i} gate and up`, nonEmpty(layer.gateUp), "pairs", binding),
    down: planMatrix(`layer ${i} down`, [layer.down], "rows", binding),
  }));
  const embedding = planMatrix("embedding", [tensors.embedding], "rows", binding);
  const head = tensors.head && planMatrix("head", [tensors.head], "rows", binding);

  const contextLength = chooseContext(config, options.contextLength);
  const kvBytesPerLayer = 2 * config.kvHeads * contextLength * config.headDim * (options.kv === "f16" ? 2 : 4);
  if (kvBytesPerLayer > binding) {
    // By whole bytes a token: the quotient of two large numbers is a little off where it should be a whole one.
    const fits = Math.floor(binding / (kvBytesPerLayer / contextLength));
    throw new IngleError(
      "context-too-long",
      `A context of ${formatNumber(contextLength)} tokens needs one binding of ${formatBytes(kvBytesPerLayer)}; the device allows ${formatBytes(binding)}. Choose at most ${formatNumber(fits)} tokens.`,
    );
  }
  const scratch = planScratch(config, contextLength);
  // Layers without a bias share one of zeros.
  const biasLayers = Math.max(1, tensors.layers.filter(({ qkvBias }) => qkvBias.length > 0).length);
  const [largest = "hidden"] = (Object.keys(scratch) as ScratchName[]).toSorted((a, b) => scratch[b] - scratch[a]);
  if (scratch[largest] > binding) {
    throw new IngleError(
      largest === "rope" ? "context-too-long" : "model-unsupported",
      `The model needs ${formatBytes(scratch[largest])} of "${largest}" in one binding; the device allows ${formatBytes(binding)}.`,
    );
  }
  const matrices = [embedding, ...(head ? [head] : []), ...layers.flatMap((layer) => Object.values(layer))];
  const weights =
    sum(matrices.flatMap(({ parts }) => parts.map(({ words }) => words * 4))) +
    // The norms and biases, in f32.
    4 * (config.width * (2 * config.layers + 1) + biasLayers * qkvRows(config));
  const kv = kvBytesPerLayer * config.layers;
  const scratchBytes = sum(Object.values(scratch));
  return {
    config,
    contextLength,
    kv: options.kv,
    embedding,
    layers,
    head,
    kvBytesPerLayer,
    scratch,
    bytes: { weights, kv, scratch: scratchBytes, total: weights + kv + scratchBytes },
  };
}

/** Rows of q, k and v together. */
export function qkvRows({ heads, kvHeads, headDim }: ModelConfig): number {
  return (heads + 2 * kvHeads) * headDim;
}

/** @returns [tokens] @throws IngleError "context-too-long" */
export function chooseContext(config: ModelConfig, wish: WantedContext | undefined): number {
  const wanted = typeof wish === "object" ? Math.min(wish.atMost, config.contextLength) : wish;
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= CONTEXT_STEP)) {
    throw new IngleError(
      "request-invalid",
      `The context is ${wanted}; it can be a whole number from ${CONTEXT_STEP} on.`,
    );
  }
  if (wanted !== undefined && wanted > config.contextLength) {
    const most = formatNumber(config.contextLength);
    throw new IngleError(
      "context-too-long",
      `The model was made for a context of ${most} tokens, not ${formatNumber(wanted)}. Choose at most ${most}.`,
    );
  }
  const most = wanted ?? Math.min(DEFAULT_CONTEXT, config.contextLength);
  return Math.max(CONTEXT_STEP, Math.floor(most / CONTEXT_STEP) * CONTEXT_STEP);
}

function planScratch(config: ModelConfig, contextLength: number): Record<ScratchName, number> {
  const { width, heads, headDim, feedForward, vocabulary } = config;
  const f32s = (count: number) => 4 * count;
  return {
    residual: f32s(PREFILL_TOKENS * width),
    normed: f32s(PREFILL_TOKENS * width),
    squares: f32s((PREFILL_TOKENS * width) / 4),
    q: f32s(PREFILL_TOKENS * heads * headDim),
    attended: f32s(PREFILL_TOKENS * heads * headDim),
    hidden: f32s(PREFILL_TOKENS * feedForward),
    logits: f32s(vocabulary),
    seen: f32s(vocabulary),
    bias: f32s(vocabulary),
    mask: 4 * Math.ceil(vocabulary / 32),
    tokens: f32s(PREFILL_TOKENS),
    rope: f32s(contextLength * headDim),
    ring: f32s(RING_SLOTS),
    state: f32s(DECODE_STATE.words),
    params: SAMPLING_PARAMS_BYTES,
    list: SAMPLING_LIST_BYTES,
  };
}

function nonEmpty<T>(items: readonly T[]): readonly [T, ...T[]] {
  const [first, ...rest] = items;
  if (first === undefined) throw new RangeError("A matrix without tensors.");
  return [first, ...rest];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
