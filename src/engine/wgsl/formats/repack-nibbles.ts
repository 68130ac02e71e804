/** The bit transposition that all 4-bit formats share: file order in, the "nibbles" plane of `layouts.ts` out. */

/** The low nibble of each byte of a word. */
export const LOW_NIBBLES = 0x0f0f0f0f;

/**
 * Writes the 4 words of one group: byte k of word c is byte c of the k-th argument. An argument's byte c is two
 * nibbles: weight 8k + c's low, weight 8k + 4 + c's high.
 *
 * @param at the group's first word in `nibbles`.
 */
export function putGroup(
  nibbles: Uint32Array,
  at: number,
  first: number,
  second: number,
  third: number,
  fourth: number,
): void {
  // A 4 × 4 transposition of bytes in two steps: single bytes between neighbours, then pairs.
  const even01 = (first & 0x00ff00ff) | ((second & 0x00ff00ff) << 8);
  const odd01 = ((first >>> 8) & 0x00ff00ff) | (second & 0xff00ff00);
  const even23 = (third & 0x00ff00ff) | ((fourth & 0x00ff00ff) << 8);
  const odd23 = ((third >>> 8) & 0x00ff00ff) | (fourth & 0xff00ff00);
  nibbles[at] = (even01 & 0xffff) | (even23 << 16);
  nibbles[at + 1] = (odd01 & 0xffff) | (odd23 << 16);
  nibbles[at + 2] = (even01 >>> 16) | (even23 & 0xffff0000);
  nibbles[at + 3] = (odd01 >>> 16) | (odd23 & 0xffff0000);
}

/** Byte by byte: the low nibbles of both, the first's below. */
export function lowNibbles(first: number, second: number): number {
  return (first & LOW_NIBBLES) | ((second & LOW_NIBBLES) << 4);
}

/** Byte by byte: the high nibbles of both, the first's below. */
export function highNibbles(first: number, second: number): number {
  return ((first >>> 4) & LOW_NIBBLES) | (second & ~LOW_NIBBLES);
}
