/** A conversation's title, made of its first message. Pure. */
import { splitThought } from "./think";

const MOST_CHARACTERS = 60;
/** [UTF-16 units] One character as people count them can be thousands of combining marks. */
const MOST_UNITS = 300;
/** [UTF-16 units] More of a message is not looked at. */
const LOOKED_AT = 4000;

/** Line breaks and the like are spaces; what would turn the direction of what stands after a title is nothing. */
const INVISIBLE = /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** One line of at most 60 characters, cut between words where it can be; empty for a message without text. */
export function titleOf(text: string): string {
  const looked = splitThought(text).answer.trimStart().slice(0, LOOKED_AT);
  const line = looked.replace(/\s+/gu, " ").replace(INVISIBLE, "").trim();
  const start = line.slice(0, 2 * MOST_UNITS);
  let end = 0;
  let characters = 0;
  for (const { index, segment } of segmenter.segment(start)) {
    if (characters === MOST_CHARACTERS || index + segment.length > MOST_UNITS) break;
    end = index + segment.length;
    characters++;
  }
  if (end === line.length) return line;
  const cut = line.slice(0, end);
  const space = cut.lastIndexOf(" ");
  const isInWord = line[end] !== " " && space > cut.length / 2;
  return cut === "" ? "" : `${(isInWord ? cut.slice(0, space) : cut).trimEnd()}…`;
}
