/**
 * How a page learns at once that its worker is gone. A worker that is ended, or killed by the browser for its memory,
 * says nothing; but the Web Lock that it held falls free, and the page, which waits for it, is given it.
 * https://www.w3.org/TR/web-locks/#termination-of-locks
 */

/** Every worker's own: it is the worker's name, too. */
export function lifelineName(): string {
  // randomUUID is hidden over plain http
  return `ingle worker ${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
}

/** The worker's end: held as long as it lives. @param onHeld called once it is. */
export function holdLifeline(name: string, onHeld: () => void): void {
  const locks = navigator.locks as LockManager | undefined; // no page without https has it
  locks
    ?.request(name, () => {
      onHeld();
      return new Promise<never>(() => undefined);
    })
    .catch(() => undefined); // refused: silence tells the page, later
}

/** The page's end, once the worker holds it. @returns ends the watch. */
export function watchLifeline(name: string, onGone: () => void): () => void {
  const ended = new AbortController();
  navigator.locks.request(name, { signal: ended.signal }, onGone).catch(() => undefined);
  return () => ended.abort();
}
