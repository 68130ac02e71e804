/** Reads GGUF metadata by type: what is absent is undefined, what is of another type than it must be is an error. */
import { invalid } from "./parts";

export class Metadata {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  string(key: string): string | undefined {
    return this.#get(key, (value) => typeof value === "string", "text");
  }

  boolean(key: string): boolean | undefined {
    return this.#get(key, (value) => typeof value === "boolean", "yes or no");
  }

  strings(key: string): readonly string[] | undefined {
    return this.#get(
      key,
      (value): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === "string"),
      "a list of texts",
    );
  }

  numbers(key: string): readonly number[] | undefined {
    return this.#get(
      key,
      (value): value is readonly number[] => Array.isArray(value) && value.every((item) => typeof item === "number"),
      "a list of numbers",
    );
  }

  /** A token's id. One outside the vocabulary is as good as none: files say "none" by -1 or 2³² - 1. */
  token(key: string, vocabulary: number): number | undefined {
    const value = this.#get(key, (value) => typeof value === "number" || typeof value === "bigint", "a number");
    if (value === undefined) return undefined;
    const id = Number(value);
    return Number.isInteger(id) && id >= 0 && id < vocabulary ? id : undefined;
  }

  #get<T>(key: string, is: (value: unknown) => value is T, what: string): T | undefined {
    if (!Object.hasOwn(this.#fields, key)) return undefined;
    const value = this.#fields[key];
    if (value === undefined) return undefined;
    if (!is(value)) throw invalid(`The file's ${key} should be ${what} and is not.`);
    return value;
  }
}
