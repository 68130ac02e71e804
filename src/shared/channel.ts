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

/**
 * What work tells while it goes on, as it comes. Leaving the loop stops the work, and does not wait for its end.
 *
 * @param begin is handed what takes an event, and the signal that stops it.
 */
export async function* eventsOf<T>(
  begin: (push: (event: T) => void, signal: AbortSignal) => Promise<unknown>,
  signal?: AbortSignal,
): AsyncGenerator<T, void> {
  const left = new AbortController();
  const events = new Channel<T>();
  begin((event) => events.push(event), signal ? AbortSignal.any([signal, left.signal]) : left.signal).then(
    () => events.close(),
    (thrown: unknown) => events.fail(thrown),
  );
  try {
    yield* events;
  } finally {
    left.abort();
  }
}
