/**
 * Deletes all that Ingle keeps in this browser: models, conversations, presets, settings, what it remembers of the
 * GPU, and the copy of the page itself. Only what is Ingle's: other pages may share the origin.
 */
import { ERASURE_KEY, erasureDone, isErasureAsked } from "./shared/erasure";
import { milliseconds } from "./shared/units";
import { withDeadline } from "./shared/deadline";

/** "blocked": all is emptied, but some tab holds a database open; what is left of it goes with that tab. */
export type Erased = "gone" | "blocked" | "kept";

const OWN = /^ingle\b/;
/** How workbox names its cache, after the scope of the service worker. */
const PRECACHE = "workbox-precache-v2-";
const LOCK = "ingle erasure";
/** A tab that was told to leave has left by then. */
const LEAVING = milliseconds(10_000);
/** Gigabytes are emptied at once, but a browser under load takes its time. */
const EMPTYING = milliseconds(60_000);

/**
 * Deletes all where that was asked for; where it was not, says whether anything is kept.
 *
 * @throws what the storage throws; whoever opens the page next tries again.
 */
export async function erase(): Promise<Erased> {
  // Pages that are not secure have no locks; there the worst is that two tabs delete the same.
  const locks = navigator.locks as LockManager | undefined;
  return locks === undefined ? eraseNow() : locks.request(LOCK, eraseNow);
}

async function eraseNow(): Promise<Erased> {
  // Without the word another tab was the first to delete, and this one has only what is its own.
  if (!isErasureAsked(() => localStorage)) {
    if (await isAnythingKept()) return "kept";
    forget(sessionStorage);
    return "gone";
  }
  const names = await databases();
  // First what must be gone even if a tab that does not answer keeps the database itself.
  await Promise.all(names.map((name) => withDeadline(empty(name), EMPTYING, "The browser's storage")));
  const removed = await Promise.all(
    names.map((name) =>
      withDeadline(remove(name), LEAVING, "Another tab").then(
        () => true,
        () => false,
      ),
    ),
  );
  await removeShell();
  forget(sessionStorage);
  forget(localStorage);
  // Last: another tab's process may see these removals late, one by one, and goes by the word.
  erasureDone(() => localStorage);
  return removed.every(Boolean) ? "gone" : "blocked";
}

function forget(storage: Storage): void {
  for (const key of Object.keys(storage)) if (key.startsWith("ingle.") && key !== ERASURE_KEY) storage.removeItem(key);
}

async function isAnythingKept(): Promise<boolean> {
  return Object.keys(localStorage).some((key) => key.startsWith("ingle.")) || (await databases()).length > 0;
}

async function databases(): Promise<readonly string[]> {
  return (await indexedDB.databases()).flatMap(({ name }) => (name !== undefined && OWN.test(name) ? [name] : []));
}

/** Emptied and closed again; a database that another tab deleted meanwhile is made anew, empty. */
async function empty(name: string): Promise<void> {
  const database = await promised(indexedDB.open(name));
  try {
    const stores = [...database.objectStoreNames];
    if (stores.length === 0) return;
    const transaction = database.transaction(stores, "readwrite");
    const end = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new DOMException("It was aborted.", "AbortError"));
    });
    for (const store of stores) transaction.objectStore(store).clear();
    await end;
  } finally {
    database.close();
  }
}

/** Waits for every tab that has it open. */
async function remove(name: string): Promise<void> {
  await promised(indexedDB.deleteDatabase(name));
}

function promised<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new DOMException("It failed.", "UnknownError"));
  });
}

/** The service worker and all it keeps. A page that is not secure, or a private window, may have neither. */
async function removeShell(): Promise<void> {
  const scope = new URL("./", document.baseURI).href;
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  for (const registration of (await workers?.getRegistrations()) ?? []) {
    if (registration.scope === scope) await registration.unregister();
  }
  if (!("caches" in globalThis)) return;
  for (const name of await caches.keys()) {
    if (OWN.test(name) || name === PRECACHE + scope) await caches.delete(name);
  }
}
