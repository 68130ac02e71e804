/** Gives the focus a place when the control that had it is gone: left alone it would be at the page's top. */

/** [ms] What a control does may need the database, or a reply to end, before it is gone. */
const LONGEST_MS = 5000;

type Place = () => HTMLElement | null | undefined;

/** What has the focus, in whichever shadow; undefined where nothing that is of use has it. */
export function focused(): HTMLElement | undefined {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at instanceof HTMLElement && at !== document.body && !at.matches(":disabled") ? at : undefined;
}

/**
 * Called as a control is used that will go. From then on a lost focus goes to the place, as soon as there is one, and
 * to the other at the end. It stays with whoever moved it meanwhile, and where nothing had it (Safari focuses no button
 * that is clicked).
 */
export function refocus(place: Place, other: Place = () => undefined): void {
  let last = focused();
  if (last === undefined) return;
  const end = performance.now() + LONGEST_MS;
  const pointed = new AbortController();
  addEventListener("pointerdown", () => pointed.abort(), { capture: true, signal: pointed.signal });
  const look = (): void => {
    if (pointed.signal.aborted) return;
    const at = focused();
    const isOver = performance.now() > end;
    if (at === undefined) {
      (place() ?? (isOver ? other() : undefined))?.focus();
      last = focused();
    } else if (at !== last) {
      pointed.abort();
      return;
    }
    // A place may be lost, too: a list that is sorted anew moves its elements, which takes the focus from them.
    if (isOver) pointed.abort();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
