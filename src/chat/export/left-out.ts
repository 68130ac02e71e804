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

/**
 * As few numbers as say what it was: what is no text; what its program did not show as the conversation's own; messages
 * without text; what makes no sense.
 *
 * @returns undefined where nothing was left out.
 */
export function groupsOf(leftOut: LeftOut): readonly [number, number, number, number] | undefined {
  const {
    media = 0,
    system = 0,
    tool = 0,
    thought = 0,
    hidden = 0,
    empty = 0,
    message = 0,
    conversation = 0,
  } = leftOut;
  const groups = [media, system + tool + thought + hidden, empty, message + conversation] as const;
  return groups.every((count) => count === 0) ? undefined : groups;
}

export class LeftOutCount {
  readonly #counts: Partial<Record<LeftOutKind, number>> = {};

  add(kind: LeftOutKind, count = 1): void {
    if (count > 0) this.#counts[kind] = (this.#counts[kind] ?? 0) + count;
  }

  get counts(): LeftOut {
    return { ...this.#counts };
  }
}
