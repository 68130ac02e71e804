/** Runs a matrix product in any of its forms against its twin, on seeded data. */
import type { Gpu } from "../../gpu/gpu";
import { joinComparisons, type Comparison } from "../compare";
import type { WeightFormat } from "../decoders/decoders";
import { randomMatrix, type RandomMatrix } from "../decoders/random-weights";
import { seededRandom } from "../random";
import {
  activation,
  type CheckedOutput,
  fromHalves,
  poisoned,
  poisonedHalves,
  runCheck,
  thenNaN,
  TOKENS_BEYOND,
} from "../run-check";
import { TOLERANCES } from "../tolerances";
import { compileLinear, type Finish, type LinearKernel } from "./linear";
import { finishReference, productReference } from "./linear.ref";
import type { DecodeShape, PrefillShape } from "./shapes";

export interface LinearRun {
  /** 1 of a decode shape. */
  readonly tokens: number;
  /** Of the first token. */
  readonly position?: number;
}

export interface LinearCase {
  readonly segments: readonly { readonly format: WeightFormat; readonly rows: number }[];
  readonly columns: number;
  readonly shape: DecodeShape | PrefillShape;
  readonly finish: Finish;
  /** Whether the input is RMS-normed as it is read. */
  readonly isNormed: boolean;
  /** Dispatches to check, each with inputs of its own. */
  readonly runs: readonly LinearRun[];
  /** Where the matrix is a part of a larger one. */
  readonly part?: { readonly firstRow: number; readonly rowsOfAllParts: number };
  readonly hasBias?: boolean;
  readonly seed?: number;
}

const RMS_EPSILON = 1e-5;

export async function checkLinear({ device }: Gpu, wanted: LinearCase): Promise<Comparison> {
  const { segments, columns, shape, finish, isNormed, part } = wanted;
  const random = seededRandom(wanted.seed ?? 2026);
  const matrix = randomMatrix(segments, columns, random);
  const kernel = await compileLinear(device, {
    label: `${finish.kind} ${shape.kind}`,
    segments: matrix.segments,
    columns,
    quads: Math.ceil(matrix.rows / 4),
    ...(part && { part: { firstQuad: part.firstRow / 4, quadsOfAllParts: Math.ceil(part.rowsOfAllParts / 4) } }),
    shape,
    rmsEpsilon: isNormed ? RMS_EPSILON : undefined,
    finish,
  });
  const comparisons: Comparison[] = [];
  for (const run of wanted.runs) comparisons.push(await checkRun(device, kernel, matrix, wanted, run, random));
  return joinComparisons(comparisons);
}

async function checkRun(
  device: GPUDevice,
  kernel: LinearKernel,
  matrix: RandomMatrix,
  { columns, finish, isNormed, part, hasBias }: LinearCase,
  { tokens, position = 0 }: LinearRun,
  random: () => number,
): Promise<Comparison> {
  const { rows } = matrix;
  const rowsOfAllParts = part?.rowsOfAllParts ?? rows;
  const input = makeInput(random, columns, tokens, isNormed);
  const buffers = makeFinishBuffers(random, finish, { tokens, position, rowsOfAllParts, hasBias: hasBias ?? false });
  const product = productReference({
    ...{ rows, columns, tokens, rmsEpsilon: RMS_EPSILON },
    row: (index) => matrix.row(index),
    ...input,
  });
  const { kv, ...floats } = buffers;
  const expected = finishReference(finish, product, {
    ...floats,
    ...(kv && { kv: kv instanceof Uint32Array ? fromHalves(kv.buffer) : kv }),
    ...{ tokens, position, rowsOfAllParts, firstRow: part?.firstRow ?? 0 },
  });
  const outputs = Object.entries(expected).map(([name, of]) => {
    const tolerance = buffers[name as keyof FinishBuffers] instanceof Uint32Array ? "f16 store" : "linear";
    return [name, { expected: of, tolerance: TOLERANCES[tolerance] }];
  });
  return runCheck(device, {
    kernel,
    contents: { weights: matrix.words, x: input.x, ...(input.squares && { squares: input.squares }), ...buffers },
    state: { position, count: tokens },
    outputs: Object.fromEntries(outputs) as Record<string, CheckedOutput>,
  });
}

/**
 * x as whoever comes before writes it: a stream times its norm's weights, and the stream's square sums. Every third
 * token is so quiet that the norm's epsilon counts.
 */
function makeInput(random: () => number, columns: number, tokens: number, isNormed: boolean) {
  const capacity = (tokens + TOKENS_BEYOND) * columns;
  const loudness = (i: number) => (Math.floor(i / columns) % 3 === 2 ? 1e-3 : 1);
  const stream = thenNaN(tokens * columns, capacity, (i) => activation(random) * loudness(i));
  if (!isNormed) return { x: stream, squares: undefined };
  const norm = Float32Array.from({ length: columns }, () => normWeight(random));
  const squares = new Float32Array(capacity / 4);
  for (const i of squares.keys()) {
    squares[i] = stream.subarray(4 * i, 4 * i + 4).reduce((sum, value) => sum + value * value, 0);
  }
  return { x: stream.map((value, i) => value * (norm[i % columns] ?? NaN)), squares };
}

/** Mostly about 1, of either sign. */
function normWeight(random: () => number): number {
  return (0.5 + random()) * (random() < 0.1 ? -1 : 1);
}

interface FinishBuffers {
  readonly bias?: Float32Array<ArrayBuffer>;
  readonly rope?: Float32Array<ArrayBuffer>;
  readonly q?: Float32Array<ArrayBuffer>;
  /** Pairs of f16 where words. */
  readonly kv?: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
  readonly nextNorm?: Float32Array<ArrayBuffer>;
  readonly residual?: Float32Array<ArrayBuffer>;
  readonly normed?: Float32Array<ArrayBuffer>;
  readonly squaresOut?: Float32Array<ArrayBuffer>;
  readonly hidden?: Float32Array<ArrayBuffer>;
  readonly logits?: Float32Array<ArrayBuffer>;
}

interface RunSize extends Required<LinearRun> {
  readonly rowsOfAllParts: number;
  readonly hasBias: boolean;
}

function makeFinishBuffers(random: () => number, finish: Finish, size: RunSize): FinishBuffers {
  const { tokens, position, rowsOfAllParts, hasBias } = size;
  const capacity = tokens + TOKENS_BEYOND;
  switch (finish.kind) {
    case "qkv": {
      const { heads, kvHeads, headDim, context } = finish;
      const biasOf = () => (hasBias ? activation(random) : 0);
      const slots = 2 * kvHeads * context * headDim;
      return {
        bias: Float32Array.from({ length: (heads + 2 * kvHeads) * headDim }, biasOf),
        rope: makeRope(random, headDim, context, position, tokens),
        q: poisoned(capacity * heads * headDim),
        kv: finish.kv === "f16" ? poisonedHalves(slots) : poisoned(slots),
      };
    }
    case "residual": {
      const length = capacity * rowsOfAllParts;
      return {
        nextNorm: Float32Array.from({ length: rowsOfAllParts }, () => normWeight(random)),
        residual: Float32Array.from({ length }, () => activation(random)),
        normed: poisoned(length),
        squaresOut: poisoned(length / 4),
      };
    }
    case "gate-up":
      return { hidden: poisoned((capacity * rowsOfAllParts) / 2) };
    case "head":
      return { logits: poisoned(finish.vocabulary + 5) };
  }
}

/** [context, headDim / 4]: cos, cos, sin, sin of two pairs; NaN at positions that none of the tokens has. */
function makeRope(random: () => number, headDim: number, context: number, position: number, tokens: number) {
  const rope = new Float32Array(context * headDim).fill(NaN);
  for (let at = position * headDim; at < (position + tokens) * headDim; at += 4) {
    const [a, b] = [random() * 2 * Math.PI, random() * 2 * Math.PI];
    rope.set([Math.cos(a), Math.cos(b), Math.sin(a), Math.sin(b)], at);
  }
  return rope;
}
