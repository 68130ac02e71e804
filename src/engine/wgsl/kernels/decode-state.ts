/** Twin of decode-state.wgsl: where each field lies, in 32-bit words. */
export const DECODE_STATE = { token: 0, position: 1, produced: 2, count: 3, words: 4 } as const;
