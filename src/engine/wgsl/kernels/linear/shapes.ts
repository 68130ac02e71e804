/** The forms a matrix product can take: candidates, timed on the user's adapter. */

export type DecodeShape =
  | { readonly kind: "rows"; readonly quadsPerThread: number; readonly workgroup: number }
  | { readonly kind: "tree"; readonly lanes: number; readonly workgroup: number }
  | { readonly kind: "subgroup"; readonly workgroup: number };

export type PrefillShape =
  | { readonly kind: "register"; readonly quadsPerThread: number; readonly workgroup: number }
  | { readonly kind: "shared" };

/** What runs anywhere; also what the candidates are compared with. */
export const PLAIN_DECODE: DecodeShape = { kind: "rows", quadsPerThread: 8, workgroup: 16 };
export const PLAIN_PREFILL: PrefillShape = { kind: "register", quadsPerThread: 8, workgroup: 16 };

/** Tokens of a prompt that a form computes together: fewer cost as much. */
export function tokensPerTile({ kind }: PrefillShape): number {
  return kind === "shared" ? 32 : 4;
}
