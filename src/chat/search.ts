/** Searches texts as people expect: neither case nor accents count, and every word has to be there. Pure. */

/** [characters] More is no search. */
const MOST_QUERY = 200;
/** [characters] before and after what was found. */
const AROUND = 60;

/** Latin, Greek and Cyrillic accents, and the vowel points of Hebrew and Arabic: what people leave out when typing. */
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0670]/gu;

/** Upper case, because it takes "ß" to "SS" and both small sigmas to one. */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(MARKS, "").toUpperCase();
}

/** The words of a query, folded; empty for one that looks for nothing. */
export function wordsOf(query: string): readonly string[] {
  const words = fold(query.slice(0, MOST_QUERY)).split(/\s+/u);
  return [...new Set(words.filter((word) => word !== ""))];
}

export interface Excerpt {
  /** One line. */
  readonly text: string;
  /** [UTF-16 units] Where in it the first word is. */
  readonly start: number;
  readonly end: number;
}

/** Where a text has all words, or undefined. */
export function find(text: string, words: readonly string[]): Excerpt | undefined {
  const [first] = words;
  if (first === undefined) return undefined;
  const folded = fold(text);
  if (!words.every((word) => folded.includes(word))) return undefined;
  const at = folded.indexOf(first);
  const [start, end] = unfolded(text, at, at + first.length);
  const from = boundary(text, start - AROUND);
  const to = boundary(text, end + AROUND);
  const before = `${from > 0 ? "…" : ""}${oneLine(text.slice(from, start))}`;
  const found = oneLine(text.slice(start, end));
  const after = `${oneLine(text.slice(end, to))}${to < text.length ? "…" : ""}`;
  return { text: before + found + after, start: before.length, end: before.length + found.length };
}

/** [UTF-16 units] Where in a text the places of its folded form come from. Folded piece by piece only where it is needed. */
function unfolded(text: string, start: number, end: number): readonly [number, number] {
  const lengths = new Map<string, number>();
  let at = 0;
  let foldedAt = 0;
  let from = 0;
  for (const character of text) {
    if (foldedAt >= end) break;
    const length = lengths.get(character) ?? fold(character).length;
    lengths.set(character, length);
    foldedAt += length;
    if (foldedAt <= start) from = at + character.length;
    at += character.length;
  }
  // An accent that stands by itself belongs to the letter before it.
  while (at < text.length && fold(text.charAt(at)) === "") at++;
  return [from, at];
}

/** Not between the halves of a character. */
function boundary(text: string, at: number): number {
  const place = Math.min(Math.max(0, at), text.length);
  const isInside = place > 0 && place < text.length && /^[\udc00-\udfff]/.test(text.charAt(place));
  return isInside ? place - 1 : place;
}

/** As long as it was, so that places in it stay. */
const oneLine = (text: string) => text.replace(/[\n\r\t\u2028\u2029]/gu, " ");
