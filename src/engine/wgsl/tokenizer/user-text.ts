/**
 * Keeps what people write from becoming special tokens. Rendering a template joins its own text and theirs into one
 * string, and only then is it cut into tokens, so "<|im_end|>" in a message would end the message.
 *
 * Templates look at messages and change them (trim, split at "</think>", test how one begins), so a placeholder in a
 * message's stead would change what they write. Instead a mark, a private-use character that occurs nowhere else, is
 * put inside each look-alike, after its first character, and taken out when the rendered text has been cut at its
 * special tokens. Everything else of the message stays as it is.
 *
 * Sound as long as the template passes on pieces of messages in order: every occurrence within a message is broken,
 * and so is a beginning of one at a message's end, which the next message could complete. What is not covered is a
 * template that composes a special token from pieces of a message by deleting text between them, or that writes the
 * beginning of one right before a message.
 */
import { IngleError } from "../../../shared/errors";
import type { SpecialTokens } from "./special-tokens";

/** A message with the mark in its look-alikes. */
export function withMarks(text: string, specials: SpecialTokens, mark: string): string {
  const starts = marksIn(text, specials);
  let marked = "";
  let from = 0;
  for (const start of starts) {
    // Not between the halves of a surrogate pair.
    const after = start + String.fromCodePoint(text.codePointAt(start) ?? 0).length;
    marked += text.slice(from, after) + mark;
    from = after;
  }
  return marked + text.slice(from);
}

/** Where look-alikes begin, in order. */
function marksIn(text: string, specials: SpecialTokens): number[] {
  const starts = new Set(specials.starts(text));
  // A template may trim, which moves the end.
  for (const end of [text.length, text.trimEnd().length]) {
    for (const start of specials.unfinishedStarts(text, end)) starts.add(start);
  }
  return [...starts].sort((a, b) => a - b);
}

/**
 * Two private-use characters that occur in none of the texts.
 *
 * @throws IngleError "chat-invalid" when there are not two.
 */
export function unusedCharacters(texts: readonly string[]): [string, string] {
  const used = new Set<string>();
  for (const text of texts) for (const [character] of text.matchAll(/\p{Co}/gu)) used.add(character);
  const found: string[] = [];
  for (let code = 0xe000; code <= 0xffffd; code = code === 0xf8ff ? 0xf0000 : code + 1) {
    const character = String.fromCodePoint(code);
    if (!used.has(character)) found.push(character);
    const [first, second] = found;
    if (first !== undefined && second !== undefined) return [first, second];
  }
  throw new IngleError("chat-invalid", "The conversation has every private-use character of Unicode in it.");
}
