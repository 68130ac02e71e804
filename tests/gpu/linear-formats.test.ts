/** Every weight format through the plainest decode and prefill shapes. */
import { describe, expect, it } from "vitest";
import { guarded, openGpu } from "../../src/engine/wgsl/gpu/gpu";
import type { WeightFormat } from "../../src/engine/wgsl/kernels/decoders/decoders";
import { checkLinear } from "../../src/engine/wgsl/kernels/linear/linear.check";
import { PLAIN_DECODE, PLAIN_PREFILL } from "../../src/engine/wgsl/kernels/linear/shapes";

const FORMATS: readonly WeightFormat[] = [
  "f32",
  "f16",
  "bf16",
  "q4_0",
  "q4_1",
  "q5_0",
  "q5_1",
  "q8_0",
  "q4_k",
  "q5_k",
  "q6_k",
  "mlc_q4_f16",
  "mlc_q4_bf16",
  "mlc_q4_f32",
];

const gpu = await openGpu(navigator.gpu);

describe.each(FORMATS)("%s", (format) => {
  // A width that no K-quant can have, but whatever else can: an odd count of groups, so that f16 scales come ragged.
  const columns = format.endsWith("_k") ? 512 : 352;
  const segments = [{ format, rows: 52 }];

  it("decodes", async () => {
    const check = checkLinear(gpu, {
      segments,
      columns,
      shape: PLAIN_DECODE,
      finish: { kind: "residual" },
      isNormed: false,
      tokens: 1,
    });
    const result = await guarded(gpu, format, () => check);
    console.log(format, "decode", result.maxErrorOverBound);
    expect(result.verdict).toBe("pass");
  });

  it("prefills", async () => {
    const check = checkLinear(gpu, {
      segments,
      columns,
      shape: PLAIN_PREFILL,
      finish: { kind: "residual" },
      isNormed: false,
      tokens: 6,
    });
    const result = await guarded(gpu, format, () => check);
    console.log(format, "prefill", result.maxErrorOverBound);
    expect(result.verdict).toBe("pass");
  });
});
