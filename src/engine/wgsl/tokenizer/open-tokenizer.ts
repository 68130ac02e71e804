/** The way in: from what a model's files say of tokens to the tokenizer the engine works with. */
import { Tokenizer } from "@huggingface/tokenizers";
import { asIngleError } from "../../../shared/errors";
import type { TokenizerSource } from "../formats/model-file";
import { Chat, chatInvalid, wellFormed } from "./chat";
import { partsFromGguf } from "./from-gguf";
import { partsFromJson } from "./from-json";
import type { BpeTokenizer, TokenizerParts } from "./parts";
import { isolate } from "./pre-tokenizers";
import { SpecialTokens } from "./special-tokens";
import { StreamDecoder } from "./stream-decoder";
import { bytesOfToken } from "./token-bytes";
import type { ChatMessage } from "../../engine";
import type { ChatOptions, ModelTokenizer, Prompt, TokenDecoder } from "./types";

/** No context here holds more. The worst text of this length, spaces only, takes ten seconds. */
const MAX_TEXT = 2_000_000;
/**
 * Words longer than this are cut, or time and memory for merging them would grow faster than they do. What a cut
 * changes is at most the few tokens next to it, in text no model has seen the like of.
 */
const LONGEST_WORD = 4096;

/** @throws IngleError "model-invalid", "model-unsupported" */
export function openTokenizer(source: TokenizerSource): ModelTokenizer {
  return new FileTokenizer(partsOf(source));
}

function partsOf(source: TokenizerSource): TokenizerParts {
  switch (source.kind) {
    case "gguf":
      return partsFromGguf(source.metadata);
    case "json":
      return partsFromJson(source);
  }
}

class FileTokenizer implements ModelTokenizer {
  readonly vocabularySize: number;
  readonly stopTokens: ReadonlySet<number>;
  readonly beginToken: number | undefined;
  readonly #parts: TokenizerParts;
  readonly #specials: SpecialTokens;
  readonly #chat: Chat;
  readonly #library: Tokenizer;
  readonly #bytes = new Map<number, Uint8Array>();

  constructor(parts: TokenizerParts) {
    this.vocabularySize = parts.tokens.length;
    this.stopTokens = parts.stopTokens;
    this.beginToken = parts.addBos ? parts.bos : undefined;
    this.#parts = parts;
    this.#specials = new SpecialTokens(parts.specials);
    this.#chat = new Chat(parts, this.#specials);
    this.#library = openLibrary(parts.bpe);
  }

  encode(text: string): number[] {
    return this.#encode(text, true);
  }

  #encode(text: string, first: boolean): number[] {
    if (text.length > MAX_TEXT) {
      throw chatInvalid(`A text of ${text.length.toLocaleString("en")} characters is more than any model takes.`);
    }
    const prefix = this.#parts.firstPrefix && first && text !== "" && !/^[ ▁]/.test(text) ? " " : "";
    return this.#library.encode(prefix + wellFormed(text), { add_special_tokens: false }).ids;
  }

  encodePrompt(prompt: Prompt | string): number[] {
    const pieces = typeof prompt === "string" ? this.#specials.split(prompt) : prompt.pieces;
    const tokens = this.beginToken === undefined || pieces[0] === this.beginToken ? [] : [this.beginToken];
    pieces.forEach((piece, index) => {
      // Not push(...): a long text has more tokens than a call takes arguments.
      if (typeof piece === "number") tokens.push(piece);
      else for (const token of this.#encode(piece, index === 0)) tokens.push(token);
    });
    return tokens;
  }

  renderChat(messages: readonly ChatMessage[], options: ChatOptions): Prompt {
    return this.#chat.render(messages, options);
  }

  decoder(options?: { readonly continues?: boolean }): TokenDecoder {
    const dropSpace = this.#parts.spacePrefix && options?.continues !== true;
    return new StreamDecoder((token) => this.#keptBytes(token), dropSpace);
  }

  bytesOfToken(token: number): Uint8Array {
    return bytesOfToken(this.#parts, token);
  }

  /** Only what replies are made of is kept: all of a vocabulary would be many megabytes. */
  #keptBytes(token: number): Uint8Array {
    let bytes = this.#bytes.get(token);
    if (bytes === undefined) this.#bytes.set(token, (bytes = this.bytesOfToken(token)));
    return bytes;
  }
}

function openLibrary(bpe: BpeTokenizer): Tokenizer {
  try {
    const cut = isolate(String.raw`[\s\S]{1,${LONGEST_WORD}}`);
    const pretokenizers = bpe.pre_tokenizer === null ? [cut] : [bpe.pre_tokenizer, cut];
    const library = new Tokenizer({ ...bpe, pre_tokenizer: { type: "Sequence", pretokenizers } }, {});
    // It has made its own tables of these, and would keep both: 40 MB for Llama 3.
    bpe.model.vocab = {};
    bpe.model.merges.length = 0;
    return library;
  } catch (thrown) {
    throw asIngleError(thrown, "model-invalid");
  }
}
