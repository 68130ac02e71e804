/** That the page's self-check is worth its name: with a fault put into a kernel, it says so. */
import { expect, it } from "vitest";
import { guarded } from "../../src/engine/wgsl/gpu/gpu";
import { KERNEL_CHECKS } from "../../src/engine/wgsl/kernels/checks";
import { openPlainGpu } from "./helpers/expect-agreement";

const gpu = await openPlainGpu();
const createShaderModule = gpu.device.createShaderModule.bind(gpu.device);

it.each([
  [
    "product q4_0",
    "the zero point is off by one",
    "scale_f16(planes.y, index), 8.0",
    "scale_f16(planes.y, index), 7.0",
  ],
  ["product q4_0", "subnormal scales are lost", "f32(i32(pair & select(0x3ffu, 0x3ff0000u, second)))", "0.0"],
  ["product q4_0", "every row has its neighbour's scale", "(index & 1u) == 1u", "(index & 1u) == 0u"],
  ["product q4_0", "one nibble is shifted wrongly", "a.v3) * 0x1p-12f", "a.v3) * 0x1p-11f"],
  ["product q4_0", "the last group is left out", "group < GROUPS; group++", "group < GROUPS - 1u; group++"],
  ["prompt gate-up", "epsilon is left out", "+ RMS_EPSILON", "+ 0.0"],
  ["product q4_0", "the last quad is left out", "first_quad + q < QUADS", "first_quad + q < QUADS - 1u"],
  ["product q4_0", "square sums are off", "squares_out[at] = dot(value, value)", "squares_out[at] = dot(value, sum)"],
  ["product q4_k", "the minimum has the wrong sign", "vec2<f32>(-decode_f16(d, true)", "vec2<f32>(decode_f16(d, true)"],
  ["product q4_k", "a block's scales are a word off", "(index >> 3u) * 5u", "(index >> 3u) * 4u"],
  [
    "product q5_0",
    "the fifth bit of one weight is another's",
    "vec4<u32>(1u, 2u, 4u, 8u)",
    "vec4<u32>(1u, 2u, 8u, 4u)",
  ],
  ["product q6_k", "halves have each other's scales", "vec2<u32>(pair << 8u, pair)", "vec2<u32>(pair, pair << 8u)"],
  [
    "product q6_k",
    "upper bits weigh too little",
    "vec4<f32>(0x1p4f, 0x1p2f, 0x1p0f, 0x1p-2f)",
    "vec4<f32>(0x1p4f, 0x1p2f, 0x1p0f, 0x1p-3f)",
  ],
  ["product q8_0", "a byte has no sign", "vec4<f32>(128.0, 128.0, 128.0, 0.0)", "vec4<f32>(128.0, 0.0, 128.0, 0.0)"],
  ["query-key-value", "it turns the other way", "a * angles.xy - b * angles.zw", "a * angles.xy + b * angles.zw"],
  ["query-key-value", "it turns by the position before", "state.position + token", "state.position + token - 1u"],
  ["query-key-value", "values are turned too", "if (!is_value)", "if (true)"],
  ["query-key-value", "the bias is left out", "let value = sum + vec4<f32>(", "let value = sum + 0.0 * vec4<f32>("],
  ["query-key-value", "a cache slot is another's", "(head - HEADS) * CONTEXT", "(head - HEADS) * (CONTEXT - 1u)"],
  ["prompt gate-up", "gate and up change places", "min(-sum.xy", "min(-sum.zw"],
  ["prompt gate-up", "tokens past the last are written", "min(4u, token_count() - token)", "4u"],
  ["prompt gate-up", "a token has its neighbour's scale", "(token + t) * INPUT_SQUARES", "token * INPUT_SQUARES"],
  ["attention", "a token sees the next", "position) <= horizon", "position) <= horizon + vec4<u32>(1u)"],
  ["attention", "a token does not see itself", "position) <= horizon", "position) < horizon"],
  ["attention", "old sums do not shrink", "sum *= shrink", "sum *= vec4<f32>(1.0)"],
  ["attention", "one query's output does not shrink", "out2 *= shrink.z", "out2 *= 1.0"],
  ["attention", "values are taken for keys", "let keys = kv_head", "let keys = (KV_HEADS + kv_head)"],
  ["attention", "a slice is left out", "s < SLICES; s++", "s < SLICES - 1u; s++"],
  ["embedding", "a row is its neighbour", "unpack_row(row, group)", "unpack_row(row ^ 1u, group)"],
  ["embedding", "the norm is left out", "value * next_norm[norm_at]", "value + 0.0 * next_norm[norm_at]"],
  ["embedding", "the halves of a pair of scales change places", "(index & 1u) == 1u", "(index & 1u) == 0u"],
])("%s: %s", async (name, _, right, wrong) => {
  const check = KERNEL_CHECKS[name];
  if (check === undefined) throw new RangeError(`no check ${name}`);
  gpu.device.createShaderModule = ({ code, ...rest }) => {
    expect(code).toContain(right);
    return createShaderModule({ ...rest, code: code.replaceAll(right, wrong) });
  };
  const { verdict } = await guarded(gpu, name, () => check(gpu));
  expect(verdict).toBe("fail");
});
