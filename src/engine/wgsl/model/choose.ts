/**
 * Chooses the form of each hot kernel by timing candidates on this adapter: the wrong family costs 30 times, and no
 * table of vendors says which it is. Compiled apart, timed in under a second of GPU time, remembered per adapter.
 */
import { IngleError } from "../../../shared/errors";
import { layoutMatrix } from "../formats/layouts";
import type { ModelFile } from "../formats/model-file";
import { guarded, storageBuffer, withBuffers, type Gpu } from "../gpu/gpu";
import { compileAttention, type AttentionShape } from "../kernels/attention/attention";
import { DECODE_STATE } from "../kernels/decode-state";
import type { Segment } from "../kernels/decoders/decoders";
import { compileLinear, type KvFormat, type LinearSpec } from "../kernels/linear/linear";
import type { DecodeShape, PrefillShape } from "../kernels/linear/shapes";
import { PLAIN_CHOICE, type KernelChoice } from "./choice";
import { fastest, KernelTimer, type Candidate, type Timing } from "./time-kernels";

/** Where choices outlive the page. */
export interface ChoiceMemory {
  get(key: string): Promise<unknown>;
  set(key: string, choice: KernelChoice): Promise<void>;
}

export interface KernelTimings {
  readonly decode: readonly Timing<DecodeShape>[];
  readonly prefill: readonly Timing<PrefillShape>[];
  readonly decodeAttention: readonly Timing<AttentionShape>[];
  readonly prefillAttention: readonly Timing<AttentionShape>[];
}

/** Raised when kernels or candidates change: what was remembered of others is no use. */
const VERSION = 1;
const BUDGET_MS = 800;
/** [ms] for compiling candidates: none is begun after that. */
const COMPILE_MS = 2000;
/** The matrix that is timed: large enough to fill a GPU, small enough not to matter beside a model. */
const MOST_WEIGHTS = 2 ** 23;
/** Of every form whole workgroups. */
const WHOLE_QUADS = 256;
const PREFILL_TOKENS = 32;
const ATTENTION_CONTEXT = 512;

/** In the order of their chances: there may not be the patience for all. */
const DECODE_SHAPES: readonly [DecodeShape, ...DecodeShape[]] = [
  PLAIN_CHOICE.decode,
  { kind: "subgroup", workgroup: 128 },
  { kind: "rows", quadsPerThread: 4, workgroup: 16 },
  { kind: "tree", lanes: 16, workgroup: 64 },
  { kind: "tree", lanes: 32, workgroup: 128 },
  { kind: "tree", lanes: 8, workgroup: 64 },
  { kind: "rows", quadsPerThread: 1, workgroup: 64 },
];

const PREFILL_SHAPES: readonly [PrefillShape, ...PrefillShape[]] = [
  PLAIN_CHOICE.prefill,
  { kind: "shared" },
  { kind: "register", quadsPerThread: 1, workgroup: 64 },
  { kind: "register", quadsPerThread: 16, workgroup: 16 },
];

/** @returns the remembered choice, or one made now. Without memory (private windows) it is made each time. */
export async function chooseKernels(
  gpu: Gpu,
  file: ModelFile,
  kv: KvFormat,
  memory: ChoiceMemory,
): Promise<KernelChoice> {
  const { type, columns } = file.tensors.layers[0]?.gateUp[0] ?? file.tensors.embedding;
  const { heads, kvHeads, headDim } = file.config;
  const key = [VERSION, gpu.adapterName, type, columns, heads, kvHeads, headDim, kv].join("|");
  const remembered = await memory.get(key).catch(() => undefined);
  if (isChoice(remembered)) return remembered;
  const timings = await timeKernels(gpu, file, kv);
  const choice: KernelChoice = {
    decode: fastest(nonEmpty(timings.decode)),
    prefill: fastest(nonEmpty(timings.prefill)),
    decodeAttention: fastest(nonEmpty(timings.decodeAttention)),
    prefillAttention: fastest(nonEmpty(timings.prefillAttention)),
  };
  await memory.set(key, choice).catch(() => undefined);
  return choice;
}

/** Times every candidate. One that does not compile here is left out: the first of each kind runs anywhere. */
export async function timeKernels(gpu: Gpu, file: ModelFile, kv: KvFormat): Promise<KernelTimings> {
  return guarded(gpu, "Timing kernels", () =>
    withBuffers(async (keep) => {
      const timer = new KernelTimer(gpu, BUDGET_MS);
      const bench = makeBench(gpu.device, file, kv, keep);
      const decodeShapes = DECODE_SHAPES.filter(({ kind }) => gpu.hasSubgroups || kind !== "subgroup");
      const attentionShapes = ATTENTION_SHAPES.filter(({ workgroup }) => workgroup >= file.config.headDim / 4);
      const patience = { ms: COMPILE_MS };
      const decode = await timer.time(await compiled(decodeShapes, (shape) => bench.matrix(shape, 1), patience));
      // Where barriers lose by far, they do in prefill too, and what uses them takes longest to compile.
      const trees = decode.filter(({ choice }) => choice.kind === "tree");
      const barriersAreHopeless = trees.length > 0 && trees.every(({ ms }) => ms === Infinity);
      const prefillShapes = PREFILL_SHAPES.filter(({ kind }) => kind !== "shared" || !barriersAreHopeless);
      const prefill = await compiled(prefillShapes, (shape) => bench.matrix(shape, PREFILL_TOKENS), patience);
      const attention = await compiled(attentionShapes, (shape) => bench.attention(shape), patience);
      return {
        decode,
        prefill: await bench.with(PREFILL_TOKENS, () => timer.time(prefill)),
        decodeAttention: await bench.with(1, () => timer.time(attention.map((each) => withTokens(each, 1)))),
        prefillAttention: await bench.with(PREFILL_TOKENS, () =>
          timer.time(attention.map((each) => withTokens(each, PREFILL_TOKENS))),
        ),
      };
    }),
  );
}

const ATTENTION_SHAPES: readonly [AttentionShape, ...AttentionShape[]] = [
  PLAIN_CHOICE.decodeAttention,
  { queries: 1, workgroup: 64 },
  { queries: 4, workgroup: 16 },
  { queries: 4, workgroup: 64 },
  { queries: 1, workgroup: 128 },
  { queries: 4, workgroup: 128 },
];

/**
 * Compiles one after the other while there is patience: on a real GPU all of them take a blink, on a software adapter
 * some take seconds. The first is compiled in any case; another that does not compile here is left out.
 */
async function compiled<T, E>(
  shapes: readonly T[],
  make: (shape: T) => Promise<E>,
  patience: { ms: number },
): Promise<{ readonly choice: T; readonly encode: E }[]> {
  const made: { readonly choice: T; readonly encode: E }[] = [];
  for (const choice of shapes) {
    if (made.length > 0 && patience.ms <= 0) break;
    const begun = performance.now();
    const encode = await make(choice).catch((thrown: unknown) => {
      if (made.length === 0) throw thrown;
      return undefined;
    });
    patience.ms -= performance.now() - begun;
    if (encode !== undefined) made.push({ choice, encode });
  }
  return made;
}

type AttentionEncode = (pass: GPUComputePassEncoder, tokens: number) => void;

function withTokens(
  { choice, encode }: { readonly choice: AttentionShape; readonly encode: AttentionEncode },
  tokens: number,
): Candidate<AttentionShape> {
  return {
    choice,
    encode(pass, share) {
      const own = Math.max(1, Math.ceil(tokens * share));
      encode(pass, own);
      return own / tokens;
    },
  };
}

/** A matrix and a cache like the model's, filled with nothing in particular, for the candidates to work on. */
function makeBench(device: GPUDevice, file: ModelFile, kv: KvFormat, keep: (buffer: GPUBuffer) => GPUBuffer) {
  const { heads, kvHeads, headDim } = file.config;
  const tensor = file.tensors.layers[0]?.gateUp[0] ?? file.tensors.embedding;
  const { type, columns } = tensor;
  const rows = Math.max(256, Math.min(tensor.rows, Math.floor(MOST_WEIGHTS / columns / 64) * 64));
  const layout = layoutMatrix(type, rows, columns);
  const segments: Segment[] = [{ format: type, rows, planes: layout.planes.map(({ firstWord }) => firstWord) }];
  const quads = rows / 4;
  const f32s = (label: string, count: number) => keep(storageBuffer(device, label, 4 * count));

  const weights = f32s("timing: weights", layout.words);
  const x = f32s("timing: x", PREFILL_TOKENS * columns);
  const logits = f32s("timing: y", rows);
  const hidden = f32s("timing: hidden", PREFILL_TOKENS * rows);
  const q = f32s("timing: q", PREFILL_TOKENS * heads * headDim);
  const attended = f32s("timing: attended", PREFILL_TOKENS * heads * headDim);
  const cache = keep(
    storageBuffer(device, "timing: KV cache", 2 * kvHeads * ATTENTION_CONTEXT * headDim * (kv === "f16" ? 2 : 4)),
  );
  const state = keep(
    device.createBuffer({
      label: "timing: state",
      size: 4 * DECODE_STATE.words,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    }),
  );

  return {
    async matrix(shape: DecodeShape | PrefillShape, tokens: number) {
      const finish: LinearSpec["finish"] = tokens === 1 ? { kind: "head", vocabulary: rows } : { kind: "gate-up" };
      const label = `timing: ${shape.kind}`;
      const kernel = await compileLinear(device, {
        label,
        segments,
        columns,
        quads,
        shape,
        rmsEpsilon: undefined,
        finish,
      });
      const group = kernel.bind({ weights, x, state, logits, hidden });
      return (pass: GPUComputePassEncoder, share: number) => {
        const own = Math.min(quads, Math.ceil((quads * share) / WHOLE_QUADS) * WHOLE_QUADS);
        kernel.encode(pass, group, tokens, own);
        return own / quads;
      };
    },
    async attention(shape: AttentionShape): Promise<AttentionEncode> {
      const kernel = await compileAttention(device, { heads, kvHeads, headDim, context: ATTENTION_CONTEXT, kv, shape });
      const group = kernel.bind({ q, kv: cache, state, attended });
      return (pass, tokens) => kernel.encode(pass, group, tokens);
    },
    /** Runs work with the state at the cache's end and so many tokens. */
    async with<T>(tokens: number, work: () => Promise<T>): Promise<T> {
      const words = new Uint32Array(DECODE_STATE.words);
      words[DECODE_STATE.position] = ATTENTION_CONTEXT - tokens;
      words[DECODE_STATE.count] = tokens;
      device.queue.writeBuffer(state, 0, words);
      return work();
    },
  };
}

/** What comes out of IndexedDB may be another version's, or nobody's. */
function isChoice(value: unknown): value is KernelChoice {
  if (typeof value !== "object" || value === null) return false;
  const { decode, prefill, decodeAttention, prefillAttention } = value as Partial<Record<keyof KernelChoice, unknown>>;
  const among = (shape: unknown, shapes: readonly unknown[]) =>
    shapes.some((candidate) => JSON.stringify(candidate) === JSON.stringify(shape));
  return (
    among(decode, DECODE_SHAPES) &&
    among(prefill, PREFILL_SHAPES) &&
    among(decodeAttention, ATTENTION_SHAPES) &&
    among(prefillAttention, ATTENTION_SHAPES)
  );
}

function nonEmpty<T>(items: readonly T[]): readonly [T, ...T[]] {
  const [first, ...rest] = items;
  if (first === undefined) throw new IngleError("gpu-validation", "No kernel compiles here.");
  return [first, ...rest];
}
