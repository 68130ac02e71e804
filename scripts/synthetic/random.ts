/**
 * Random numbers by position, so that any part of a file can be made without the rest. 32-bit integers only, then
 * exact arithmetic: every JavaScript engine gives the same bits.
 */

/** MurmurHash3's finaliser over a counter. */
export function hash(key: number, index: number): number {
  let h = Math.imul(index + 1, 0x9e3779b1) ^ key;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** [0, 1), 32 bits of it. */
export function fraction(key: number, index: number): number {
  return hash(key, index) / 2 ** 32;
}

/** (−1, 1). */
export function signed(key: number, index: number): number {
  return (hash(key, index) + 0.5) / 2 ** 31 - 1;
}

/** A key of its own for each tensor. */
export function keyOf(seed: number, name: string): number {
  let key = hash(0x1d1e, seed);
  for (let i = 0; i < name.length; i++) key = hash(key, name.charCodeAt(i));
  return key;
}

export function fillRandom(words: Uint32Array, key: number, firstWord: number): void {
  // `hash`, written out: this loop makes nearly all of the file.
  for (let i = 0; i < words.length; i++) {
    let h = Math.imul(firstWord + i + 1, 0x9e3779b1) ^ key;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    words[i] = h ^ (h >>> 16);
  }
}
