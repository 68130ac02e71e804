/**
 * The engine's kernels, each with a way to run it against its CPU reference on this very GPU. To add one: write
 * `kernels/<op>/op.check.ts`, give it a line in tolerances.ts, and list it here.
 */
import type { Gpu } from "../gpu/gpu";
import type { Comparison } from "./compare";
import { checkMatvecQ4 } from "./matvec-q4/matvec-q4.check";

export const KERNEL_CHECKS: Readonly<Record<string, (gpu: Gpu) => Promise<Comparison>>> = {
  "matvec-q4": checkMatvecQ4,
};
