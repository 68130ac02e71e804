/**
 * The loops of `repack.ts` for K-quants: blocks of 256 weights, 8 groups of 32. Planes come with the right lengths:
 * nothing is checked here.
 */
import { LOW_NIBBLES, highNibbles, lowNibbles, putGroup } from "./repack-nibbles";

const NIBBLE_WORDS = 32;
const BIT_WORDS = 8;
const CRUMB_WORDS = 16;
const SCALE_WORDS = 5;

/** block_q4_K: f16 d, f16 dmin, 12 bytes of 6-bit scales and minimums, 128 of quants. */
export function repackQ4K(blocks: number, input: Uint8Array, nibbles: Uint32Array, scales: Uint32Array): void {
  const view = viewOf(input);
  for (let block = 0, from = 0; block < blocks; block++, from += 144) {
    putScales(view, from, scales, block * SCALE_WORDS);
    putQuarters(view, from + 16, nibbles, block * NIBBLE_WORDS);
  }
}

/** block_q5_K: as q4_K, with 32 bytes before the quants: bit j of byte l is the fifth of group j's weight l. */
export function repackQ5K(
  blocks: number,
  input: Uint8Array,
  nibbles: Uint32Array,
  bits: Uint32Array,
  scales: Uint32Array,
): void {
  const view = viewOf(input);
  for (let block = 0, from = 0; block < blocks; block++, from += 176) {
    putScales(view, from, scales, block * SCALE_WORDS);
    putBits(view, from + 16, bits, block * BIT_WORDS);
    putQuarters(view, from + 48, nibbles, block * NIBBLE_WORDS);
  }
}

/**
 * block_q6_K, two halves of 128 weights one behind the other in each of its parts: 128 bytes of low nibbles, 64 of
 * high bit pairs, 16 int8 scales, f16 d. In a half's 64 bytes of nibbles groups 0 and 1 are the low ones, 2 and 3 the
 * high; of its 32 bytes of bit pairs, byte l holds weight l's of all four groups, group 0's lowest.
 */
export function repackQ6K(
  blocks: number,
  input: Uint8Array,
  nibbles: Uint32Array,
  crumbs: Uint32Array,
  scales: Uint32Array,
): void {
  const view = viewOf(input);
  for (let block = 0, from = 0; block < blocks; block++, from += 210) {
    const to = block * NIBBLE_WORDS;
    putTwoGroups(view, from, nibbles, to, to + 8);
    putTwoGroups(view, from + 32, nibbles, to + 4, to + 12);
    putTwoGroups(view, from + 64, nibbles, to + 16, to + 24);
    putTwoGroups(view, from + 96, nibbles, to + 20, to + 28);
    putCrumbs(view, from + 128, crumbs, block * CRUMB_WORDS);
    putCrumbs(view, from + 160, crumbs, block * CRUMB_WORDS + 8);
    const at = block * SCALE_WORDS;
    scales[at] = view.getUint16(from + 208, true);
    scales[at + 1] = view.getInt32(from + 192, true);
    scales[at + 2] = view.getInt32(from + 196, true);
    scales[at + 3] = view.getInt32(from + 200, true);
    scales[at + 4] = view.getInt32(from + 204, true);
  }
}

/**
 * The 16 bytes d, dmin, scales. Of the last 12, bytes 0–3 have groups 0–3's scales in six low bits, bytes 4–7 their
 * minimums; bytes 8–11 have four low bits of groups 4–7, scale low, minimum high, whose two high bits are the two high
 * bits of bytes 0–3 (scale) and 4–7 (minimum). All four of a kind are taken at once, each in its byte.
 */
function putScales(view: DataView, from: number, scales: Uint32Array, at: number): void {
  const first = view.getInt32(from + 4, true);
  const second = view.getInt32(from + 8, true);
  const third = view.getInt32(from + 12, true);
  const highScales = (third & LOW_NIBBLES) | ((first >>> 2) & 0x30303030);
  const highMins = ((third >>> 4) & LOW_NIBBLES) | ((second >>> 2) & 0x30303030);
  scales[at] = view.getInt32(from, true);
  putPairs(scales, at + 1, first & 0x3f3f3f3f, second & 0x3f3f3f3f);
  putPairs(scales, at + 3, highScales, highMins);
}

/** Two words of four byte pairs: scale 0, minimum 0, scale 1, … */
function putPairs(scales: Uint32Array, at: number, four: number, mins: number): void {
  scales[at] = (four & 0xff) | ((mins & 0xff) << 8) | ((four & 0xff00) << 8) | ((mins & 0xff00) << 16);
  scales[at + 1] = ((four >>> 16) & 0xff) | ((mins >>> 8) & 0xff00) | ((four >>> 8) & 0xff0000) | (mins & 0xff000000);
}

/** 128 bytes in four quarters, each two neighbouring groups: one in the low nibbles, one in the high. */
function putQuarters(view: DataView, from: number, nibbles: Uint32Array, to: number): void {
  for (let quarter = 0; quarter < 4; quarter++) {
    putTwoGroups(view, from + 32 * quarter, nibbles, to + 8 * quarter, to + 8 * quarter + 4);
  }
}

/** 32 bytes: byte l has weight l of one group in its low nibble, of another in its high one. */
function putTwoGroups(view: DataView, from: number, nibbles: Uint32Array, low: number, high: number): void {
  const a = view.getInt32(from, true);
  const b = view.getInt32(from + 4, true);
  const c = view.getInt32(from + 8, true);
  const d = view.getInt32(from + 12, true);
  const e = view.getInt32(from + 16, true);
  const f = view.getInt32(from + 20, true);
  const g = view.getInt32(from + 24, true);
  const h = view.getInt32(from + 28, true);
  putGroup(nibbles, low, lowNibbles(a, b), lowNibbles(c, d), lowNibbles(e, f), lowNibbles(g, h));
  putGroup(nibbles, high, highNibbles(a, b), highNibbles(c, d), highNibbles(e, f), highNibbles(g, h));
}

/** 32 bytes to 8 words: bit l of word j is bit j of byte l. */
function putBits(view: DataView, from: number, bits: Uint32Array, to: number): void {
  for (let group = 0; group < 8; group++) {
    let word = 0;
    for (let four = 0; four < 8; four++) {
      const each = (view.getInt32(from + 4 * four, true) >>> group) & 0x01010101;
      // Shifts the four bits by 28, 21, 14 and 7 and adds: they meet in the top four, no two products anywhere else.
      word |= (Math.imul(each, 0x10204080) >>> 28) << (4 * four);
    }
    bits[to + group] = word;
  }
}

/** 32 bytes to 8 words: bits 2i and 2i + 1 of word 2j + h are those of byte 16h + i. */
function putCrumbs(view: DataView, from: number, crumbs: Uint32Array, to: number): void {
  for (let half = 0; half < 2; half++) {
    for (let group = 0; group < 4; group++) {
      let word = 0;
      for (let four = 0; four < 4; four++) {
        const each = (view.getInt32(from + 16 * half + 4 * four, true) >>> (2 * group)) & 0x03030303;
        // As in putBits: shifts by 24, 18, 12 and 6, and the four pairs meet in the top byte.
        word |= (Math.imul(each, 0x01041040) >>> 24) << (8 * four);
      }
      crumbs[to + 2 * group + half] = word;
    }
  }
}

function viewOf(input: Uint8Array): DataView {
  return new DataView(input.buffer, input.byteOffset, input.byteLength);
}
