/** A GGUF file's metadata, asked for by key: what is missing, of another type or out of bounds is named. */
import type { Bound } from "./check-config";
import type { GgufValue } from "./gguf-header";
import { invalid, quoted, unsupported } from "./refusals";

export class Metadata {
  readonly #file: string;
  readonly #values: ReadonlyMap<string, GgufValue>;

  constructor(file: string, values: ReadonlyMap<string, GgufValue>) {
    this.#file = file;
    this.#values = values;
  }

  get(key: string): GgufValue | undefined {
    return this.#values.get(key);
  }

  /** Those whose key begins so. */
  below(prefix: string): Record<string, GgufValue> {
    return Object.fromEntries([...this.#values].filter(([key]) => key.startsWith(prefix)));
  }

  text(key: string): string | undefined {
    const value = this.#values.get(key);
    if (value === undefined || typeof value === "string") return value;
    throw this.#unfit(key, value);
  }

  /** @throws IngleError "model-invalid" when it is there and no finite number. */
  number(key: string): number | undefined {
    const value = this.#values.get(key);
    if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
    throw this.#unfit(key, value);
  }

  /** @throws IngleError "model-invalid" when it is missing with no `fallback`, or out of bounds. */
  real(key: string, { least, most }: Bound, fallback?: number): number {
    const value = this.number(key) ?? fallback;
    if (value === undefined) throw invalid(this.#file, `key ${quoted(key)} is missing`);
    if (!(value >= least && value <= most)) throw this.#unfit(key, value);
    return value;
  }

  /** @throws IngleError as `real`, and when it is no whole number. */
  whole(key: string, bound: Bound, fallback?: number): number {
    const value = this.real(key, bound, fallback);
    if (!Number.isInteger(value)) throw this.#unfit(key, value);
    return value;
  }

  /**
   * What may be one number, or a list of one for each layer, which then must all be the same.
   *
   * @throws IngleError as `whole`; "model-unsupported" when layers differ.
   */
  wholeOfLayers(key: string, layers: number, bound: Bound, fallback?: number): number {
    const value = this.#values.get(key);
    if (!Array.isArray(value)) return this.whole(key, bound, fallback);
    if (value.length !== layers) throw this.#unfit(key, value);
    if (value.some((item) => item !== value[0])) throw unsupported(this.#file, `its layers differ in ${quoted(key)}`);
    return new Metadata(this.#file, new Map([[key, value[0] as GgufValue]])).whole(key, bound);
  }

  #unfit(key: string, value: GgufValue): Error {
    return invalid(this.#file, `key ${quoted(key)} can't be ${quoted(value)}`);
  }
}
