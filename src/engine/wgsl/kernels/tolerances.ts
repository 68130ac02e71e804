/**
 * How far a kernel may be from its reference: |error| ≤ absolute + relative × Σ|terms|, one line a kernel.
 * A bound is loosened only with its reason written beside it.
 */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

export const TOLERANCES = {
  // f32 sums of about a thousand terms, in chains of 32 and of as many as there are groups: a few dozen roundings of
  // 2^-24 each. The absolute part is far below any f16 scale, subnormals included, so that losing those shows.
  linear: { absolute: 1e-9, relative: 2e-6 },
  // One rounding of a weight, one each of its product with the norm and of its square.
  embed: { absolute: 1e-9, relative: 2e-6 },
  // Its terms count the doubts of scores and exponentials in full (attention.ref.ts), 2^-23 each at WGSL's worst.
  attention: { absolute: 1e-9, relative: 1e-6 },
  // Tokens are whole numbers and exact. Adjusted logits: a division of 2.5 units in the last place, two products, three
  // sums. The absolute part is for logits that cancel to nothing.
  sample: { absolute: 1e-6, relative: 1e-6 },
  // Logits of a whole model with an f32 cache, against the terms of the head's product alone: every layer before it
  // rounds too.
  forward: { absolute: 1e-6, relative: 1e-5 },
  // Keys and values are kept in f16, by choice. WGSL lets the conversion take either neighbour, 2^-10 apart, and
  // flush what is below f16's smallest normal number, 2^-14.
  "f16 store": { absolute: 2 ** -14, relative: 2 ** -10 },
} as const satisfies Record<string, Tolerance>;
