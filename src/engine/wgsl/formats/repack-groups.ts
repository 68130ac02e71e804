/**
 * The loops of `repack.ts` for formats that are groups of 32 weights. Planes come with the right lengths: nothing is
 * checked here. One loop a type, though they look alike: each stays monomorphic, with its offsets constant.
 *
 * DataView, because blocks of 18, 22 or 34 bytes leave words unaligned; V8 makes one machine load of each get.
 */
import { WEIGHTS_PER_GROUP } from "./layouts";
import { highNibbles, lowNibbles, putGroup } from "./repack-nibbles";

const NIBBLE_WORDS = 4;
const BYTE_WORDS = WEIGHTS_PER_GROUP / 4;

/** block_q4_0: f16 scale; 16 bytes, of which byte i is weight i (low) and i + 16 (high). */
export function repackQ40(groups: number, input: Uint8Array, nibbles: Uint32Array, scales: Uint32Array): void {
  const view = viewOf(input);
  const halves = halvesOf(scales, groups);
  for (let group = 0, from = 0; group < groups; group++, from += 18) {
    halves[group] = view.getUint16(from, true);
    putQuants(view, from + 2, nibbles, group);
  }
}

/** block_q4_1: f16 scale, f16 minimum; 16 bytes as q4_0's. */
export function repackQ41(groups: number, input: Uint8Array, nibbles: Uint32Array, scaleMins: Uint32Array): void {
  const view = viewOf(input);
  for (let group = 0, from = 0; group < groups; group++, from += 20) {
    scaleMins[group] = view.getInt32(from, true);
    putQuants(view, from + 4, nibbles, group);
  }
}

/** block_q5_0: f16 scale; a word whose bit i is weight i's fifth; 16 bytes as q4_0's. */
export function repackQ50(
  groups: number,
  input: Uint8Array,
  nibbles: Uint32Array,
  bits: Uint32Array,
  scales: Uint32Array,
): void {
  const view = viewOf(input);
  const halves = halvesOf(scales, groups);
  for (let group = 0, from = 0; group < groups; group++, from += 22) {
    halves[group] = view.getUint16(from, true);
    bits[group] = view.getInt32(from + 2, true);
    putQuants(view, from + 6, nibbles, group);
  }
}

/** block_q5_1: f16 scale, f16 minimum; then as q5_0. */
export function repackQ51(
  groups: number,
  input: Uint8Array,
  nibbles: Uint32Array,
  bits: Uint32Array,
  scaleMins: Uint32Array,
): void {
  const view = viewOf(input);
  for (let group = 0, from = 0; group < groups; group++, from += 24) {
    scaleMins[group] = view.getInt32(from, true);
    bits[group] = view.getInt32(from + 4, true);
    putQuants(view, from + 8, nibbles, group);
  }
}

/** block_q8_0: f16 scale; 32 int8 in order. */
export function repackQ80(groups: number, input: Uint8Array, bytes: Uint32Array, scales: Uint32Array): void {
  const view = viewOf(input);
  const halves = halvesOf(scales, groups);
  for (let group = 0, from = 0; group < groups; group++, from += 34) {
    halves[group] = view.getUint16(from, true);
    for (let word = 0; word < BYTE_WORDS; word++) {
      bytes[group * BYTE_WORDS + word] = view.getInt32(from + 2 + 4 * word, true);
    }
  }
}

/** MLC's q_weight: word w of a group holds weights 8w to 8w + 7, the first in the lowest nibble. */
export function repackMlcNibbles(groups: number, input: Uint8Array, nibbles: Uint32Array): void {
  const view = viewOf(input);
  for (let group = 0, from = 0; group < groups; group++, from += 16) {
    putGroup(
      nibbles,
      group * NIBBLE_WORDS,
      interleaveHalves(view.getInt32(from, true)),
      interleaveHalves(view.getInt32(from + 4, true)),
      interleaveHalves(view.getInt32(from + 8, true)),
      interleaveHalves(view.getInt32(from + 12, true)),
    );
  }
}

/** The 16 bytes that GGML's 4-bit and 5-bit groups have in common, as group `group` of the plane. */
function putQuants(view: DataView, from: number, nibbles: Uint32Array, group: number): void {
  const a = view.getInt32(from, true);
  const b = view.getInt32(from + 4, true);
  const c = view.getInt32(from + 8, true);
  const d = view.getInt32(from + 12, true);
  putGroup(nibbles, group * NIBBLE_WORDS, lowNibbles(a, b), lowNibbles(c, d), highNibbles(a, b), highNibbles(c, d));
}

/** Nibbles 0 1 2 3 4 5 6 7 (from the lowest) to 0 4 1 5 2 6 3 7: byte c is nibbles c and 4 + c. */
function interleaveHalves(word: number): number {
  const bytes = (word ^ (word >>> 8)) & 0x0000ff00;
  const swapped = word ^ bytes ^ (bytes << 8);
  const nibbles = (swapped ^ (swapped >>> 4)) & 0x00f000f0;
  return swapped ^ nibbles ^ (nibbles << 4);
}

function viewOf(input: Uint8Array): DataView {
  return new DataView(input.buffer, input.byteOffset, input.byteLength);
}

/** The plane's f16 halves, the one after an odd end set to zero. */
function halvesOf(scales: Uint32Array, groups: number): Uint16Array {
  const halves = new Uint16Array(scales.buffer, scales.byteOffset, scales.length * 2);
  if (groups % 2 !== 0) halves[groups] = 0;
  return halves;
}
