/** Every weight format in the plainest decode and prefill shapes, some in the others, and several in one matrix. */
import { describe, it } from "vitest";
import type { WeightFormat } from "../../src/engine/wgsl/kernels/decoders/decoders";
import { checkLinear } from "../../src/engine/wgsl/kernels/linear/linear.check";
import { PLAIN_DECODE, PLAIN_PREFILL } from "../../src/engine/wgsl/kernels/linear/shapes";
import { expectAgreement, openPlainGpu } from "./helpers/expect-agreement";

/** So that a format without a line does not compile. */
const FORMATS: Readonly<Record<WeightFormat, "groups" | "blocks">> = {
  f32: "groups",
  f16: "groups",
  bf16: "groups",
  q4_0: "groups",
  q4_1: "groups",
  q5_0: "groups",
  q5_1: "groups",
  q8_0: "groups",
  q4_k: "blocks",
  q5_k: "blocks",
  q6_k: "blocks",
  mlc_q4_f16: "groups",
  mlc_q4_bf16: "groups",
  mlc_q4_f32: "groups",
};
/** An odd number of groups, so that rows begin in the middle of a word of scales; of blocks, likewise. */
const COLUMNS = { groups: 352, blocks: 768 };

const gpu = await openPlainGpu();

describe.each(Object.entries(FORMATS) as [WeightFormat, keyof typeof COLUMNS][])("%s", (format, unit) => {
  const usual = {
    segments: [{ format, rows: 52 }],
    columns: COLUMNS[unit],
    finish: { kind: "residual" },
    isNormed: false,
  } as const;

  it("decodes", () =>
    expectAgreement(gpu, (on) => checkLinear(on, { ...usual, shape: PLAIN_DECODE, runs: [{ tokens: 1 }] })));

  it("prefills", () =>
    expectAgreement(gpu, (on) => checkLinear(on, { ...usual, shape: PLAIN_PREFILL, runs: [{ tokens: 6 }] })));
});

describe("formats mixed in one matrix", () => {
  const mixes = [
    [
      { format: "q5_0", rows: 20 },
      { format: "q8_0", rows: 12 },
    ],
    [
      { format: "q4_k", rows: 24 },
      { format: "q6_k", rows: 8 },
      { format: "q5_1", rows: 16 },
    ],
    // Where one format ends inside a quad.
    [
      { format: "mlc_q4_f32", rows: 6 },
      { format: "bf16", rows: 3 },
      { format: "f16", rows: 3 },
    ],
  ] as const;
  for (const segments of mixes) {
    for (const [does, shape, tokens] of [
      ["decodes", PLAIN_DECODE, 1],
      ["prefills", PLAIN_PREFILL, 5],
    ] as const) {
      it(`${does} ${segments.map(({ format }) => format).join(", ")}`, () =>
        expectAgreement(gpu, (on) =>
          checkLinear(on, {
            ...{ segments, columns: 256, shape, finish: { kind: "residual" }, isNormed: false },
            runs: [{ tokens }],
          }),
        ));
    }
  }
});
