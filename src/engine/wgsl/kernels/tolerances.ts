/**
 * How far a kernel may be from its reference: |error| ≤ absolute + relative × Σ|terms|, one line a kernel.
 * A bound is loosened only with its reason written beside it.
 */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

export const TOLERANCES = {
  // f32 sums of about a thousand terms, in chains of 8 and of as many as there are groups: a few dozen roundings of
  // 2^-24 each. The absolute part is far below any f16 scale, subnormals included, so that losing those shows.
  "matvec-q4": { absolute: 1e-9, relative: 2e-6 },
  linear: { absolute: 1e-9, relative: 2e-6 },
  embed: { absolute: 1e-9, relative: 2e-6 },
  attention: { absolute: 1e-9, relative: 1e-5 },
  "f16 store": { absolute: 2 ** -14, relative: 2 ** -10 },
} as const satisfies Record<string, Tolerance>;
