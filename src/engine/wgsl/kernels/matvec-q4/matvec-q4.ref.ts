/** The CPU twin of matvec-q4.wgsl. Sums in double. */
import { f16ToNumber } from "../float16";
import { type MatvecQ4Operands, WEIGHTS_PER_GROUP } from "./matvec-q4";

const ZERO_POINT = 8;

export interface Reference {
  /** [rows] */
  readonly y: Float64Array;
  /** Σ|terms| of each output, [rows]: what an error is to be measured against. */
  readonly termSum: Float64Array;
}

export function matvecQ4Reference({ rows, groups, weights, scales, x }: MatvecQ4Operands): Reference {
  const y = new Float64Array(rows);
  const termSum = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < groups * WEIGHTS_PER_GROUP; column++) {
      const index = row * groups * WEIGHTS_PER_GROUP + column;
      const nibble = ((weights[index >>> 3] ?? NaN) >>> (4 * (index & 7))) & 15;
      const scale = f16ToNumber(scales[Math.floor(index / WEIGHTS_PER_GROUP)] ?? NaN);
      const term = (nibble - ZERO_POINT) * scale * (x[column] ?? NaN);
      y[row] = (y[row] ?? NaN) + term;
      termSum[row] = (termSum[row] ?? NaN) + Math.abs(term);
    }
  }
  return { y, termSum };
}
