/**
 * Which patterns a string can be held to. The grammar compiler takes a pattern's characters for the JSON's own, so what
 * may match a quote or a backslash would end the string, or spoil it.
 */
const LONGEST_PATTERN = 256;
/** Of all repetitions together: the compiler writes some of them out. */
const MOST_REPETITIONS = 1000;

/** A plain character, an escaped sign, or a kind of character that has neither quote nor backslash. */
const PLAIN = String.raw`[^\\.[\]"\p{Cc}]|\\[dw.\-+*?()[\]{}|^$/]`;
const IN_CLASS = String.raw`[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9]|[^\\\]["^\-\p{Cc}]|\\[dw.\-+*?()[\]{}|^$/]`;
const SAFE = new RegExp(String.raw`^(?:${PLAIN}|\[(?:${IN_CLASS})+-?\])*$`, "u");

/** @returns why a string can't be held to it; undefined where it can. */
export function checkPattern(pattern: unknown): string | undefined {
  if (typeof pattern !== "string" || pattern.length > LONGEST_PATTERN) {
    return `"pattern" has to be a text of at most ${LONGEST_PATTERN} characters.`;
  }
  if (!SAFE.test(pattern)) {
    return (
      '"pattern" has a part that may match a quote or a backslash, or that is not known; ' +
      "it can have plain characters, groups, \\d, \\w, and lists like [a-z0-9_]."
    );
  }
  const repetitions = [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].map(([, least, most]) => Number(most || least));
  if (repetitions.reduce((product, times) => product * Math.max(1, times), 1) > MOST_REPETITIONS) {
    return `"pattern" repeats its parts more than ${MOST_REPETITIONS} times.`;
  }
  return undefined;
}
