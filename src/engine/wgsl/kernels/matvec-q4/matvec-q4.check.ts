import type { Gpu } from "../../gpu/gpu";
import { compareOutputs, type Comparison } from "../compare";
import { seededRandom } from "../random";
import { TOLERANCES } from "../tolerances";
import { matvecQ4, WEIGHTS_PER_GROUP, type MatvecQ4Operands } from "./matvec-q4";
import { matvecQ4Reference } from "./matvec-q4.ref";

/** Qwen2.5-0.5B's width, and rows that no workgroup size divides. */
const CHECKED = { rows: 1003, groups: 28, seed: 2026 };

export async function checkMatvecQ4({ device }: Gpu): Promise<Comparison> {
  const operands = makeOperands(CHECKED);
  const actual = await matvecQ4(device, operands);
  const { y, termSum } = matvecQ4Reference(operands);
  return compareOutputs(actual, y, termSum, TOLERANCES["matvec-q4"]);
}

/** Hostile on purpose: outliers in x as real activations have them, and every fifth row with subnormal scales. */
export function makeOperands({ rows, groups, seed }: { rows: number; groups: number; seed: number }): MatvecQ4Operands {
  const random = seededRandom(seed);
  const weights = Uint32Array.from({ length: rows * groups * 4 }, () => random() * 2 ** 32);
  const scales = Uint16Array.from({ length: rows * groups }, (_, i) => {
    const subnormal = Math.floor(i / groups) % 5 === 4;
    // Bits of an f16: a subnormal up to 6.1e-5, or between 2^-9 and 2^-5, which is where weights' scales lie.
    return subnormal
      ? 1 + Math.floor(random() * 1023)
      : ((6 + Math.floor(random() * 4)) << 10) | Math.floor(random() * 1024);
  });
  const x = Float32Array.from({ length: groups * WEIGHTS_PER_GROUP }, () => {
    const outlier = random() < 0.01 ? 100 : 1;
    return (random() * 2 - 1) * outlier;
  });
  return { rows, groups, weights, scales, x };
}
