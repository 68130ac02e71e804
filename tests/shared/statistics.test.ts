import { describe, expect, it } from "vitest";
import { spreadOf } from "../../src/shared/statistics";

describe("spreadOf", () => {
  // numpy.percentile(samples, [25, 50, 75]), NumPy 2.4.6
  it.each([
    [[3], [3, 3, 3]],
    [
      [1, 2],
      [1.25, 1.5, 1.75],
    ],
    [
      [5, 1, 4],
      [2.5, 4, 4.5],
    ],
    [
      [2, 8, 4, 6],
      [3.5, 5, 6.5],
    ],
    [
      [10, -3, 7.5, 0, 22, 1],
      [0.25, 4.25, 9.375],
    ],
    [
      [0.1, 0.2, 0.3, 0.4, 100],
      [0.2, 0.3, 0.4],
    ],
    [Array.from({ length: 101 }, (_, i) => 101 - i), [26, 51, 76]],
    [
      [1.0012, 1.3482, 0.7602, 0.4104, 0.6347, 0.371, 1.062, 3.8199, 0.6113, 0.5377, 1.6321],
      [0.5745, 0.7602, 1.2051],
    ],
  ])("of %j has NumPy's quartiles %j", (samples, [lower = NaN, median = NaN, upper = NaN]) => {
    const spread = spreadOf(samples);
    expect(spread.lowerQuartile).toBeCloseTo(lower, 12);
    expect(spread.median).toBeCloseTo(median, 12);
    expect(spread.upperQuartile).toBeCloseTo(upper, 12);
    expect(spread.samples).toBe(samples.length);
  });

  it("sorts numbers as numbers", () => {
    expect(spreadOf([9, 10, 100, 1000, 2]).median).toBe(10);
  });

  it("leaves the samples as they were", () => {
    const samples = [3, 1, 2];
    spreadOf(samples);
    expect(samples).toEqual([3, 1, 2]);
  });

  it("refuses to summarise nothing", () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});
