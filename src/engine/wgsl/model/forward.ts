/**
 * The forward pass: which kernel runs on which buffers, in which order. All pipelines and bind groups are made here,
 * once; encoding a token creates nothing.
 *
 * A decoded token is embed, five dispatches a layer, head, sample:
 *   1. q, k, v = W·x + bias, RoPE, k and v into the cache      4. hidden = SiLU(gate) × up
 *   2. attention                                               5. residual += down·hidden
 *   3. residual += W·attended
 * RMS norms cost none: see input-normed.wgsl. A prompt goes the same way, many tokens at a time, but its last token is
 * decoded, so prefill needs no head, and of the last layer only the keys and values.
 */
import { compileAttention, type AttentionKernel, type AttentionShape } from "../kernels/attention/attention";
import { compileEmbed, type EmbedKernel } from "../kernels/embed/embed";
import { compileLinear, type Finish, type LinearBuffers, type LinearKernel } from "../kernels/linear/linear";
import { tokensPerTile, type DecodeShape, type PrefillShape } from "../kernels/linear/shapes";
import { createSampler } from "../kernels/sample/sample";
import type { MatrixBuffers, ModelBuffers } from "./buffers";
import type { KernelChoice } from "./choice";
import type { MatrixPart } from "./matrix-plan";
import { RING_SLOTS, type ModelPlan } from "./plan";

/** Encodes one dispatch. */
export type Step = (pass: GPUComputePassEncoder) => void;

export interface Forward {
  /** From the state's token to its logits. */
  readonly decode: readonly Step[];
  /** From the logits to the next token, which becomes the state's. */
  readonly sample: Step;
  /** The state's `count` tokens of the prompt, into the cache. */
  prefill(count: number): readonly Step[];
  /** Tokens that prefill computes together at least: fewer cost as much. */
  readonly prefillTile: number;
}

/**
 * @param sampledTokens How many of the vocabulary's rows are tokens: files pad it, and nobody trained the rest.
 * @throws IngleError "gpu-validation" when a kernel does not compile here.
 */
export async function buildForward(
  device: GPUDevice,
  plan: ModelPlan,
  buffers: ModelBuffers,
  { choice, sampledTokens }: { readonly choice: KernelChoice; readonly sampledTokens: number },
): Promise<Forward> {
  const kernels = new Kernels(device);
  // What takes longest to compile is begun first, or one of the compiling threads has nothing to do at the end.
  const [sampler, prefill, decode] = await Promise.all([
    createSampler(device, { vocabulary: sampledTokens, ringLength: RING_SLOTS }),
    buildPass(kernels, plan, buffers, { matrix: choice.prefill, attention: choice.prefillAttention, decodes: false }),
    buildPass(kernels, plan, buffers, { matrix: choice.decode, attention: choice.decodeAttention, decodes: true }),
  ]);
  const group = sampler.bindGroup(buffers.scratch);
  return {
    decode: decode.map((step) => (pass: GPUComputePassEncoder) => step(pass, 1)),
    sample: (pass) => sampler.encode(pass, group),
    prefillTile: tokensPerTile(choice.prefill),
    prefill: (count) => prefill.map((step) => (pass: GPUComputePassEncoder) => step(pass, count)),
  };
}

interface Form {
  readonly matrix: DecodeShape | PrefillShape;
  readonly attention: AttentionShape;
  readonly decodes: boolean;
}

type CountedStep = (pass: GPUComputePassEncoder, tokens: number) => void;

async function buildPass(
  kernels: Kernels,
  plan: ModelPlan,
  buffers: ModelBuffers,
  form: Form,
): Promise<readonly CountedStep[]> {
  const { config, contextLength, kv } = plan;
  const { heads, kvHeads, headDim, rmsEpsilon, vocabulary } = config;
  const { scratch, layers } = buffers;
  const stream = { residual: scratch.residual, normed: scratch.normed, squaresOut: scratch.squares };
  const attentionSpec = { heads, kvHeads, headDim, context: contextLength, kv, shape: form.attention };
  const qkvFinish: Finish = {
    kind: "qkv",
    heads,
    kvHeads,
    headDim,
    context: contextLength,
    ropePairs: config.rope.pairs,
    kv,
  };
  const matrix = (
    what: string,
    of: MatrixBuffers,
    finish: Finish,
    isNormed: boolean,
    rest: Omit<LinearBuffers, "weights">,
  ) =>
    matrixSteps(kernels, what, of, { shape: form.matrix, finish, rmsEpsilon: isNormed ? rmsEpsilon : undefined }, rest);
  const normedInput = { x: scratch.normed, squares: scratch.squares, state: scratch.state };

  const steps: Promise<readonly CountedStep[]>[] = [embedSteps(kernels, plan, buffers, form.decodes)];
  for (const [i, layer] of layers.entries()) {
    steps.push(
      matrix("qkv", layer.qkv, qkvFinish, true, {
        ...normedInput,
        bias: layer.qkvBias,
        rope: scratch.rope,
        q: scratch.q,
        kv: layer.kv,
      }),
    );
    const isLast = i === layers.length - 1;
    if (isLast && !form.decodes) break;
    const nextNorm = layers[i + 1]?.attentionNorm ?? buffers.outputNorm;
    steps.push(
      attentionStep(kernels, attentionSpec, { ...scratch, kv: layer.kv }),
      matrix("attention output", layer.attentionOutput, { kind: "residual" }, false, {
        x: scratch.attended,
        state: scratch.state,
        ...stream,
        nextNorm: layer.feedForwardNorm,
      }),
      matrix("gate and up", layer.gateUp, { kind: "gate-up" }, true, { ...normedInput, hidden: scratch.hidden }),
      matrix("down", layer.down, { kind: "residual" }, false, {
        x: scratch.hidden,
        state: scratch.state,
        ...stream,
        nextNorm,
      }),
    );
  }
  if (form.decodes) {
    steps.push(
      matrix("head", buffers.head, { kind: "head", vocabulary }, true, { ...normedInput, logits: scratch.logits }),
    );
  }
  return (await Promise.all(steps)).flat();
}

/** A dispatch for each part of a matrix. */
function matrixSteps(
  kernels: Kernels,
  label: string,
  { plan, parts }: MatrixBuffers,
  spec: {
    readonly shape: DecodeShape | PrefillShape;
    readonly finish: Finish;
    readonly rmsEpsilon: number | undefined;
  },
  buffers: Omit<LinearBuffers, "weights">,
): Promise<CountedStep[]> {
  return Promise.all(
    parts.map(async ({ part, buffer }) => {
      const { segments, quads, firstQuad } = part;
      const place = { firstQuad, quadsOfAllParts: plan.quads };
      const kernel = await kernels.linear({ label, segments, columns: plan.columns, quads, part: place, ...spec });
      const group = kernel.bind({ ...buffers, weights: buffer });
      return (pass: GPUComputePassEncoder, tokens: number) => kernel.encode(pass, group, tokens);
    }),
  );
}

async function attentionStep(
  kernels: Kernels,
  spec: Parameters<typeof compileAttention>[1],
  buffers: Parameters<AttentionKernel["bind"]>[0],
): Promise<CountedStep[]> {
  const kernel = await kernels.attention(spec);
  const group = kernel.bind(buffers);
  return [(pass, tokens) => kernel.encode(pass, group, tokens)];
}

function embedSteps(
  kernels: Kernels,
  { config }: ModelPlan,
  { embedding, scratch, layers, outputNorm }: ModelBuffers,
  decodes: boolean,
): Promise<CountedStep[]> {
  return Promise.all(
    embedding.parts.map(async ({ part, buffer }) => {
      const kernel = await kernels.embed({
        segments: part.segments,
        width: config.width,
        firstRow: part.firstRow,
        rows: rowsOf(part),
      });
      const group = kernel.bind({
        weights: buffer,
        tokens: decodes ? scratch.state : scratch.tokens,
        state: scratch.state,
        nextNorm: layers[0]?.attentionNorm ?? outputNorm,
        residual: scratch.residual,
        normed: scratch.normed,
        squaresOut: scratch.squares,
      });
      return (pass: GPUComputePassEncoder, tokens: number) => kernel.encode(pass, group, tokens);
    }),
  );
}

function rowsOf({ segments }: MatrixPart): number {
  return segments.reduce((sum, { rows }) => sum + rows, 0);
}

/** Compiles each kernel once: layers of the same types share theirs. */
class Kernels {
  readonly #device: GPUDevice;
  readonly #made = new Map<string, Promise<unknown>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  linear(spec: Parameters<typeof compileLinear>[1]): Promise<LinearKernel> {
    return this.#once({ ...spec, label: "" }, () => compileLinear(this.#device, spec));
  }

  attention(spec: Parameters<typeof compileAttention>[1]): Promise<AttentionKernel> {
    return this.#once(spec, () => compileAttention(this.#device, spec));
  }

  embed(spec: Parameters<typeof compileEmbed>[1]): Promise<EmbedKernel> {
    return this.#once(spec, () => compileEmbed(this.#device, spec));
  }

  #once<T>(spec: object, make: () => Promise<T>): Promise<T> {
    const key = JSON.stringify(spec);
    const made = this.#made.get(key) ?? make();
    this.#made.set(key, made);
    return made as Promise<T>;
  }
}
