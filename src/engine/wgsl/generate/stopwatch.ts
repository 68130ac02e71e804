/** Times a request. */
import type { Usage } from "../../engine";

export class Stopwatch {
  readonly #begun = performance.now();
  #preparedAt = this.#begun;
  #prefilledAt = this.#begun;
  #prefilledTokens = 0;
  #firstTokenAt = this.#begun;
  #lastTokenAt = this.#begun;
  #tokens = 0;

  /** What has to be there before the prompt is computed is there. */
  prepared(): void {
    this.#preparedAt = performance.now();
  }

  prefilled(tokens: number): void {
    this.#prefilledAt = performance.now();
    this.#prefilledTokens = tokens;
  }

  token(): void {
    this.#lastTokenAt = performance.now();
    if (this.#tokens === 0) this.#firstTokenAt = this.#lastTokenAt;
    this.#tokens++;
  }

  usage(rest: Pick<Usage, "promptTokens" | "cachedTokens" | "seed">): Usage {
    const prefillMs = this.#prefilledAt - this.#preparedAt;
    const decodeMs = this.#lastTokenAt - this.#firstTokenAt;
    // The prompt's last token is decoded, not prefilled.
    const prefilled = this.#prefilledTokens - 1;
    return {
      ...rest,
      completionTokens: this.#tokens,
      timeToFirstTokenMs: this.#firstTokenAt - this.#begun,
      prefillTokensPerSecond: prefilled > 0 && prefillMs > 0 ? (prefilled / prefillMs) * 1000 : undefined,
      decodeTokensPerSecond: this.#tokens > 1 && decodeMs > 0 ? ((this.#tokens - 1) / decodeMs) * 1000 : undefined,
    };
  }
}
