/**
 * The bytes of a tensor's blocks. Quants are random bits, each block's scales are chosen so that the values have the
 * wanted standard deviation, as real files have it:
 *
 * - signed types (q4_0, q5_0, q6_k) have scales of both signs, as llama.cpp writes them;
 * - types with a minimum (q4_1, q5_1, q4_k, q5_k) have one near the middle of the scale's range;
 * - one block in 256 is four times as large, and so is one row in 256 (but of the vocabulary's matrices, where such a
 *   row would be every answer): outliers;
 * - small weights give q6_k subnormal f16 scales.
 */
import { fillRandom, fraction, hash, signed } from "./random";
import { TYPES, type TypeName } from "./mixes";

export interface TensorRecipe {
  readonly type: TypeName;
  /** For matrices; a vector is one row. */
  readonly columns: number;
  readonly key: number;
  /** The numbers themselves, for norms and biases (f32). */
  readonly values?: (index: number) => number;
  /** Of a matrix's values. */
  readonly deviation: number;
  /** Whether one row in 256 is four times as large; not for f16, bf16 and f32. */
  readonly loudRows: boolean;
}

/** Blocks made at a time: a whole number of 32-bit words, 64 to 256 KiB. */
export function blocksPerTile(type: TypeName): number {
  return { 1: 65_536, 32: 4096, 256: 1024 }[TYPES[type].elements];
}

/**
 * @param blocksLeft in the tensor, from this tile on
 * @returns the tile's bytes, up to the end of the tensor (and at most two more)
 */
export function makeTile(recipe: TensorRecipe, tile: number, blocksLeft: number): Uint8Array<ArrayBuffer> {
  const { type, key } = recipe;
  const first = tile * blocksPerTile(type);
  const firstWord = (first * TYPES[type].bytes) / 4;
  const blocks = Math.min(blocksPerTile(type), blocksLeft);
  const words = new Uint32Array(Math.ceil((blocks * TYPES[type].bytes) / 4));
  const bytes = new Uint8Array(words.buffer);
  if (type === "f32") {
    const values = recipe.values ?? uniform(recipe);
    const floats = new Float32Array(bytes.buffer);
    for (let i = 0; i < blocks; i++) floats[i] = values(first + i);
    return bytes;
  }
  fillRandom(words, key, firstWord);
  const halves = new Uint16Array(bytes.buffer);
  if (type === "f16" || type === "bf16") {
    const encode = type === "f16" ? toF16 : toBf16;
    const table = made(floatTablesMade, type, recipe.deviation, () => floatTable(recipe.deviation, encode));
    for (let i = 0; i < blocks; i++) halves[i] = table[halves[i] ?? 0] ?? 0;
    return bytes;
  }
  const { scaleAt, minimumAt, packed } = LAYOUTS[type];
  const { scales, minimums } = made(scaleTablesMade, type, recipe.deviation, () => scaleTables(type, recipe.deviation));
  const stride = TYPES[type].bytes / 2;
  const blocksPerRow = recipe.columns / TYPES[type].elements;
  const pick = key ^ 0x5ca1e;
  for (let block = 0; block < blocks; block++) {
    const random = hash(pick, first + block);
    const row = Math.floor((first + block) / blocksPerRow);
    const entry = (random & 255) | (recipe.loudRows && isLoudRow(key, row) ? 256 : 0);
    halves[block * stride + scaleAt] = scales[entry] ?? 0;
    if (minimumAt !== undefined) halves[block * stride + minimumAt] = minimums[entry] ?? 0;
    if (packed) centreMinimums(bytes, block * TYPES[type].bytes + 4, random >>> 8);
  }
  return bytes;
}

function isLoudRow(key: number, row: number): boolean {
  return (hash(key ^ 0x10d, row) & 255) === 0;
}

interface Layout {
  /** In halves from the block's start. */
  readonly scaleAt: number;
  readonly minimumAt?: number;
  /** Twelve bytes of 6-bit sub-scales and sub-minimums follow. */
  readonly packed?: boolean;
  /** Root mean square of a value about its middle, where the block's scale is 1. */
  readonly unit: number;
  /** The middle of the quants, where the block has a minimum. */
  readonly middle?: number;
  readonly bothSigns?: boolean;
}

const FOUR_BITS = Math.sqrt(255 / 12);
const FIVE_BITS = Math.sqrt(1023 / 12);
/** Of 6-bit sub-scales, all 64 equally likely. */
const SUB_SCALES = Math.sqrt((63 * 127) / 6);

const LAYOUTS: Record<Exclude<TypeName, "f32" | "f16" | "bf16">, Layout> = {
  q4_0: { scaleAt: 0, unit: FOUR_BITS, bothSigns: true },
  q4_1: { scaleAt: 0, minimumAt: 1, unit: FOUR_BITS, middle: -7.5 },
  q5_0: { scaleAt: 0, unit: FIVE_BITS, bothSigns: true },
  q5_1: { scaleAt: 0, minimumAt: 1, unit: FIVE_BITS, middle: -15.5 },
  q8_0: { scaleAt: 0, unit: Math.sqrt(65_535 / 12) },
  // A K-quant's minimum is subtracted, so it is stored positive.
  q4_k: { scaleAt: 0, minimumAt: 1, packed: true, unit: FOUR_BITS * SUB_SCALES, middle: 7.5 },
  q5_k: { scaleAt: 0, minimumAt: 1, packed: true, unit: FIVE_BITS * SUB_SCALES, middle: 15.5 },
  q6_k: { scaleAt: 104, unit: Math.sqrt(4095 / 12) * Math.sqrt(65_535 / 12), bothSigns: true },
};

interface ScaleTables {
  readonly scales: Uint16Array;
  readonly minimums: Uint16Array;
}

/** By type and deviation; a file has a handful. */
const scaleTablesMade = new Map<string, ScaleTables>();
const floatTablesMade = new Map<string, Uint16Array>();

function made<T>(cache: Map<string, T>, type: TypeName, deviation: number, make: () => T): T {
  const key = `${type} ${deviation}`;
  const value = cache.get(key) ?? make();
  cache.set(key, value);
  return value;
}

/** [512] f16: 256 to draw a block's scale from, then the same four times as large, for loud rows. */
function scaleTables(type: keyof typeof LAYOUTS, deviation: number): ScaleTables {
  const { unit, middle = 0, bothSigns = false } = LAYOUTS[type];
  const scales = new Uint16Array(512);
  const minimums = new Uint16Array(512);
  for (let i = 0; i < 512; i++) {
    const entry = i & 255;
    // 0.5 to 1.5 times the wanted size, mean square 13/12 of it; every second one negative.
    const spread = (0.5 + (entry + 0.5) / 256) / Math.sqrt(13 / 12);
    const loud = (entry === 77 ? 4 : 1) * (i > 255 ? 4 : 1);
    const scale = (deviation / unit) * spread * loud;
    scales[i] = toF16(bothSigns && entry % 2 === 1 ? -scale : scale);
    // Not quite the middle: 0.9 to 1.1 of it.
    minimums[i] = toF16(scale * middle * (0.9 + (0.2 * ((entry * 37) & 255)) / 255));
  }
  return { scales, minimums };
}

/**
 * K-quants pack eight 6-bit sub-scales and eight 6-bit sub-minimums in twelve bytes. The sub-scales stay random, each
 * sub-minimum is set to its scale or up to two off, or most blocks would be offset and no noise.
 */
function centreMinimums(bytes: Uint8Array, at: number, random: number): void {
  for (let j = 0; j < 4; j++) {
    const low = bytes[at + j] ?? 0;
    const high = bytes[at + j + 8] ?? 0;
    const scale = low & 63;
    const scale4 = (high & 15) | ((low >>> 6) << 4);
    const minimum = near(scale, random >>> (j * 3));
    const minimum4 = near(scale4, random >>> (12 + j * 3));
    bytes[at + j + 4] = minimum | ((minimum4 >>> 4) << 6);
    bytes[at + j + 8] = (high & 15) | ((minimum4 & 15) << 4);
  }
}

function near(scale: number, random: number): number {
  return Math.min(63, Math.max(0, scale + ((random & 7) % 5) - 2));
}

function uniform({ key, deviation }: TensorRecipe): (index: number) => number {
  const reach = deviation * Math.sqrt(3);
  return (index) => signed(key, index) * reach * (fraction(key ^ 0xf32, index) < 1 / 1024 ? 4 : 1);
}

/** [65536]: the values that 16 random bits stand for, evenly over ±√3 deviations, one in 1,024 four times as large. */
function floatTable(deviation: number, encode: (value: number) => number): Uint16Array {
  const reach = deviation * Math.sqrt(3);
  return Uint16Array.from({ length: 65_536 }, (_, i) =>
    encode(((i + 0.5) / 32_768 - 1) * reach * (i % 1024 === 77 ? 4 : 1)),
  );
}

/** To the nearest, ties upwards in size; small numbers only. */
export function toF16(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  let exponent = 1;
  while (exponent < 30 && size >= 2 ** (exponent - 14)) exponent++;
  // Subnormals share the smallest exponent, without the leading 1 that is taken off here for the rest.
  const steps = Math.floor(size * 2 ** (25 - exponent) + 0.5);
  return sign | (((exponent - 1) << 10) + steps);
}

function toBf16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
  return (bits + 0x8000) >>> 16;
}
