/** Twin of decode-state.wgsl: where each field lies, in 32-bit words. */
export const DECODE_STATE = { position: 0, token: 1, produced: 2, count: 3, words: 4 } as const;
