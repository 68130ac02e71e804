/** What the library finds under the browser's names while it loads a model. */
import type { FilesAsCaches } from "./stored-files";

export interface StandIns {
  readonly caches: FilesAsCaches;
  readonly gpu: GPU;
}

/**
 * Ours take the place of `caches` and `navigator.gpu` until the work ends. What keeps hold of the true ones from before,
 * as the rest of the worker does, sees nothing of it. One at a time: the worker loads one model after the other.
 */
export async function withStandIns<T>({ caches, gpu }: StandIns, work: () => Promise<T>): Promise<T> {
  const restore = [replace(globalThis, "caches", caches), replace(navigator, "gpu", gpu)];
  try {
    return await work();
  } finally {
    for (const each of restore) each();
  }
}

function replace(target: object, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    // Most are the prototype's: taken away, it shows again.
    if (own === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, own);
  };
}
