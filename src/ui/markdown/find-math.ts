/** Where math is in a line of Markdown, and where a dollar is money. Pure. */

export interface FoundMath {
  readonly tex: string;
  readonly isDisplay: boolean;
  /** Where the text goes on, as an offset into the source. */
  readonly end: number;
}

/** No formula within a line is longer; it also keeps a text of nothing but dollars from being searched over and over. */
const MAX_LENGTH = 2_000;

/** @param at the offset of a "$" or a backslash */
export function findInlineMath(source: string, at: number): FoundMath | undefined {
  if (source.startsWith("\\(", at)) return delimited(source, at, "\\)", false);
  if (source.startsWith("\\[", at)) return delimited(source, at, "\\]", true);
  if (source.startsWith("$$", at)) return delimited(source, at, "$$", true);
  return source[at] === "$" ? betweenDollars(source, at) : undefined;
}

function delimited(source: string, at: number, closing: string, isDisplay: boolean): FoundMath | undefined {
  const from = at + 2;
  const length = source.slice(from, from + MAX_LENGTH).indexOf(closing);
  if (length < 0) return undefined;
  const tex = source.slice(from, from + length).trim();
  return tex === "" ? undefined : { tex, isDisplay, end: from + length + 2 };
}

/**
 * One dollar on either side. Money is told from math by what touches the dollars: nothing but a formula has no space
 * inside them and no letter or digit outside, and a sum with words after it ("$5/month or $") is prose.
 */
function betweenDollars(source: string, at: number): FoundMath | undefined {
  if (/[\p{L}\p{N}$\\]/u.test(source[at - 1] ?? "")) return undefined;
  const from = at + 1;
  if (/^\s?$/.test(source[from] ?? "")) return undefined;
  const to = closingDollar(source, from);
  if (to === undefined || /\s/.test(source[to - 1] ?? " ") || /[\p{L}\p{N}]/u.test(source[to + 1] ?? "")) {
    return undefined;
  }
  const tex = source.slice(from, to);
  const isProse = /^\d/.test(tex) && /(?:^|\s)\p{L}{2,}(?:\s|$)/u.test(tex);
  return isProse ? undefined : { tex, isDisplay: false, end: to + 1 };
}

/** The next dollar that no backslash precedes. */
function closingDollar(source: string, from: number): number | undefined {
  const last = Math.min(source.length, from + MAX_LENGTH);
  for (let at = from; at < last; at++) {
    const character = source[at];
    if (character === "\\") at++;
    else if (character === "$") return at;
  }
  return undefined;
}
