/** What a file had that was not taken in, counted by what it was. */

export type LeftOutKind =
  /** A conversation that makes no sense. */
  | "conversation"
  /** A message that makes no sense. */
  | "message"
  /** What its system, its tools or a part of its own thinking said to another program. */
  | "system"
  | "tool"
  | "thought"
  /** A message that its program did not show. */
  | "hidden"
  /** An image, a sound or whatever else is no text. */
  | "media"
  /** A message without text. */
  | "empty";

export type LeftOut = Readonly<Partial<Record<LeftOutKind, number>>>;

export class LeftOutCount {
  readonly #counts: Partial<Record<LeftOutKind, number>> = {};

  add(kind: LeftOutKind, count = 1): void {
    if (count > 0) this.#counts[kind] = (this.#counts[kind] ?? 0) + count;
  }

  get counts(): LeftOut {
    return { ...this.#counts };
  }
}
