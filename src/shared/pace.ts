/** [ms] Each that is told has a page drawn anew: where a GPU is computed on the processor that costs as much as a chunk. */
const EVERY_MS = 250;

/** When progress is told: so often as an eye can use, however often there is some. */
export class Pace {
  #lastAt = -Infinity;

  /** @param isForced where it is told in any case: the last one, or what is of another kind than the one before. */
  isDue(isForced = false, now = performance.now()): boolean {
    if (!isForced && now - this.#lastAt < EVERY_MS) return false;
    this.#lastAt = now;
    return true;
  }
}
