/** A part of the page that is loaded when something first needs it. */
export class Lazy<T> {
  /** Undefined until it is there. */
  value: T | undefined;
  #loading: Promise<T | undefined> | undefined;
  readonly #load: () => Promise<T>;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** @returns undefined where it could not be loaded; the next call tries again */
  get(): Promise<T | undefined> {
    this.#loading ??= this.#load().then(
      (value) => (this.value = value),
      () => (this.#loading = undefined),
    );
    return this.#loading;
  }
}
