/**
 * Runs work one after the other. A device has one stack of error scopes and one clock to measure by, so no two pieces
 * of GPU work may overlap, not even one that was stopped and still winds down.
 */
export function makeQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}
