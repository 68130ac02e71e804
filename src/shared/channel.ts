/** Turns what is pushed into what is iterated: for callbacks on one side and `for await` on the other. One reader. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #end: { readonly thrown?: unknown } | undefined;
  #wake: () => void = () => undefined;

  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  /** Nothing more comes. What was pushed is still read. */
  close(): void {
    this.#end ??= {};
    this.#wake();
  }

  /** Nothing more comes, because of this: thrown to the reader after what was pushed. */
  fail(thrown: unknown): void {
    this.#end ??= { thrown };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      while (this.#items.length > 0) yield this.#items.shift() as T;
      if (this.#end !== undefined) {
        if ("thrown" in this.#end) throw this.#end.thrown;
        return;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
