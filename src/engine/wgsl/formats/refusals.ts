/** How readers refuse a model: always with the file, and with what of it. What files say is clipped and quoted. */
import { IngleError } from "../../../shared/errors";

/** Names in messages: real ones are far shorter, and a hostile one must not fill the page. */
const LONGEST_QUOTE = 80;

/** The file is damaged, or claims what can't be. */
export function invalid(file: string, what: string, cause?: unknown): IngleError {
  return new IngleError("model-invalid", `${file}: ${what}.`, { cause });
}

/** The file is sound as far as it was read, but holds what this engine does not run. */
export function unsupported(file: string, what: string): IngleError {
  return new IngleError("model-unsupported", `${file}: ${what}.`);
}

/** Anything from a file, for a message: text in quotes, an array or object only as what it is. */
export function quoted(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value);
  }
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
