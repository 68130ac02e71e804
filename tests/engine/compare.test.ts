import { describe, expect, it } from "vitest";
import { compareOutputs, joinComparisons } from "../../src/engine/wgsl/kernels/compare";
import { TOLERANCES } from "../../src/engine/wgsl/kernels/tolerances";

const TOLERANCE = { absolute: 0.5, relative: 0.25 };
const compare = (actual: number[], expected: number[], termSum: number[] = expected.map(Math.abs)) =>
  compareOutputs(Float32Array.from(actual), Float64Array.from(expected), Float64Array.from(termSum), TOLERANCE);

describe("compareOutputs", () => {
  it("passes at the bound, absolute + relative × Σ|terms|, and fails just past it", () => {
    expect(compare([4], [2], [6])).toEqual({ maxError: 2, maxErrorOverBound: 1, outputs: 1, verdict: "pass" });
    expect(compare([4.001], [2], [6]).verdict).toBe("fail");
    expect(compare([0], [2], [6]).verdict).toBe("pass");
  });

  it("measures each output by its own bound", () => {
    // The larger error is the lesser fault.
    const { maxError, maxErrorOverBound, verdict } = compare([110, 2], [100, 1], [100, 1]);
    expect(maxError).toBe(10);
    expect(maxErrorOverBound).toBeCloseTo(1 / 0.75, 12);
    expect(verdict).toBe("fail");
  });

  it("measures by the sizes of the terms, not of their sum: they may cancel", () => {
    expect(compare([1], [0.001], [100]).verdict).toBe("pass");
  });

  it.each([
    ["NaN", [NaN, 1]],
    ["Infinity", [1, Infinity]],
    ["an output missing", [1]],
    ["an output too many", [1, 1, 1]],
    ["no output", []],
  ])("fails on %s, in numbers that JSON has", (_what, actual) => {
    const result = compare(actual, [1, 1]);
    expect(result.verdict).toBe("fail");
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(result.maxErrorOverBound).toBeGreaterThan(1e300);
  });

  it("fails where all that was expected is zero: that would prove nothing", () => {
    expect(compare([0, 0], [0, 0]).verdict).toBe("fail");
    expect(compare([], []).verdict).toBe("fail");
  });

  it("fails where all that was expected is what was there before, which has no terms", () => {
    expect(compare([7, 7], [7, 7], [0, 0]).verdict).toBe("fail");
    expect(compare([7, 1], [7, 1], [0, 1]).verdict).toBe("pass");
    expect(compare([7.6, 1], [7, 1], [0, 1]).verdict).toBe("fail");
  });

  it("lets some outputs be zero", () => {
    expect(compare([0, 1], [0, 1]).verdict).toBe("pass");
  });
});

describe("joinComparisons", () => {
  const good = compare([1], [1]);
  const bad = compare([4], [1]);

  it("is the worst of each number, and passes when all do", () => {
    expect(joinComparisons([good, good])).toEqual({ maxError: 0, maxErrorOverBound: 0, outputs: 2, verdict: "pass" });
    expect(joinComparisons([good, bad, good])).toEqual({ ...bad, outputs: 3 });
  });

  it("fails of none: that would prove nothing", () => {
    expect(joinComparisons([]).verdict).toBe("fail");
  });
});

describe("TOLERANCES", () => {
  it("would catch an f16 scale flushed to zero: the absolute part lies far below the smallest", () => {
    for (const kernel of ["linear", "embed", "attention"] as const) {
      expect(TOLERANCES[kernel].absolute, kernel).toBeLessThan(2 ** -24 / 10);
    }
  });

  it("keeps what is computed in f32 within what was promised, 1e-6 + 1e-5 × Σ|terms|", () => {
    const { "f16 store": stored, ...computed } = TOLERANCES;
    for (const [kernel, { absolute, relative }] of Object.entries(computed)) {
      expect(absolute, kernel).toBeLessThanOrEqual(1e-6);
      expect(relative, kernel).toBeLessThanOrEqual(1e-5);
    }
    expect(stored.relative).toBe(2 ** -10);
  });
});
