/**
 * What the page has learnt of this adapter's kernels, handed on from test to test: choosing anew takes a software adapter
 * up to twenty seconds a model, and whoever comes back to a page has it behind them. The first test of a run that loads a
 * model still chooses.
 */
import type { BrowserContext } from "playwright/test";

/** As src/worker/choice-memory.ts keeps them. */
const PLACE = { database: "ingle-kernels", store: "choices" };

export class KernelChoices {
  #known: readonly (readonly [key: string, choice: unknown])[] = [];

  /** To what is opened from now on. Whichever of the tests' hosts serves Ingle, the adapter is the same. */
  async handTo(context: BrowserContext): Promise<void> {
    if (this.#known.length === 0) return;
    await context.addInitScript(
      ({ known, database, store }) => {
        if (!/^(?:localhost|127\.0\.0\.1)$/.test(location.hostname) || window !== top) return;
        const opening = indexedDB.open(database);
        opening.onupgradeneeded = () => opening.result.createObjectStore(store);
        opening.onsuccess = () => {
          const { result } = opening;
          const writing = result.transaction(store, "readwrite");
          for (const [key, choice] of known) writing.objectStore(store).put(choice, key);
          writing.oncomplete = () => result.close();
        };
      },
      { known: this.#known, ...PLACE },
    );
  }

  /** From one of its pages, if one is still open. */
  async takeFrom(context: BrowserContext, site: string): Promise<void> {
    const page = context.pages().find((each) => each.url().startsWith(site));
    if (page === undefined) return;
    const reading = page.evaluate(async ({ database, store }) => {
      const isThere = (await indexedDB.databases()).some(({ name }) => name === database);
      if (!isThere) return [];
      const ended = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error ?? new Error("IndexedDB says nothing."));
        });
      const opened = await ended(indexedDB.open(database));
      const choices = opened.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([ended(choices.getAllKeys()), ended<unknown[]>(choices.getAll())]);
      opened.close();
      return keys.flatMap((key, i) => (typeof key === "string" ? [[key, values[i]] as const] : []));
    }, PLACE);
    // A page that a test has crashed, or holds, has nothing to say.
    const late = new Promise<readonly []>((resolve) => setTimeout(() => resolve([]), 2000));
    const found = await Promise.race([reading, late]).catch(() => []);
    this.#known = [...new Map([...this.#known, ...found])];
  }
}
