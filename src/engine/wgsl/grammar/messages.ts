/** What the engine and the grammar worker say to each other. One question at a time; each but "close" has one answer. */

/** The model's tokens, told once. */
export interface Vocabulary {
  /** The tokens' bytes, one token after the other; a token without any is never written. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where in them each token ends, by id. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** What ends a reply. */
  readonly stopTokens: readonly number[];
}

export type Question =
  | { readonly type: "vocabulary"; readonly vocabulary: Vocabulary }
  /** A reply begins that is to be JSON by this schema. */
  | { readonly type: "open"; readonly schema: string }
  /** The token that the model chose. */
  | { readonly type: "accept"; readonly token: number }
  /** The reply is over, whole or not. */
  | { readonly type: "close" };

/** How things stand before the next token. */
export interface Step {
  readonly type: "step";
  /** Bit i of word w: whether token 32 w + i may come next. */
  readonly mask: Int32Array<ArrayBuffer>;
  /** Whether the reply may end here, and whether nothing else is left to it. */
  readonly isWhole: boolean;
  readonly isOver: boolean;
}

export type Answer =
  | { readonly type: "ready" }
  | Step
  /** The compiler does not take the schema. The worker is of no use after that. */
  | { readonly type: "refused"; readonly reasons: readonly string[] }
  /** The token is none of those that might come. */
  | { readonly type: "rejected" };
