/** Lets text through until one of the stop texts comes, which may be spread over many pieces. */
export class StopText {
  readonly #stops: readonly string[];
  #held = "";

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  /** @returns the text that is certain not to belong to a stop text, and whether one came. */
  push(text: string): { readonly text: string; readonly stopped: boolean } {
    const all = this.#held + text;
    const found = this.#stops.map((stop) => ({ at: all.indexOf(stop), stop })).filter(({ at }) => at >= 0);
    // The one that is complete first, so that it does not matter in which pieces the text came.
    const [first] = found.sort((a, b) => a.at + a.stop.length - (b.at + b.stop.length) || a.at - b.at);
    if (first !== undefined) {
      this.#held = "";
      return { text: all.slice(0, first.at), stopped: true };
    }
    const keep = Math.max(0, ...this.#stops.map((stop) => overlap(all, stop)));
    this.#held = all.slice(all.length - keep);
    return { text: all.slice(0, all.length - keep), stopped: false };
  }

  /** What was held back and came to nothing. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }
}

/** The length of the longest end of `text` that `stop` begins with. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
