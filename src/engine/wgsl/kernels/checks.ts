/**
 * The engine's kernels, each with a way to run it against its CPU reference on this very GPU: one small case for each
 * kind of kernel and for the weight formats that models come in. All forms and formats are tried in tests/gpu. To add
 * one: write `kernels/<op>/op.check.ts`, give it a line in tolerances.ts, and list it here.
 */
import type { Gpu } from "../gpu/gpu";
import { checkAttention } from "./attention/attention.check";
import type { Comparison } from "./compare";
import type { WeightFormat } from "./decoders/decoders";
import { checkEmbed } from "./embed/embed.check";
import { checkLinear } from "./linear/linear.check";
import { CHECKED_SETTINGS, checkSample } from "./sample/sample.check";
import { PLAIN_DECODE, PLAIN_PREFILL } from "./linear/shapes";

type Check = (gpu: Gpu) => Promise<Comparison>;

export const KERNEL_CHECKS: Readonly<Record<string, Check>> = {
  "product q4_0": product("q4_0"),
  "product q4_k": product("q4_k"),
  "product q5_0": product("q5_0"),
  "product q6_k": product("q6_k"),
  "product q8_0": product("q8_0"),
  "product mlc_q4": product("mlc_q4_f16"),
  "product f16": product("f16"),
  "query-key-value": (gpu) =>
    checkLinear(gpu, {
      segments: [
        { format: "q4_0", rows: 96 },
        { format: "q8_0", rows: 32 },
      ],
      columns: 128,
      shape: PLAIN_DECODE,
      finish: { kind: "qkv", heads: 2, kvHeads: 1, headDim: 32, context: 16, ropePairs: "halves", kv: "f32" },
      isNormed: true,
      runs: [{ tokens: 1, position: 9 }],
      hasBias: true,
    }),
  "prompt gate-up": (gpu) =>
    checkLinear(gpu, {
      segments: [{ format: "q4_0", rows: 72 }],
      columns: 128,
      shape: PLAIN_PREFILL,
      finish: { kind: "gate-up" },
      isNormed: true,
      runs: [{ tokens: 5 }],
    }),
  attention: (gpu) =>
    checkAttention(gpu, {
      ...{ heads: 3, kvHeads: 1, headDim: 64, context: 96, kv: "f16" },
      shape: { queries: 4, workgroup: 32 },
      runs: [
        { tokens: 1, position: 69 },
        { tokens: 3, position: 62 },
      ],
    }),
  // Greedy, and with every filter and penalty.
  sampling: (gpu) => checkSample(gpu, { settings: CHECKED_SETTINGS.filter((_, i) => i === 0 || i === 5), steps: 1 }),
  embedding: (gpu) =>
    checkEmbed(gpu, { segments: [{ format: "q8_0", rows: 11 }], width: 96, firstRow: 0, tokens: [4, 10, 0] }),
};

/** One token's product with a matrix, RMS-normed and added to the residual stream. */
function product(format: WeightFormat): Check {
  return (gpu) =>
    checkLinear(gpu, {
      segments: [{ format, rows: 52 }],
      columns: format.endsWith("_k") ? 256 : 160,
      shape: PLAIN_DECODE,
      finish: { kind: "residual" },
      isNormed: true,
      runs: [{ tokens: 1 }],
    });
}
