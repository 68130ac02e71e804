/**
 * The CPU twin of the matrix products, for every shape, in double. Each result comes with the size of the terms it is
 * made of: an f32 kernel rounds each of those, so its error is measured against their sum and not against the result,
 * in which they may cancel. With s = Σ w·x of a row and T = Σ |w·x|, past the product it means:
 *
 * - RMS norm: s and T times 1 / rms. The rounding of that factor is relative, a few units, and |s| ≤ T.
 * - bias: T + |bias|. RoPE: |cos|·T + |sin|·T of its two dimensions, and q's 1 / √headDim multiplies all.
 * - residual r: T + |r|; times the norm's weight, its size; of the square sums Σ (2·|v|·T + v²): d(v²) = 2v·dv.
 * - SiLU(g)·u: its slope is nowhere over 1.1, so an error of g moves it by 1.1·Tg·|u|, an error of u by |SiLU(g)|·Tu;
 *   and exp(−g) is allowed an error of (3 + 2·|g|) units (WGSL's table), of which 1 / (1 + exp(−g)) takes over
 *   1 − σ(g): |SiLU(g)·u|·(1 + (1 − σ(g))·|g|).
 *
 * Products of two roundings are left out: the bounds are far above them.
 *
 * One thing the bounds don't hold: scale × (n − zero) is multiplied as scale × n and scale × zero (weights.wgsl), so
 * where one input is thousands of times all others and meets a weight of almost zero, that input's rounding is left:
 * 2.5e-5 of the terms was seen with inputs of 20,000 among ones. A quantised weight is unsure by half its scale, which
 * is thousands of times more, so the kernels stay as fast as they are and the checks' outliers stay at 100.
 */
import type { Expected } from "../run-check";
import type { Finish } from "./linear";

export interface ProductOperands {
  /** Weights of a row, [columns]. */
  readonly row: (index: number) => Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly tokens: number;
  /** [tokens, columns] */
  readonly x: Float32Array;
  /** [tokens, columns / 4]: the sums of squares that the norm is made from; undefined where there is none. */
  readonly squares: Float32Array | undefined;
  readonly rmsEpsilon: number;
}

/** Y = W·X, normed: [tokens, rows]. */
export function productReference(operands: ProductOperands): Expected {
  const { rows, columns, tokens, x } = operands;
  const scales = Array.from({ length: tokens }, (_, token) => inputScale(operands, token));
  const product = nothing(tokens * rows);
  for (let row = 0; row < rows; row++) {
    const weights = operands.row(row);
    for (const [token, scale] of scales.entries()) {
      let sum = 0;
      let terms = 0;
      for (let column = 0; column < columns; column++) {
        const term = at(weights, column) * at(x, token * columns + column);
        sum += term;
        terms += Math.abs(term);
      }
      put(product, token * rows + row, scale * sum, scale * terms);
    }
  }
  return product;
}

function inputScale({ columns, squares, rmsEpsilon }: ProductOperands, token: number): number {
  if (squares === undefined) return 1;
  let sum = 0;
  for (let i = 0; i < columns / 4; i++) sum += at(squares, (token * columns) / 4 + i);
  return 1 / Math.sqrt(sum / columns + rmsEpsilon);
}

/** What the finishes read and write besides the product: initial contents, by the names of `LinearBuffers`. */
export interface FinishOperands {
  readonly tokens: number;
  /** Rows of all parts of the matrix, and the first of this one. */
  readonly rowsOfAllParts: number;
  readonly firstRow: number;
  /** Of the first token. */
  readonly position: number;
  readonly bias?: Float32Array;
  readonly rope?: Float32Array;
  readonly q?: Float32Array;
  readonly kv?: Float32Array;
  readonly nextNorm?: Float32Array;
  readonly residual?: Float32Array;
  readonly normed?: Float32Array;
  readonly squaresOut?: Float32Array;
  readonly hidden?: Float32Array;
  readonly logits?: Float32Array;
}

/** @returns what the buffers that the finish writes are to hold, by name. */
export function finishReference(
  finish: Finish,
  product: Expected,
  operands: FinishOperands,
): Readonly<Record<string, Expected>> {
  switch (finish.kind) {
    case "qkv":
      return qkv(finish, product, operands);
    case "residual":
      return residual(product, operands);
    case "gate-up":
      return gateUp(product, operands);
    case "head":
      return head(finish.vocabulary, product, operands);
  }
}

function qkv(finish: Finish & { kind: "qkv" }, product: Expected, operands: FinishOperands): Record<string, Expected> {
  const { heads, kvHeads, headDim, context, ropePairs } = finish;
  const { tokens, position, bias, rope } = operands;
  const q = unchanged(operands.q);
  const kv = unchanged(operands.kv);
  const rows = (heads + 2 * kvHeads) * headDim;
  for (let token = 0; token < tokens; token++) {
    const biased = (row: number) => ({
      value: at(product.values, token * rows + row) + at(bias, row),
      size: at(product.terms, token * rows + row) + Math.abs(at(bias, row)),
    });
    for (let row = 0; row < rows; row++) {
      const head = Math.floor(row / headDim);
      const dim = row % headDim;
      const isValue = head >= heads + kvHeads;
      const own = biased(row);
      const { pair, partner, isFirst } = ropePair(ropePairs, dim, headDim);
      const other = biased(row - dim + partner);
      const angle = (position + token) * headDim + (pair >> 1) * 4 + (pair & 1);
      const [cos, sin] = [at(rope, angle), at(rope, angle + 2)];
      const turned = own.value * cos + (isFirst ? -1 : 1) * other.value * sin;
      const size = own.size * Math.abs(cos) + other.size * Math.abs(sin);
      const slot = ((head - heads) * context + position + token) * headDim + dim;
      if (isValue) put(kv, slot, own.value, own.size);
      else if (head >= heads) put(kv, slot, turned, size);
      else put(q, token * heads * headDim + row, turned / Math.sqrt(headDim), size / Math.sqrt(headDim));
    }
  }
  return { q, kv };
}

/** Which pair a dimension of a head turns in, with which other one. */
function ropePair(pairs: "adjacent" | "halves", dim: number, headDim: number) {
  if (pairs === "adjacent") return { pair: dim >> 1, partner: dim ^ 1, isFirst: dim % 2 === 0 };
  const half = headDim / 2;
  return { pair: dim % half, partner: (dim + half) % headDim, isFirst: dim < half };
}

function residual(product: Expected, operands: FinishOperands): Record<string, Expected> {
  const { tokens, rowsOfAllParts, firstRow, nextNorm } = operands;
  const stream = unchanged(operands.residual);
  const normed = unchanged(operands.normed);
  const squaresOut = unchanged(operands.squaresOut);
  const rows = product.values.length / tokens;
  for (let token = 0; token < tokens; token++) {
    for (let row = 0; row < rows; row++) {
      const index = token * rowsOfAllParts + firstRow + row;
      const before = at(operands.residual, index);
      const value = before + at(product.values, token * rows + row);
      const size = Math.abs(before) + at(product.terms, token * rows + row);
      const weight = at(nextNorm, firstRow + row);
      put(stream, index, value, size);
      put(normed, index, value * weight, size * Math.abs(weight));
      addSquare(squaresOut, index, value, size);
    }
  }
  return { residual: stream, normed, squaresOut };
}

/** Adds the square of value `index` to the sum it belongs to, of four neighbours. */
export function addSquare(sums: Expected, index: number, value: number, size: number): void {
  const place = Math.floor(index / 4);
  const isFirst = index % 4 === 0;
  const [sum, terms] = isFirst ? [0, 0] : [at(sums.values, place), at(sums.terms, place)];
  put(sums, place, sum + value * value, terms + 2 * Math.abs(value) * size + value * value);
}

const SILU_STEEPEST = 1.1;

function gateUp(product: Expected, operands: FinishOperands): Record<string, Expected> {
  const { tokens, rowsOfAllParts, firstRow } = operands;
  const hidden = unchanged(operands.hidden);
  const rows = product.values.length / tokens;
  const half = rows / 2;
  for (let token = 0; token < tokens; token++) {
    for (let i = 0; i < half; i++) {
      const [gateAt, upAt] = [token * rows + i, token * rows + half + i];
      const [gate, up] = [at(product.values, gateAt), at(product.values, upAt)];
      const sigmoid = 1 / (1 + Math.exp(-gate));
      const silu = gate * sigmoid;
      const size =
        SILU_STEEPEST * at(product.terms, gateAt) * Math.abs(up) +
        Math.abs(silu) * at(product.terms, upAt) +
        Math.abs(silu * up) * (1 + (1 - sigmoid) * Math.abs(gate));
      put(hidden, token * (rowsOfAllParts / 2) + firstRow / 2 + i, silu * up, size);
    }
  }
  return { hidden };
}

function head(vocabulary: number, product: Expected, operands: FinishOperands): Record<string, Expected> {
  const logits = unchanged(operands.logits);
  for (const [row, value] of product.values.entries()) {
    const id = operands.firstRow + row;
    if (id < vocabulary) put(logits, id, value, at(product.terms, row));
  }
  return { logits };
}

/** A buffer as it was: what nobody writes has to stay. */
export function unchanged(before: Float32Array | undefined): Expected {
  if (before === undefined) throw new RangeError("a buffer that the kernel writes is not given");
  return { values: Float64Array.from(before), terms: new Float64Array(before.length) };
}

function nothing(length: number): Expected {
  return { values: new Float64Array(length), terms: new Float64Array(length) };
}

function put(expected: Expected, index: number, value: number, size: number): void {
  if (!(index >= 0 && index < expected.values.length)) throw new RangeError(`no place ${index}`);
  expected.values[index] = value;
  expected.terms[index] = size;
}

function at(values: ArrayLike<number> | undefined, index: number): number {
  return values?.[index] ?? NaN;
}
