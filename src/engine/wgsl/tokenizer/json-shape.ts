/** Looks into parsed JSON that may be anything: what is not as it must be is a sentence, not a crash. */
import { invalid } from "./parts";

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function object(value: unknown, what: string): Json {
  if (!isObject(value)) throw invalid(`${what} should be an object and is not.`);
  return value;
}

/** Absent and null are an empty list. */
export function list(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`${what} should be a list and is not.`);
  return value as readonly unknown[];
}

export function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw invalid(`${what} should be text and is not.`);
  return value;
}

export function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A value in a message. */
export function shown(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : `something that is no text (${typeof value})`;
}

/** A token's id, below `limit`. */
export function tokenId(value: unknown, limit: number, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= limit) {
    throw invalid(`${what} should be a token's number and is not.`);
  }
  return value;
}
