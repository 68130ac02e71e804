/** A JSON file of a model's: bounded before it is parsed, checked against a schema after. */
import * as v from "valibot";
import { formatBytes } from "../../../shared/units";
import { readBytes, type ByteSource } from "./byte-source";
import { invalid, quoted } from "./refusals";

/** Real ones go five deep. */
const DEEPEST = 64;
/** Twice what Llama 3's tokenizer.json has: 0.13 million tokens, 0.28 million merges as pairs. */
const MOST_ITEMS = 2 ** 21;

/**
 * @param most bytes the file may have.
 * @throws IngleError "model-invalid" naming the file; as the source does.
 */
export async function readJson(source: ByteSource, most: number, signal: AbortSignal): Promise<unknown> {
  if (source.size > most) {
    throw invalid(source.name, `it has ${formatBytes(source.size)}, and ${formatBytes(most)} would be a lot`);
  }
  const bytes = await readBytes(source, 0, source.size, signal);
  checkExtent(bytes, source.name);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (thrown) {
    throw invalid(source.name, "it is no JSON", thrown); // whose own words quote the file
  }
}

/** What parsing would make of few bytes: "[[[…" and "[[],[],…" take many times their length in memory. */
function checkExtent(bytes: Uint8Array, file: string): void {
  let depth = 0;
  let items = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth++;
      items++;
      if (depth > DEEPEST) throw invalid(file, `it is nested over ${DEEPEST} deep`);
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
    else if (byte === COMMA) items++;
    if (items > MOST_ITEMS) throw invalid(file, `it has over ${MOST_ITEMS} items`);
  }
}

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Array.from(
  '"\\,[]{}',
  (character) => character.charCodeAt(0),
);

/** @throws IngleError "model-invalid" naming the file and the path in it. */
export function checkJson<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  file: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  if (path !== null && issue.input === undefined) throw invalid(file, `${quoted(path)} is missing`);
  // The schema's own words quote what they got, at any length.
  const got = issue.path ? quoted(issue.path.at(-1)?.value) : quoted(issue.input);
  const expected = issue.expected === null ? "" : `, not ${issue.expected}`;
  throw invalid(file, `${path === null ? "it" : quoted(path)} can't be ${got}${expected}`);
}
