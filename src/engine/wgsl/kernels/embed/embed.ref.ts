/**
 * The CPU twin of embed.wgsl. A weight's terms are the weight itself: scale × quant and the minimum are exact in f32
 * (dequantise.ref.ts counts the bits) and only their sum rounds, once. Where the scale is f32 (mlc_q4_f32) both
 * round, and 15 + 7 of them may leave 1: 22 units, which the bound still holds. Squares as in linear.ref.ts.
 */
import { addSquare, unchanged } from "../linear/linear.ref";
import type { Expected } from "../run-check";

export interface EmbedOperands {
  /** Weights of a row of this part, [width]. */
  readonly row: (index: number) => Float64Array;
  readonly width: number;
  /** Which tokens' rows this part holds. */
  readonly firstRow: number;
  readonly rows: number;
  readonly tokens: readonly number[];
  readonly nextNorm: Float32Array;
  /** What the outputs held before. */
  readonly residual: Float32Array;
  readonly normed: Float32Array;
  readonly squaresOut: Float32Array;
}

export function embedReference(operands: EmbedOperands): Readonly<Record<string, Expected>> {
  const { width, firstRow, rows, tokens, nextNorm } = operands;
  const residual = unchanged(operands.residual);
  const normed = unchanged(operands.normed);
  const squaresOut = unchanged(operands.squaresOut);
  for (const [place, token] of tokens.entries()) {
    if (token < firstRow || token >= firstRow + rows) continue;
    for (const [column, value] of operands.row(token - firstRow).entries()) {
      const index = place * width + column;
      const scaled = value * (nextNorm[column] ?? NaN);
      residual.values[index] = value;
      residual.terms[index] = Math.abs(value);
      normed.values[index] = scaled;
      normed.terms[index] = Math.abs(scaled);
      addSquare(squaresOut, index, value, Math.abs(value));
    }
  }
  return { residual, normed, squaresOut };
}
