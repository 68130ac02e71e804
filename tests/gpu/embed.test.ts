/** The embedding's look-up against its twin. */
import { expect, it } from "vitest";
import { guarded, openGpu } from "../../src/engine/wgsl/gpu/gpu";
import { checkEmbed, type EmbedCase } from "../../src/engine/wgsl/kernels/embed/embed.check";

const gpu = await openGpu(navigator.gpu);

async function expectPass(wanted: EmbedCase): Promise<void> {
  const result = await guarded(gpu, "embed", () => checkEmbed(gpu, wanted));
  if (import.meta.env["VITE_SHOW"])
    console.log(`ratio ${expect.getState().currentTestName} ${result.maxErrorOverBound}`);
  expect(result.verdict, JSON.stringify(result)).toBe("pass");
}

it.each(["f32", "q8_0", "q5_1", "mlc_q4_f32", "f16"] as const)("looks a prompt up in %s", async (format) => {
  await expectPass({
    segments: [{ format, rows: 37 }],
    width: 1056,
    firstRow: 64,
    tokens: [64, 100, 63, 101, 70, 70, 68, 0],
    decodes: false,
  });
});
it.each(["q4_k", "q5_k", "q6_k"] as const)("looks the state's token up in %s", async (format) => {
  for (const token of [0, 4, 36]) {
    await expectPass({ segments: [{ format, rows: 37 }], width: 512, firstRow: 0, tokens: [token], decodes: true });
  }
});
