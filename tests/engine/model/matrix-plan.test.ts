import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layoutMatrix, PLANES } from "../../../src/engine/wgsl/formats/layouts";
import type { MatrixTensor, MatrixType } from "../../../src/engine/wgsl/formats/model-file";
import { planMatrix, type Cut, type MatrixPlan } from "../../../src/engine/wgsl/model/matrix-plan";
import { refused } from "../../helpers/refused";
import { matrixOf } from "./tensors";

type Tensors = Parameters<typeof planMatrix>[1];

const LARGE = 128 * 2 ** 20;

/** Of one part: [tensor's name, from row, rows], as they lie. */
const fillsOf = (plan: MatrixPlan) =>
  plan.parts.map(({ fills }) => fills.map(({ tensor, fromRow, rows }) => [tensor.name, fromRow, rows]));

describe("a matrix that fits", () => {
  it("is one part, laid out as layoutMatrix says", () => {
    const tensor = matrixOf("q4_0", 1003, 256, "w");
    const { columns, quads, parts } = planMatrix("head", [tensor], "rows", LARGE);
    const { words, planes } = layoutMatrix("q4_0", 1003, 256);
    expect({ columns, quads }).toEqual({ columns: 256, quads: 251 });
    expect(parts).toEqual([
      {
        label: "head",
        words,
        firstQuad: 0,
        quads: 251,
        firstRow: 0,
        segments: [{ format: "q4_0", rows: 1003, planes: planes.map(({ firstWord }) => firstWord) }],
        fills: [
          {
            tensor,
            fromRow: 0,
            rows: 1003,
            segmentRow: 0,
            planes: planes.map(({ firstWord, wordsPerRow }) => ({ firstWord, wordsPerRow })),
          },
        ],
      },
    ]);
  });

  it("of neighbours of one type is one segment; of others, one each", () => {
    const [q, k, v] = [matrixOf("q4_k", 256, 256, "q"), matrixOf("q4_k", 64, 256, "k"), matrixOf("q6_k", 64, 256, "v")];
    const [part] = planMatrix("qkv", [q, k, v], "none", LARGE).parts;
    expect(part?.segments.map(({ format, rows }) => [format, rows])).toEqual([
      ["q4_k", 320],
      ["q6_k", 64],
    ]);
    const [first, second, third] = part?.fills ?? [];
    // q and k share their planes, k from row 256 on; v's planes begin where theirs end.
    expect([first?.segmentRow, second?.segmentRow, third?.segmentRow]).toEqual([0, 256, 0]);
    expect(second?.planes).toEqual(first?.planes);
    const shared = layoutMatrix("q4_k", 320, 256).words;
    expect(third?.planes[0]?.firstWord).toBe(shared);
    expect(part?.words).toBe(shared + layoutMatrix("q6_k", 64, 256).words);
  });

  it("does not merge two of one type that another lies between", () => {
    const tensors: Tensors = [matrixOf("f16", 64, 64), matrixOf("q8_0", 64, 64), matrixOf("f16", 64, 64)];
    const [part] = planMatrix("qkv", tensors, "none", LARGE).parts;
    expect(part?.segments.map(({ format }) => format)).toEqual(["f16", "q8_0", "f16"]);
  });
});

describe("a matrix that is too large", () => {
  it("is cut between rows, at multiples of 64", () => {
    const tensor = matrixOf("f32", 1003, 64, "w");
    const plan = planMatrix("head", [tensor], "rows", 500 * 256 + 256); // 500 rows
    expect(fillsOf(plan)).toEqual([[["w", 0, 448]], [["w", 448, 448]], [["w", 896, 107]]]);
    expect(plan.parts.map(({ label, firstRow, firstQuad, quads }) => [label, firstRow, firstQuad, quads])).toEqual([
      ["head", 0, 0, 112],
      ["head part 2", 448, 112, 112],
      ["head part 3", 896, 224, 27],
    ]);
    expect(plan.quads).toBe(251);
  });

  it("is cut between pairs, each of one row of gate and the same of up", () => {
    const tensors: Tensors = [matrixOf("f32", 192, 64, "gate"), matrixOf("f32", 192, 64, "up")];
    const plan = planMatrix("gate and up", tensors, "pairs", 128 * 2 * 256 + 256);
    expect(fillsOf(plan)).toEqual([
      [
        ["gate", 0, 128],
        ["up", 0, 128],
      ],
      [
        ["gate", 128, 64],
        ["up", 128, 64],
      ],
    ]);
    expect(plan.parts.map(({ firstQuad, quads }) => [firstQuad, quads])).toEqual([
      [0, 64],
      [64, 32],
    ]);
  });

  it("is cut between pairs where both are one tensor, too", () => {
    const plan = planMatrix("gate and up", [matrixOf("f32", 384, 64, "both")], "pairs", 128 * 2 * 256 + 256);
    expect(fillsOf(plan)).toEqual([
      [
        ["both", 0, 128],
        ["both", 192, 128],
      ],
      [
        ["both", 128, 64],
        ["both", 320, 64],
      ],
    ]);
  });

  it("is refused by its name where it can't be cut, with what it needs and what there is", () => {
    const tensors: Tensors = [matrixOf("f32", 128, 64, "blk.0.attn_q"), matrixOf("f32", 64, 64)];
    expect(() => planMatrix("qkv", tensors, "none", 32 * 1024)).toThrow(
      expect.objectContaining(
        refused("model-unsupported", /^blk\.0\.attn_q needs one binding of 48 KiB; .* allows 32 KiB\.$/),
      ),
    );
  });

  it("is refused where not even 64 rows fit", () => {
    const tensor = matrixOf("f32", 1024, 1024, "w");
    expect(() => planMatrix("w", [tensor], "rows", 64 * 4096 + 255)).toThrow(
      expect.objectContaining(refused("model-unsupported", /^w needs one binding of 4 MiB; .* allows 256 KiB\.$/)),
    );
    expect(planMatrix("w", [tensor], "rows", 64 * 4096 + 256).parts).toHaveLength(16);
  });
});

describe("the limit's edge", () => {
  // 160 rows: not a multiple of 64, as of five heads of 32 dimensions.
  const tensor = matrixOf("f32", 160, 64, "w");
  const exact = 160 * 256 + 256;

  it.each(["rows", "none"] as const)("is still one part when cut by %s", (cut) => {
    expect(planMatrix("w", [tensor], cut, exact).parts).toHaveLength(1);
  });

  it("is passed by a byte: cut, or refused", () => {
    expect(fillsOf(planMatrix("w", [tensor], "rows", exact - 1))).toEqual([[["w", 0, 128]], [["w", 128, 32]]]);
    expect(() => planMatrix("w", [tensor], "none", exact - 1)).toThrow(
      expect.objectContaining({ code: "model-unsupported" }),
    );
  });
});

describe("any plan", () => {
  const types = Object.keys(PLANES) as MatrixType[];
  const tensorsOf = fc
    .record({
      columns: fc.constantFrom(256, 512, 768),
      shapes: fc.array(fc.tuple(fc.constantFrom(...types), fc.integer({ min: 1, max: 40 })), {
        minLength: 1,
        maxLength: 3,
      }),
      cut: fc.constantFrom<Cut>("rows", "pairs", "none"),
      room: fc.integer({ min: 64, max: 900 }),
    })
    .map(({ columns, shapes, cut, room }) => {
      const all = shapes.map(([type, sixteens], i) => matrixOf(type, 16 * sixteens, columns, `t${i}`));
      const halves = cut === "pairs" ? all.slice(0, 1).flatMap((one) => [one, { ...one, name: "up" }]) : all;
      const perRow = Math.max(...halves.map(({ type }) => (layoutMatrix(type, 1024, columns).words * 4) / 1024));
      return { tensors: halves as unknown as Tensors, cut, limit: (cut === "pairs" ? 2 : 1) * room * perRow + 256 };
    });

  it("has every row once, in buffers that are large enough and no larger than the limit", () => {
    fc.assert(
      fc.property(tensorsOf, ({ tensors, cut, limit }) => {
        let plan: MatrixPlan;
        try {
          plan = planMatrix("w", tensors, cut, limit);
        } catch (thrown) {
          // Only what may not be cut is refused, and only where it does not fit.
          expect(thrown).toMatchObject({ code: "model-unsupported" });
          expect(cut).toBe("none");
          return;
        }
        if (cut === "none") expect(plan.parts).toHaveLength(1);
        const seen = new Map<MatrixTensor, number[]>(tensors.map((tensor) => [tensor, []]));
        let quad = 0;
        for (const part of plan.parts) {
          expect(part.words * 4).toBeLessThanOrEqual(limit);
          expect(part.words % 4).toBe(0);
          expect(part.firstQuad).toBe(quad);
          quad += part.quads;
          const rows = part.segments.reduce((sum, segment) => sum + segment.rows, 0);
          expect(part.quads).toBe(Math.ceil(rows / 4));
          const taken: [number, number][] = [];
          for (const { tensor, fromRow, rows: count, segmentRow, planes } of part.fills) {
            for (let row = fromRow; row < fromRow + count; row++) seen.get(tensor)?.push(row);
            expect(planes).toHaveLength(PLANES[tensor.type].length);
            for (const { firstWord, wordsPerRow } of planes) {
              expect(firstWord % 4).toBe(0);
              taken.push([firstWord + segmentRow * wordsPerRow, firstWord + (segmentRow + count) * wordsPerRow]);
            }
          }
          taken.sort(([a], [b]) => a - b);
          for (const [i, [first, end]] of taken.entries()) {
            expect(first).toBeGreaterThanOrEqual(taken[i - 1]?.[1] ?? 0);
            expect(end).toBeLessThanOrEqual(part.words);
          }
        }
        expect(plan.quads).toBe(quad);
        for (const [{ rows, name }, own] of seen) {
          const inOrder = own.toSorted((a, b) => a - b);
          expect(inOrder, name).toEqual(Array.from({ length: rows }, (_, row) => row));
        }
      }),
      { numRuns: 300 },
    );
  });
});
