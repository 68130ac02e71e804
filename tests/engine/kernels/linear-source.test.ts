import { describe, expect, it } from "vitest";
import { weightReader } from "../../../src/engine/wgsl/kernels/decoders/decoders";
import { linearSource, type LinearSpec } from "../../../src/engine/wgsl/kernels/linear/linear";

const count = (text: string, part: string) => text.split(part).length - 1;

describe("weightReader", () => {
  it("sends rows to their segment's decoder, counted from its first row", () => {
    const text = weightReader([
      { format: "q5_0", rows: 20, planes: [0, 80, 100] },
      { format: "q8_0", rows: 12, planes: [112, 208] },
      { format: "q5_0", rows: 7, planes: [216, 300, 320] },
    ]);
    expect(text).toContain(`fn dot_row(row: u32, group: u32, a: Activations) -> f32 {
  if (row < 20u) {
    return dot_q5_0(vec3<u32>(0u, 80u, 100u), (row - 0u) * GROUPS + group, a);
  }
  if (row < 32u) {
    return dot_q8_0(vec3<u32>(112u, 208u, 0u), (row - 20u) * GROUPS + group, a);
  }
  return dot_q5_0(vec3<u32>(216u, 300u, 320u), (row - 32u) * GROUPS + group, a);
}`);
    expect(text).toContain("return unpack_q8_0(vec3<u32>(112u, 208u, 0u), (row - 20u) * GROUPS + group);");
  });

  it("has each decoder once, and none that no segment needs", () => {
    const text = weightReader([
      { format: "q5_k", rows: 4, planes: [0, 0, 0] },
      { format: "q6_k", rows: 4, planes: [0, 0, 0] },
    ]);
    expect(["fn dot_nibbles", "fn dot_five", "fn dot_six", "fn decode_f16"].map((part) => count(text, part))).toEqual([
      1, 1, 1, 1,
    ]);
    expect(text).not.toContain("fn unpack_q8_0");
  });
});

describe("linearSource", () => {
  const spec: LinearSpec = {
    label: "test",
    segments: [{ format: "q8_0", rows: 8, planes: [0, 64] }],
    columns: 64,
    quads: 2,
    shape: { kind: "rows", quadsPerThread: 1, workgroup: 64 },
    rmsEpsilon: 1e-6,
    finish: { kind: "residual" },
  };

  it("states what the WGSL asks of its prelude", () => {
    const text = linearSource({ ...spec, part: { firstQuad: 16, quadsOfAllParts: 18 } }).join("\n");
    for (const line of [
      "const GROUPS = 2u;",
      "const QUADS = 2u;",
      "const FIRST_QUAD = 16u;",
      "const QUADS_OF_ALL_PARTS = 18u;",
      "const RMS_EPSILON = 1e-6f;",
    ]) {
      expect(text).toContain(line);
    }
  });

  it("enables subgroups before all else, and only where they are used", () => {
    const subgroup = linearSource({ ...spec, shape: { kind: "subgroup", workgroup: 64 } });
    expect(subgroup.join("\n")).toMatch(/^enable subgroups;/);
    expect(linearSource(spec).join("\n")).not.toContain("enable");
  });

  it("takes the number of tokens from one place", () => {
    const shape = { kind: "register", quadsPerThread: 1, workgroup: 64 } as const;
    const sizes = { heads: 1, kvHeads: 1, headDim: 4, context: 8 };
    const qkv = { kind: "qkv", ...sizes, ropePairs: "adjacent", kv: "f16" } as const;
    for (const finish of [{ kind: "residual" }, { kind: "gate-up" }, qkv] as const) {
      expect(count(linearSource({ ...spec, shape, finish }).join("\n"), "fn token_count")).toBe(1);
    }
  });
});
