/** A GGUF in several files: "…-00001-of-00003.gguf" is the first, and names the others. */
import { IngleError } from "../../shared/errors";

const FIRST_PART = /-00001-of-(\d{5})(?=\.gguf(?:\?|$))/;
const MOST_PARTS = 64;

/** @returns all of them, of a file in one piece that one. @throws IngleError "request-invalid" */
export function partsOf(first: string): readonly [string, ...string[]] {
  const count = Number(FIRST_PART.exec(first)?.[1] ?? 1);
  if (count < 1 || count > MOST_PARTS) throw new IngleError("request-invalid", `${first} is one of ${count} parts.`);
  const rest = Array.from({ length: count - 1 }, (_, i) =>
    first.replace(FIRST_PART, `-${digits(i + 2)}-of-${digits(count)}`),
  );
  return [first, ...rest];
}

export function withoutPart(name: string): string {
  return name.replace(FIRST_PART, "");
}

const digits = (n: number) => String(n).padStart(5, "0");
