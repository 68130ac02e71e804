import { describe, expect, it } from "vitest";
import { formatBytes, formatNumber, GiB, KiB, MiB } from "../../src/shared/units";

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [256, "256 B"],
    [1023, "1,023 B"],
    [KiB, "1 KiB"],
    [16_384, "16 KiB"],
    [1536, "1.5 KiB"],
    [MiB, "1 MiB"],
    [134_217_728, "128 MiB"],
    [715_827_880, "683 MiB"],
    [GiB, "1 GiB"],
    [1.5 * GiB, "1.5 GiB"],
    [4_294_967_292, "4 GiB"],
    [2000 * GiB, "2,000 GiB"],
    [-128, "-128 B"],
    [-2 * MiB, "-2 MiB"],
  ])("writes %d as %s", (value, text) => {
    expect(formatBytes(value)).toBe(text);
  });

  it.each([MiB - 1, GiB - 1, MiB - 512])("never says 1,024 of one unit for %d: that is 1 of the next", (value) => {
    expect(formatBytes(value)).not.toContain("1,024");
  });
});

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [65_535, "65,535"],
    [4_294_967_295, "4,294,967,295"],
    [12.5, "12.5"],
    [12.345, "12.3"],
    [0.03124, "0.0312"],
    [0.000_001_234, "0.00000123"],
    [1234.56, "1,235"],
    [-7.777, "-7.78"],
    [NaN, "unknown"],
    [Infinity, "unknown"],
    [-Infinity, "unknown"],
  ])("writes %d as %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});
