import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WantedContext } from "../../../src/engine/engine";
import { LARGEST_VOCABULARY } from "../../../src/engine/wgsl/kernels/sample/sample";
import { planModel, type MemoryLimits } from "../../../src/engine/wgsl/model/plan";
import { IngleError } from "../../../src/shared/errors";
import { refused } from "../../helpers/refused";
import { modelOf, SMALL } from "./tensors";

const both = (bytes: number): MemoryLimits => ({ maxStorageBufferBindingSize: bytes, maxBufferSize: bytes });
const LARGE = both(128 * 2 ** 20);
const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

describe("bytes", () => {
  it.each([
    { tied: true, biasLayers: 2 },
    { tied: false, biasLayers: 0 },
    { tied: false, biasLayers: 1 },
  ])("add up with %j", ({ tied, biasLayers }) => {
    const { bytes, scratch, kvBytesPerLayer, embedding, head, layers } = planModel(
      modelOf({}, { tied, biasLayers }),
      LARGE,
      { kv: "f16", contextLength: 100 },
    );
    const { width, heads, kvHeads, headDim, feedForward, vocabulary } = SMALL;
    // q8_0 has 8.5 bits a weight, and every plane here is whole vectors.
    const vocabularyMatrix = vocabulary * width * (8.5 / 8);
    const qkvRows = (heads + 2 * kvHeads) * headDim;
    const layer = (qkvRows * width + width * heads * headDim + 3 * feedForward * width) * (8.5 / 8);
    const vectors = 4 * (5 * width + Math.max(1, biasLayers) * qkvRows);
    const padding = bytes.weights - ((tied ? 1 : 2) * vocabularyMatrix + 2 * layer + vectors);
    expect(padding).toBeGreaterThanOrEqual(0);
    expect(padding).toBeLessThan(64);
    expect(head === undefined).toBe(tied);
    expect(layers).toHaveLength(2);
    expect(embedding.parts).toHaveLength(1);
    expect(kvBytesPerLayer).toBe(2 * kvHeads * 100 * headDim * 2);
    expect(bytes.kv).toBe(2 * kvBytesPerLayer);
    expect(bytes.scratch).toBe(sum(Object.values(scratch)));
    expect(bytes.total).toBe(bytes.weights + bytes.kv + bytes.scratch);
  });

  it("of a cache in f32 are twice those in f16", () => {
    const [half, whole] = (["f16", "f32"] as const).map((kv) => planModel(modelOf(), LARGE, { kv }).bytes.kv);
    expect(whole).toBe(2 * (half ?? NaN));
  });

  it("of every scratch buffer are whole words", () => {
    for (const [name, size] of Object.entries(planModel(modelOf(), LARGE, { kv: "f16" }).scratch)) {
      expect(size % 4, name).toBe(0);
      expect(size, name).toBeGreaterThan(0);
    }
  });
});

describe("the context", () => {
  const contextOf = (wanted: WantedContext | undefined, own: number) =>
    planModel(modelOf({ contextLength: own }), LARGE, { kv: "f16", contextLength: wanted }).contextLength;

  it.each([
    ["the model's own", undefined, 2048, 2048],
    ["4,096 where the model has more", undefined, 131_072, 4096],
    ["what is asked for", 8192, 131_072, 8192],
    ["all of the model's own", 2048, 2048, 2048],
    ["a multiple of four, downwards", 1023, 2048, 1020],
    ["four at least", 4, 2048, 4],
  ])("is %s", (_what, wanted, own, context) => {
    expect(contextOf(wanted, own)).toBe(context);
  });

  it.each([
    ["where the model has more", 8192, 131_072, 8192],
    ["the model's own where that is less", 8192, 2048, 2048],
  ])("of so many at most is as many, or %s", (_what, atMost, own, context) => {
    expect(contextOf({ atMost }, own)).toBe(context);
  });

  it("that is longer than the model's own is refused, not shortened in silence", () => {
    expect(() => contextOf(8192, 2048)).toThrow(
      expect.objectContaining(
        refused("context-too-long", /made for a context of 2,048 tokens, not 8,192\. Choose at most 2,048\.$/),
      ),
    );
  });

  it("that is too long is refused with both numbers", () => {
    const planning = () =>
      planModel(modelOf({ contextLength: 2 ** 17 }), both(2 ** 20), { kv: "f16", contextLength: 2 ** 17 });
    // 512 bytes a position.
    expect(planning).toThrow(
      expect.objectContaining(
        refused(
          "context-too-long",
          /^A context of 131,072 tokens needs one binding of 64 MiB; .* allows 1 MiB\. Choose at most 2,048 tokens\.$/,
        ),
      ),
    );
  });

  // What was asked for, and what the binding holds: pairs whose quotient is a little below a whole number in double.
  it.each([
    [65_908, 12_000],
    [66_532, 32_764],
    [66_644, 2048],
  ])("of %i tokens, where a binding holds %i, is answered with just those", (wanted, held) => {
    const binding = held * 512; // bytes a position
    expect(() =>
      planModel(modelOf({ contextLength: 2 ** 20 }), both(binding), { kv: "f16", contextLength: wanted }),
    ).toThrow(
      expect.objectContaining(refused("context-too-long", new RegExp(`most ${held.toLocaleString("en-US")} tokens`))),
    );
  });

  it("that the refusal names works, and the next does not", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2 ** 20, max: 2 ** 24 }),
        fc.integer({ min: 2 ** 16, max: 2 ** 20 }),
        fc.constantFrom<"f16" | "f32">("f16", "f32"),
        (binding, wanted, kv) => {
          const model = modelOf({ contextLength: 2 ** 20 });
          try {
            planModel(model, both(binding), { kv, contextLength: wanted });
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(IngleError);
            const named = Number(
              /at most ([\d,]+) tokens/.exec((thrown as IngleError).message)?.[1]?.replaceAll(",", ""),
            );
            const plan = planModel(model, both(binding), { kv, contextLength: named });
            expect(plan.contextLength).toBeGreaterThan(named - 4);
            expect(() => planModel(model, both(binding), { kv, contextLength: named + 4 })).toThrow(
              expect.objectContaining({ code: "context-too-long" }),
            );
          }
        },
      ),
    );
  });
});

describe("bounds", () => {
  it("of the vocabulary: the largest is planned, one more is refused with both numbers", () => {
    const plan = (vocabulary: number) => planModel(modelOf({ vocabulary }), LARGE, { kv: "f16" });
    expect(plan(LARGEST_VOCABULARY).embedding.quads).toBe(LARGEST_VOCABULARY / 4);
    const numbers = [LARGEST_VOCABULARY + 1, LARGEST_VOCABULARY].map((n) => n.toLocaleString("en-US"));
    expect(() => plan(LARGEST_VOCABULARY + 1)).toThrow(
      expect.objectContaining(refused("model-unsupported", new RegExp(numbers.join(".*")))),
    );
  });

  it("of a head: 128 dimensions are planned, more are refused", () => {
    const plan = (headDim: number) => planModel(modelOf({ headDim }), LARGE, { kv: "f16" });
    expect(plan(128).contextLength).toBe(2048);
    expect(() => plan(160)).toThrow(
      expect.objectContaining(refused("model-unsupported", /160 dimensions.*128 at most/)),
    );
  });

  it("of a binding: the smaller of the two limits counts", () => {
    const head = modelOf({}, { type: "f32" }); // 1,003 rows of 1 KiB
    const parts = (limits: MemoryLimits) =>
      planModel(head, limits, { kv: "f16", contextLength: 64 }).embedding.parts.length;
    const [small, large] = [600 * 1024, 2 ** 24];
    expect(parts({ maxStorageBufferBindingSize: small, maxBufferSize: large })).toBe(2);
    expect(parts({ maxStorageBufferBindingSize: large, maxBufferSize: small })).toBe(2);
    expect(parts(both(large))).toBe(1);
  });
});
