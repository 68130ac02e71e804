/**
 * Seeded matrices in every weight format, planes and all, for the kernels' checks. Hostile on purpose: every bit
 * pattern of a quant, both signs, gaps between planes that are NaN when read, and every fifth row with scales below
 * f16's normal numbers, which a GPU that flushes them would lose. Which planes a format has is in formats/layouts.ts;
 * kernels import nothing from there, so a test compares.
 */
import type { Segment, WeightFormat } from "./decoders";
import { dequantiseRow, type PlanePosition } from "./dequantise.ref";

const WEIGHTS_PER_GROUP = 32;
const GROUPS_PER_BLOCK = 8;
const HALVES_PER_BLOCK = 10;

type Random = () => number;

type Fill = (plane: Plane) => void;

interface Plane {
  readonly words: Uint32Array;
  readonly random: Random;
  /** Groups of 32 weights in a row. */
  readonly groups: number;
  readonly rows: number;
}

interface PlaneRecipe {
  readonly kind: string;
  readonly wordsPerGroup: number;
  readonly fill: Fill;
}

const NIBBLES: PlaneRecipe = { kind: "nibbles", wordsPerGroup: 4, fill: anyBits };
const BITS: PlaneRecipe = { kind: "bits", wordsPerGroup: 1, fill: anyBits };
const CRUMBS: PlaneRecipe = { kind: "crumbs", wordsPerGroup: 2, fill: anyBits };
const BYTES: PlaneRecipe = { kind: "bytes", wordsPerGroup: 8, fill: anyBits };
const SCALES: PlaneRecipe = { kind: "scales", wordsPerGroup: 1 / 2, fill: halvesOf(1, scaleF16) };
const BRAIN_SCALES: PlaneRecipe = { kind: "scales", wordsPerGroup: 1 / 2, fill: halvesOf(1, scaleBf16) };
const WIDE_SCALES: PlaneRecipe = { kind: "wide-scales", wordsPerGroup: 1, fill: wideScales };
const SCALE_MINS: PlaneRecipe = { kind: "scale-mins", wordsPerGroup: 1, fill: halvesOf(2, scaleF16) };
const K_SCALES: PlaneRecipe = { kind: "k-scales", wordsPerGroup: 5 / 8, fill: kScales };
const SIX_SCALES: PlaneRecipe = { kind: "six-scales", wordsPerGroup: 5 / 8, fill: sixScales };

const RECIPES: Readonly<Record<WeightFormat, readonly PlaneRecipe[]>> = {
  f32: [{ kind: "floats", wordsPerGroup: 32, fill: floats }],
  f16: [{ kind: "halves", wordsPerGroup: 16, fill: halvesOf(32, weightF16) }],
  bf16: [{ kind: "halves", wordsPerGroup: 16, fill: halvesOf(32, weightBf16) }],
  q4_0: [NIBBLES, SCALES],
  q4_1: [NIBBLES, SCALE_MINS],
  q5_0: [NIBBLES, BITS, SCALES],
  q5_1: [NIBBLES, BITS, SCALE_MINS],
  q8_0: [BYTES, SCALES],
  q4_k: [NIBBLES, K_SCALES],
  q5_k: [NIBBLES, BITS, K_SCALES],
  q6_k: [NIBBLES, CRUMBS, SIX_SCALES],
  mlc_q4_f16: [NIBBLES, SCALES],
  mlc_q4_bf16: [NIBBLES, BRAIN_SCALES],
  mlc_q4_f32: [NIBBLES, WIDE_SCALES],
};

export interface RandomMatrix {
  readonly segments: readonly Segment[];
  /** All planes of all segments. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Of all segments. */
  readonly rows: number;
  /** [columns], in double, exact. */
  row(index: number): Float64Array;
}

/** @param columns a multiple of 32, and of 256 for K-quants. */
export function randomMatrix(
  parts: readonly Pick<Segment, "format" | "rows">[],
  columns: number,
  random: Random,
): RandomMatrix {
  const made: { readonly segment: Segment; readonly planes: readonly PlanePosition[] }[] = [];
  let length = 0;
  for (const { format, rows } of parts) {
    const planes: PlanePosition[] = [];
    for (const { kind, wordsPerGroup } of RECIPES[format]) {
      planes.push({ kind, firstWord: length });
      length = roundUpToFour(length + planeWords(wordsPerGroup, rows, columns));
    }
    made.push({ segment: { format, rows, planes: planes.map(({ firstWord }) => firstWord) }, planes });
  }
  const words = new Uint32Array(length).fill(0xffffffff);
  for (const { segment, planes } of made) {
    const { format, rows } = segment;
    for (const [i, { wordsPerGroup, fill }] of RECIPES[format].entries()) {
      const begin = planes[i]?.firstWord ?? NaN;
      const plane = words.subarray(begin, begin + planeWords(wordsPerGroup, rows, columns));
      fill({ words: plane, random, groups: columns / WEIGHTS_PER_GROUP, rows });
    }
  }
  const readRow = (index: number) => {
    let first = 0;
    for (const { segment, planes } of made) {
      if (index < first + segment.rows) return dequantiseRow(segment.format, planes, words, index - first, columns);
      first += segment.rows;
    }
    throw new RangeError(`no row ${index}`);
  };
  const kept: Float64Array[] = [];
  return {
    segments: made.map(({ segment }) => segment),
    words,
    rows: made.reduce((sum, { segment }) => sum + segment.rows, 0),
    row(index) {
      const row = kept[index] ?? readRow(index);
      kept[index] = row;
      return row;
    },
  };
}

function planeWords(wordsPerGroup: number, rows: number, columns: number): number {
  return Math.ceil(rows * (columns / WEIGHTS_PER_GROUP) * wordsPerGroup);
}

function roundUpToFour(n: number): number {
  return Math.ceil(n / 4) * 4;
}

/** Rows that come out tiny: their scales are subnormal as f16. */
function isTiny(row: number): boolean {
  return row % 5 === 4;
}

function anyBits({ words, random }: Plane): void {
  for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32;
}

function floats({ words, random }: Plane): void {
  words.set(bitsOf(Float32Array.from(words, () => (random() * 2 - 1) / 8)));
}

function wideScales({ words, random, groups }: Plane): void {
  words.set(bitsOf(Float32Array.from(words, (_, i) => (isTiny(Math.floor(i / groups)) ? 1e-6 : 0.03) * random())));
}

/** So many halves a group, each made by itself. */
function halvesOf(perGroup: number, make: (random: Random, tiny: boolean) => number): Fill {
  return ({ words, random, groups, rows }) => {
    const perRow = perGroup * groups;
    for (let i = 0; i < rows * perRow; i++) setHalf(words, i, make(random, isTiny(Math.floor(i / perRow))));
  };
}

function kScales({ words, random, groups, rows }: Plane): void {
  const blocks = groups / GROUPS_PER_BLOCK;
  for (let block = 0; block < rows * blocks; block++) {
    const tiny = isTiny(Math.floor(block / blocks));
    const first = block * HALVES_PER_BLOCK;
    setHalf(words, first, scaleF16(random, tiny));
    setHalf(words, first + 1, scaleF16(random, tiny));
    // Of eight groups: a scale and a minimum of six bits each.
    for (let i = 2; i < HALVES_PER_BLOCK; i++) {
      setHalf(words, first + i, Math.floor(random() * 64) | (Math.floor(random() * 64) << 8));
    }
  }
}

function sixScales({ words, random, groups, rows }: Plane): void {
  const blocks = groups / GROUPS_PER_BLOCK;
  for (let block = 0; block < rows * blocks; block++) {
    const first = block * HALVES_PER_BLOCK;
    setHalf(words, first, scaleF16(random, isTiny(Math.floor(block / blocks))));
    setHalf(words, first + 1, 0);
    for (let i = 2; i < HALVES_PER_BLOCK; i++) setHalf(words, first + i, Math.floor(random() * 2 ** 16));
  }
}

/** 2^-9 to 2^-5, where weights' scales lie, or any subnormal, to 6.1e-5; either sign. */
function scaleF16(random: Random, tiny: boolean): number {
  const size = tiny ? 1 + Math.floor(random() * 1023) : f16Between(random, -9, -5);
  return size | (random() < 0.5 ? 0x8000 : 0);
}

/** A bf16 scale of either sign; that format's exponents reach as far as f32's. */
function scaleBf16(random: Random, tiny: boolean): number {
  return tiny ? bf16Between(random, -24, -14) : bf16Between(random, -9, -5);
}

/** No subnormals: of weights that are f16 themselves a GPU may flush those, see floats.wgsl. */
function weightF16(random: Random): number {
  return f16Between(random, -9, -2) | (random() < 0.5 ? 0x8000 : 0);
}

function weightBf16(random: Random): number {
  return bf16Between(random, -9, -2);
}

/** Bits of an f16 from 2^low to below 2^high. */
function f16Between(random: Random, low: number, high: number): number {
  return (exponentBetween(random, low, high, 15) << 10) | Math.floor(random() * 2 ** 10);
}

/** Bits of a bf16 from 2^low to below 2^high, of either sign. */
function bf16Between(random: Random, low: number, high: number): number {
  const size = (exponentBetween(random, low, high, 127) << 7) | Math.floor(random() * 2 ** 7);
  return size | (random() < 0.5 ? 0x8000 : 0);
}

function exponentBetween(random: Random, low: number, high: number, bias: number): number {
  return bias + low + Math.floor(random() * (high - low));
}

function setHalf(words: Uint32Array, index: number, bits: number): void {
  const shift = 16 * (index & 1);
  const word = words[index >>> 1] ?? 0;
  words[index >>> 1] = (word & ~(0xffff << shift)) | (bits << shift);
}

function bitsOf(values: Float32Array<ArrayBuffer>): Uint32Array {
  return new Uint32Array(values.buffer);
}
