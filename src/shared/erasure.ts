/**
 * "Delete everything": the word is left in storage and every tab leaves its page; the next one to open deletes all
 * before it starts anything (src/erase.ts). So no tab has anything open by then, and a tab that is closed half way
 * costs nothing: the word is the last that goes.
 */

export const ERASURE_KEY = "ingle.erase";
/** The address of a tab where all was deleted: nothing starts there. */
const HASH = "#/erased";

/** @throws what the storage throws, when it is blocked. */
export function askToErase(storage: () => Pick<Storage, "setItem">): void {
  storage().setItem(ERASURE_KEY, "all");
  leave();
}

/** Another tab may ask. */
export function leaveWhenErased(): void {
  addEventListener("storage", ({ key, newValue }) => {
    if (key === ERASURE_KEY && newValue !== null) leave();
  });
}

function leave(): void {
  history.replaceState(null, "", HASH);
  location.reload();
}

/** Whether this page opens where all is to be deleted, or was. */
export function isErasing(storage: () => Pick<Storage, "getItem">): boolean {
  return isErasureAsked(storage) || location.hash === HASH;
}

export function isErasureAsked(storage: () => Pick<Storage, "getItem">): boolean {
  try {
    return storage().getItem(ERASURE_KEY) !== null;
  } catch {
    return false;
  }
}

/** Takes the word back. */
export function erasureDone(storage: () => Pick<Storage, "removeItem">): void {
  storage().removeItem(ERASURE_KEY);
}

/** From the page where nothing starts to one where all does; what could not be deleted stays. */
export function startAnew(storage: () => Pick<Storage, "removeItem">): void {
  erasureDone(storage);
  history.replaceState(null, "", "#/");
  location.reload();
}
