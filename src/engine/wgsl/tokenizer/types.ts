/** What the engine sees of a model's tokens and of its chat template. */

import type { ChatMessage } from "../../engine";

export interface ChatOptions {
  /** Whether the prompt ends where the assistant's next reply begins. Left out of account when continuing. */
  readonly addGenerationPrompt: boolean;
  /** The last message is the assistant's, unfinished: the prompt ends right after its text. */
  readonly continueFinalMessage: boolean;
}

/**
 * A rendered conversation in which the template's special tokens and everybody's text can't be confused: a number is
 * a token, a string is text and nothing but text, whatever it looks like.
 */
export interface Prompt {
  readonly pieces: readonly (string | number)[];
  /** The same as one string, as the template wrote it: for people. Reading it back would confuse the two. */
  readonly text: string;
}

/** Turns tokens into text as they come. One for each reply. */
export interface TokenDecoder {
  /** The text that is certain by now: a character whose bytes are still to come is kept back. */
  push(token: number): string;
  /** What was kept back; unfinished characters become U+FFFD. The decoder can't be used after that. */
  flush(): string;
}

export interface ModelTokenizer {
  /** Tokens the files name. The model's own number may be larger: matrices are padded. */
  readonly vocabularySize: number;
  /** A reply ends at any of these. */
  readonly stopTokens: ReadonlySet<number>;
  /** The token that begins every prompt, where there is one and the model wants it. */
  readonly beginToken: number | undefined;

  /**
   * Plain text as tokens: what looks like a special token stays text. No begin token.
   *
   * @throws IngleError "chat-invalid" for a text of more than two million characters.
   */
  encode(text: string): number[];

  /**
   * A prompt as tokens, with the begin token unless it is there already. A string is taken for a template's output,
   * trusted whole: its special tokens become tokens. For what people wrote, use `renderChat` or `encode`.
   *
   * @throws IngleError "chat-invalid" as `encode`.
   */
  encodePrompt(prompt: Prompt | string): number[];

  /**
   * @throws IngleError "chat-invalid" when the template refuses the conversation (its own words) or the conversation
   *   has nothing to continue; "model-unsupported" when the template itself fails or does not end.
   */
  renderChat(messages: readonly ChatMessage[], options: ChatOptions): Prompt;

  /**
   * @param continues Whether the text goes on where another ended, so that a leading space is its own.
   */
  decoder(options?: { readonly continues?: boolean }): TokenDecoder;

  /** The bytes a token stands for; none for special and unknown tokens. The caller must not change them. */
  bytesOfToken(token: number): Uint8Array;
}
