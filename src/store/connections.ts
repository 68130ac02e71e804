/**
 * How many connections a download has: from two on one more at a time, while that makes it faster. Most hosts give one
 * connection less than the line can take; more than six help nobody, and browsers open no more to a HTTP/1.1 host.
 */
const FIRST = 2;
export const MOST_CONNECTIONS = 6;
/** [ms] A speed is judged after so long. */
const TRIAL_MS = 2000;
/** A connection more has to be worth this much. */
const WORTH = 1.1;

export class Connections {
  #limit = FIRST;
  #isSettled = false;
  /** [bytes/s] with one connection fewer. */
  #before = 0;
  #trial: { readonly since: number; readonly bytes: number } | undefined;

  get limit(): number {
    return this.#limit;
  }

  /**
   * @param now [ms]
   * @param bytes received so far.
   * @param open connections at work: with fewer than the limit nothing is learned of it.
   */
  observe(now: number, bytes: number, open: number): void {
    if (this.#isSettled || open < this.#limit) {
      this.#trial = undefined;
      return;
    }
    this.#trial ??= { since: now, bytes };
    const elapsed = now - this.#trial.since;
    if (elapsed < TRIAL_MS) return;
    const speed = ((bytes - this.#trial.bytes) * 1000) / elapsed;
    this.#trial = undefined;
    const wasWorth = speed > this.#before * WORTH;
    this.#before = speed;
    if (wasWorth && this.#limit < MOST_CONNECTIONS) this.#limit++;
    else {
      this.#isSettled = true;
      if (!wasWorth) this.#limit = Math.max(FIRST, this.#limit - 1);
    }
  }

  /** The host asked for fewer. */
  giveWay(): void {
    this.#isSettled = true;
    this.#limit = Math.max(1, this.#limit - 1);
  }
}
