/** How fast bytes come, smoothed: a number people can read, that still follows when a line gets slower. */

/** [ms] What is older than this counts for a third. */
const MEMORY_MS = 5000;

export class Speed {
  #bytes = 0;
  #rate = 0;
  #since: number;
  /** [ms] of all time measured: in the beginning there is nothing to smooth with. */
  #age = 0;

  /** @param now [ms] */
  constructor(now: number) {
    this.#since = now;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** [bytes/s] */
  measure(now: number): number {
    const elapsed = now - this.#since;
    if (elapsed > 0) {
      this.#age += elapsed;
      const weight = 1 - Math.exp(-elapsed / Math.min(MEMORY_MS, this.#age));
      const share = this.#age === elapsed ? 1 : weight;
      this.#rate += share * ((this.#bytes * 1000) / elapsed - this.#rate);
      this.#bytes = 0;
      this.#since = now;
    }
    return this.#rate;
  }
}
