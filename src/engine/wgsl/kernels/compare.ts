import type { Tolerance } from "./tolerances";

export interface Comparison {
  readonly maxError: number;
  readonly maxErrorOverBound: number;
  readonly outputs: number;
  readonly verdict: "pass" | "fail";
}

/** JSON has no Infinity, and a NaN from the GPU is as wrong as can be. */
const HOPELESS = Number.MAX_VALUE;

/**
 * @param actual [n], from the GPU
 * @param expected [n], sums in double
 * @param termSum [n], Σ|terms| of each output; 0 of what the kernel must leave as it is
 */
export function compareOutputs(
  actual: Float32Array,
  expected: Float64Array,
  termSum: Float64Array,
  tolerance: Tolerance,
): Comparison {
  let maxError = actual.length === expected.length ? 0 : HOPELESS;
  let maxErrorOverBound = maxError;
  let largest = 0;
  for (const [i, want] of expected.entries()) {
    const terms = termSum[i] ?? 0;
    const error = Math.abs((actual[i] ?? NaN) - want);
    const bound = tolerance.absolute + tolerance.relative * terms;
    maxError = Math.max(maxError, Number.isFinite(error) ? error : HOPELESS);
    maxErrorOverBound = Math.max(maxErrorOverBound, Number.isFinite(error) ? error / bound : HOPELESS);
    if (terms > 0) largest = Math.max(largest, Math.abs(want));
  }
  // All zeros on both sides would agree perfectly and prove nothing.
  if (largest === 0) maxErrorOverBound = HOPELESS;
  return { maxError, maxErrorOverBound, outputs: expected.length, verdict: maxErrorOverBound <= 1 ? "pass" : "fail" };
}

/** Several outputs of one kernel as one: the worst of each number. */
export function joinComparisons(comparisons: readonly Comparison[]): Comparison {
  const worst = (of: (each: Comparison) => number) => Math.max(...comparisons.map(of));
  const passes = comparisons.length > 0 && comparisons.every(({ verdict }) => verdict === "pass");
  return {
    maxError: comparisons.length === 0 ? HOPELESS : worst(({ maxError }) => maxError),
    maxErrorOverBound: comparisons.length === 0 ? HOPELESS : worst(({ maxErrorOverBound }) => maxErrorOverBound),
    outputs: comparisons.reduce((sum, { outputs }) => sum + outputs, 0),
    verdict: passes ? "pass" : "fail",
  };
}
