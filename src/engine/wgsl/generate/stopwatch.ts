/** Times a request. */
import type { Usage } from "../../engine";

export class Stopwatch {
  readonly #begun = performance.now();
  #preparedAt = this.#begun;
  #prefilledAt = this.#begun;
  #prefilledTokens = 0;
  #firstLandedAt = this.#begun;
  #lastLandedAt = this.#begun;
  #landedFirst = 0;
  #landed = 0;
  #tokens = 0;

  /** What has to be there before the prompt is computed is there. */
  prepared(): void {
    this.#preparedAt = performance.now();
  }

  prefilled(tokens: number): void {
    this.#prefilledAt = performance.now();
    this.#prefilledTokens = tokens;
  }

  /** So many tokens came together, in one submit; the reply may end before the last of them. */
  landed(tokens: number): void {
    this.#lastLandedAt = performance.now();
    if (this.#landed === 0) {
      this.#firstLandedAt = this.#lastLandedAt;
      this.#landedFirst = tokens;
    }
    this.#landed += tokens;
  }

  /** One of them is the reply's. */
  token(): void {
    this.#tokens++;
  }

  usage(rest: Pick<Usage, "promptTokens" | "cachedTokens" | "seed">): Usage {
    const prefillMs = this.#prefilledAt - this.#preparedAt;
    // What came with the first token took no time that is known.
    const decoded = this.#landed - this.#landedFirst;
    const decodeMs = this.#lastLandedAt - this.#firstLandedAt;
    // The prompt's last token is decoded, not prefilled.
    const prefilled = this.#prefilledTokens - 1;
    return {
      ...rest,
      completionTokens: this.#tokens,
      timeToFirstTokenMs: this.#firstLandedAt - this.#begun,
      prefillTokensPerSecond: prefilled > 0 && prefillMs > 0 ? (prefilled / prefillMs) * 1000 : undefined,
      decodeTokensPerSecond: decoded > 0 && decodeMs > 0 ? (decoded / decodeMs) * 1000 : undefined,
    };
  }
}
