/** The bytes each token stands for, from the vocabulary's spelling. */
import type { TokenizerParts } from "./parts";

const NO_BYTES = new Uint8Array();
const encoder = new TextEncoder();

/**
 * GPT-2's alphabet: each byte has a letter, so that tokens of any bytes can be written as text. Printable Latin-1
 * stands for itself, the rest follows from U+0100 on.
 */
const BYTE_OF_LETTER: ReadonlyMap<string, number> = (() => {
  const letters = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const itself = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    letters.set(String.fromCharCode(itself ? byte : next++), byte);
  }
  return letters;
})();

export function bytesOfToken(parts: TokenizerParts, token: number): Uint8Array {
  const text = parts.tokens[token];
  const kind = parts.kinds[token];
  if (text === undefined) return NO_BYTES;
  switch (kind) {
    case "text":
      return parts.spelling === "byte-level" ? fromLetters(text) : encoder.encode(text.replaceAll("▁", " "));
    case "byte": {
      const byte = byteOf(text);
      return byte === undefined ? NO_BYTES : Uint8Array.of(byte);
    }
    case "added":
      return encoder.encode(text);
    default:
      return NO_BYTES;
  }
}

/** The byte of <0xE4>; undefined for what is not written so. */
export function byteOf(text: string): number | undefined {
  const hex = /^<0x([0-9A-Fa-f]{2})>$/.exec(text)?.[1];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}

function fromLetters(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = BYTE_OF_LETTER.get(text.charAt(i));
    // No letter of the alphabet: a file that spells some tokens as plain text.
    if (byte === undefined) return encoder.encode(text);
    bytes[i] = byte;
  }
  return bytes;
}
