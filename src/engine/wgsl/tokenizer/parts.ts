/** What the readers of the two file forms (`from-gguf.ts`, `from-json.ts`) hand to the tokenizer proper. */
import { IngleError } from "../../../shared/errors";

/**
 * What a token is:
 * - "text": a piece of text in the vocabulary's spelling;
 * - "byte": one byte, written <0xE4>;
 * - "added": text matched whole, wherever it occurs, people's text included (`<think>`, `<tool_call>`);
 * - "special": steers (begin, end of turn); only the template may write it;
 * - "none": never used.
 */
export type TokenKind = "text" | "byte" | "added" | "special" | "none";

export interface SpecialToken {
  readonly id: number;
  readonly text: string;
  /** Whether the token swallows the white space before it, after it. */
  readonly stripsLeft: boolean;
  readonly stripsRight: boolean;
}

export interface TokenizerParts {
  /** By id; "" where an id has no token. */
  readonly tokens: readonly string[];
  readonly kinds: readonly TokenKind[];
  /** How "text" tokens are spelt: GPT-2's letter for each byte, or SentencePiece's ▁ for a space. */
  readonly spelling: "byte-level" | "sentencepiece";
  /** Whether a text gets a space before it, which its decoder takes away again. */
  readonly spacePrefix: boolean;
  /** The first text of a prompt, and no other, gets a space before it unless it begins with one. */
  readonly firstPrefix: boolean;
  readonly specials: readonly SpecialToken[];
  readonly bpe: BpeTokenizer;
  readonly bos: number | undefined;
  readonly eos: number | undefined;
  readonly addBos: boolean;
  readonly stopTokens: ReadonlySet<number>;
  readonly chatTemplate: string | undefined;
}

/** The tokenizer.json that `@huggingface/tokenizers` is given: text only, no special tokens, nothing to add. */
export interface BpeTokenizer {
  readonly added_tokens: readonly AddedTokenJson[];
  readonly normalizer: object | null;
  readonly pre_tokenizer: object | null;
  readonly post_processor: null;
  readonly decoder: null;
  readonly model: {
    readonly type: "BPE";
    vocab: Readonly<Record<string, number>>;
    readonly merges: [string, string][];
    readonly unk_token: string | null;
    readonly fuse_unk: boolean;
    readonly byte_fallback: boolean;
    readonly ignore_merges: boolean;
  };
}

export interface AddedTokenJson {
  readonly id: number;
  readonly content: string;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: false;
}

/** More tokens than any model has; the reader of a hostile file stops here. */
export const MAX_TOKENS = 1 << 21;

export function invalid(message: string): IngleError {
  return new IngleError("model-invalid", message);
}

export function unsupported(message: string): IngleError {
  return new IngleError("model-unsupported", message);
}
