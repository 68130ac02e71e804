/** Tokens to text, one by one: bytes wait until the character they belong to is whole. */
import type { TokenDecoder } from "./types";

export class StreamDecoder implements TokenDecoder {
  // Leaves U+FEFF where it stands, and turns what can't be UTF-8 into U+FFFD as soon as that is certain.
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #bytesOfToken: (token: number) => Uint8Array;
  #dropSpace: boolean;

  /**
   * @param dropSpace Whether the first byte, should it be a space, is not the text's own: SentencePiece models write
   *   one before every text.
   */
  constructor(bytesOfToken: (token: number) => Uint8Array, dropSpace: boolean) {
    this.#bytesOfToken = bytesOfToken;
    this.#dropSpace = dropSpace;
  }

  push(token: number): string {
    let bytes = this.#bytesOfToken(token);
    if (this.#dropSpace && bytes.length > 0) {
      this.#dropSpace = false;
      if (bytes[0] === 0x20) bytes = bytes.subarray(1);
    }
    return this.#utf8.decode(bytes, { stream: true });
  }

  flush(): string {
    return this.#utf8.decode();
  }
}
