/** The embedding's look-up against its twin. */
import { describe, it } from "vitest";
import { checkEmbed, type EmbedCase } from "../../src/engine/wgsl/kernels/embed/embed.check";
import { expectAgreement, openPlainGpu } from "./helpers/expect-agreement";

const gpu = await openPlainGpu();
const agrees = (wanted: EmbedCase) => expectAgreement(gpu, (on) => checkEmbed(on, wanted));

// More than one workgroup of groups, and rows that lie at both ends of the part and outside of it.
describe.each(["f32", "f16", "bf16", "q8_0", "q5_1", "q4_0", "mlc_q4_f32"] as const)("%s", (format) => {
  const usual = { segments: [{ format, rows: 37 }], width: 1056, firstRow: 64 };
  it("looks a prompt up", () => agrees({ ...usual, tokens: [64, 100, 63, 101, 70, 70, 68, 0] }));
  it("looks one token up", () => agrees({ ...usual, tokens: [68] }));
});

describe.each(["q4_k", "q5_k", "q6_k"] as const)("%s", (format) => {
  const usual = { segments: [{ format, rows: 37 }], width: 768, firstRow: 0 };
  it("looks a prompt up", () => agrees({ ...usual, tokens: [0, 4, 36, 37, 1_000_000] }));
  it("looks one token up", () => agrees({ ...usual, tokens: [36] }));
});
