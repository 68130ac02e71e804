/**
 * Chooses the form of each hot kernel by timing candidates on this adapter: the wrong family costs 30 times, and no
 * table of vendors says which it is. Compiled apart, timed in about a second of GPU time, the winners held to their CPU
 * twins, remembered per adapter.
 */
import { IngleError, throwIfAborted } from "../../../shared/errors";
import type { ModelFile } from "../formats/model-file";
import { guarded, withBuffers, type Gpu } from "../gpu/gpu";
import type { AttentionShape } from "../kernels/attention/attention";
import type { KvFormat } from "../kernels/linear/linear";
import type { DecodeShape, PrefillShape } from "../kernels/linear/shapes";
import { PLAIN_CHOICE, type KernelChoice } from "./choice";
import { makeKernelBench, PREFILL_TOKENS, type AttentionEncode } from "./kernel-bench";
import { KernelProof } from "./kernel-proof";
import { KernelTimer, type Candidate, type Timing } from "./time-kernels";

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
const VERSION = 3;
const BUDGET_MS = 800;
/** How much slower decoding's attention may be in the form that prefill takes. */
const SAME_FORM = 1.15;
/** [ms] for compiling candidates: none is begun after that. */
const COMPILE_MS = 2000;

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

/**
 * @returns the remembered choice, or one made now: of each kind the fastest that computes rightly here. Without memory
 *   (private windows) it is made each time.
 * @throws IngleError "gpu-wrong" when of some kind none does; "aborted"; "device-lost".
 */
export async function chooseKernels(
  gpu: Gpu,
  file: ModelFile,
  { kv, memory, signal }: { readonly kv: KvFormat; readonly memory: ChoiceMemory; readonly signal: AbortSignal },
): Promise<KernelChoice> {
  const { type, columns } = file.tensors.layers[0]?.gateUp[0] ?? file.tensors.embedding;
  const { heads, kvHeads, headDim } = file.config;
  const key = [VERSION, gpu.adapterName, gpu.hasSubgroups, type, columns, heads, kvHeads, headDim, kv].join("|");
  const remembered = await memory.get(key).catch(() => undefined);
  if (isChoice(remembered)) return remembered;
  const timings = await timeKernels(gpu, file, kv);
  throwIfAborted(signal);
  const proof = new KernelProof(gpu, { format: type, headDim, kv });
  const attention = (of: readonly Timing<AttentionShape>[]) => fastestRight(of, (shape) => proof.attention(shape));
  const prefillAttention = await attention(timings.prefillAttention);
  const choice: KernelChoice = {
    decode: await fastestRight(timings.decode, (shape) => proof.decode(shape)),
    prefill: await fastestRight(timings.prefill, (shape) => proof.prefill(shape)),
    decodeAttention: await attention(favouring(timings.decodeAttention, prefillAttention)),
    prefillAttention,
  };
  throwIfAborted(signal);
  await memory.set(key, choice).catch(() => undefined);
  return choice;
}

/** One kernel for both is one less to compile at every load: worth more than a tenth of attention's share of a token. */
function favouring<T>(timings: readonly Timing<T>[], same: T): Timing<T>[] {
  return timings.map(({ choice, ms }) => ({ choice, ms: choice === same ? ms / SAME_FORM : ms }));
}

async function fastestRight<T>(timings: readonly Timing<T>[], isRight: (choice: T) => Promise<boolean>): Promise<T> {
  for (const { choice } of timings.toSorted((a, b) => a.ms - b.ms)) if (await isRight(choice)) return choice;
  throw new IngleError("gpu-wrong", "No form of a kernel computes rightly on this GPU. Try another browser or GPU.");
}

/** Times every candidate. One that does not compile here is left out: the first of each kind runs anywhere. */
export async function timeKernels(gpu: Gpu, file: ModelFile, kv: KvFormat): Promise<KernelTimings> {
  return guarded(gpu, "Timing kernels", () =>
    withBuffers(async (keep) => {
      const timer = new KernelTimer(gpu, BUDGET_MS);
      const bench = makeKernelBench(gpu.device, file, kv, keep);
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
