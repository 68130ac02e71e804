import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { f16ToNumber } from "../../src/engine/wgsl/kernels/float16";

/**
 * Of all values as f32, low byte first, every NaN as 7fc00000, by NumPy 2.4.6:
 *   values = np.arange(65536, dtype=np.uint16).view(np.float16).astype("<f4")
 *   values[np.isnan(values)] = np.array(0x7FC00000, "<u4").view("<f4")
 *   hashlib.sha256(values.tobytes()).hexdigest()
 */
const VALUES_SHA256 = "385ff5fe69182797cda5f1827e20cf423f4416bc9246f27d0eec27cac9039259";

describe("f16ToNumber", () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x8001, -(2 ** -24)],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333_251_953_125],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7c01, NaN],
    [0xffff, NaN],
  ])("reads the bits %i as %d", (bits, value) => {
    expect(f16ToNumber(bits)).toBe(value);
  });

  it("reads all 65,536 bit patterns as NumPy does", () => {
    const values = new DataView(new ArrayBuffer(65_536 * 4));
    for (let bits = 0; bits < 65_536; bits++) {
      const value = f16ToNumber(bits);
      // The fixture has all NaNs as one; which bits a NaN is stored with is each engine's own affair.
      if (Number.isNaN(value)) values.setUint32(bits * 4, 0x7fc00000, true);
      else values.setFloat32(bits * 4, value, true);
    }
    const digest = createHash("sha256").update(Buffer.from(values.buffer)).digest("hex");
    expect(digest).toBe(VALUES_SHA256);
  });

  it("never loses a bit: every value is its own, and exact in 32 bits", () => {
    const finite = Array.from({ length: 65_536 }, (_, bits) => f16ToNumber(bits)).filter(Number.isFinite);
    expect(finite.every((value) => Math.fround(value) === value)).toBe(true);
    expect(new Set(finite).size).toBe(finite.length - 1); // 0 and -0 are one in a Set
  });
});
