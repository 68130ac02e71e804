/** Reads JSON that came from outside: of bounded size and depth, so that what walks it later need not fear for its stack. */
import { IngleError } from "../../shared/errors";

/** [characters] Years of talk; an engine's longest string is but twice that. */
const MOST_CHARACTERS = 2 ** 28;
/** [bytes] */
const MOST_BYTES = 2 ** 29;
const MOST_DEPTH = 200;

/** Before a byte of it is read. @throws IngleError "file-invalid" */
export function expectReadable({ size }: Pick<File, "size">): void {
  if (size > MOST_BYTES) throw invalid("it has more than 512 MiB");
}

/** @throws IngleError "file-invalid" */
export function parseBounded(text: string): unknown {
  if (text.length > MOST_CHARACTERS) throw invalid("it has more than 256 million characters");
  if (isDeeper(text, MOST_DEPTH)) throw invalid(`it is nested more than ${MOST_DEPTH} deep, as no export is`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not JSON, or a part of it is missing", cause);
  }
}

export function invalid(why: string, cause?: unknown): IngleError {
  return new IngleError("file-invalid", `This file can't be read: ${why}.`, { cause });
}

/** Looks at brackets and the ends of strings only. */
function isDeeper(text: string, most: number): boolean {
  const marks = /["[\]{}]/gu;
  let depth = 0;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    const [character] = mark;
    if (character === '"') {
      marks.lastIndex = endOfString(text, marks.lastIndex);
    } else if (character === "[" || character === "{") {
      if (++depth > most) return true;
    } else depth--;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  for (let at = start; ;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text[quote - 1 - slashes] === "\\" && quote - slashes > start) slashes++;
    if (slashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}
