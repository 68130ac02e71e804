/**
 * Puts together the WGSL that reads a matrix's weights: the decoders its formats need, and a router from its rows to
 * them. Matrices of a fused dispatch (q, k, v; gate, up) lie one below the other in one buffer and may differ in
 * format; WGSL can't pass functions around, so the router is the one text that is written here.
 */
import eightBit from "./eight-bit.wgsl?raw";
import f16 from "./f16.wgsl?raw";
import fiveBit from "./five-bit.wgsl?raw";
import floats from "./floats.wgsl?raw";
import fourBit from "./four-bit.wgsl?raw";
import sixBit from "./six-bit.wgsl?raw";
import weights from "./weights.wgsl?raw";

const FOUR = [fourBit];
const FIVE = [fourBit, fiveBit];

/** The WGSL each format's functions are in: dot_<format>, unpack_<format>. */
const SOURCES = {
  f32: [floats],
  f16: [floats],
  bf16: [floats],
  q4_0: FOUR,
  q4_1: FOUR,
  q4_k: FOUR,
  mlc_q4_f16: FOUR,
  mlc_q4_bf16: FOUR,
  mlc_q4_f32: FOUR,
  q5_0: FIVE,
  q5_1: FIVE,
  q5_k: FIVE,
  q6_k: [fourBit, sixBit],
  q8_0: [eightBit],
} as const satisfies Record<string, readonly string[]>;

export type WeightFormat = keyof typeof SOURCES;

/** Rows of one format in a matrix's buffer. */
export interface Segment {
  readonly format: WeightFormat;
  readonly rows: number;
  /** Where each plane begins, in words from the buffer's start. The first is a multiple of 4. */
  readonly planes: readonly number[];
}

/** WGSL with `dot_row(row, group, activations)` and `unpack_row(row, group)` for the segments, one below the other. */
export function weightReader(segments: readonly Segment[]): string {
  const sources = new Set<string>([f16, weights, ...segments.flatMap(({ format }) => SOURCES[format])]);
  const dot = router("dot_row", "row: u32, group: u32, a: Activations", "f32", segments, "dot", ", a");
  const unpack = router("unpack_row", "row: u32, group: u32", "Weights", segments, "unpack", "");
  return [...sources, dot, unpack].join("\n");
}

function router(
  name: string,
  parameters: string,
  returns: string,
  segments: readonly Segment[],
  verb: string,
  rest: string,
): string {
  const lines: string[] = [];
  let first = 0;
  for (const [i, { format, rows, planes }] of segments.entries()) {
    const [a = 0, b = 0, c = 0] = planes;
    const call = `return ${verb}_${format}(vec3<u32>(${a}u, ${b}u, ${c}u), (row - ${first}u) * GROUPS + group${rest});`;
    lines.push(i === segments.length - 1 ? `  ${call}` : `  if (row < ${first + rows}u) {\n    ${call}\n  }`);
    first += rows;
  }
  return `fn ${name}(${parameters}) -> ${returns} {\n${lines.join("\n")}\n}`;
}
