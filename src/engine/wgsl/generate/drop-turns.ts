/** Shortens a conversation that has grown too long for the context. Pure. */
import { IngleError } from "../../../shared/errors";
import { formatNumber } from "../../../shared/units";
import type { ChatMessage, Shortened } from "../../engine";

/**
 * Drops turns from the oldest on, each a question with its replies, until the rest fits. System messages and the last
 * turn stay.
 *
 * @param most [tokens] what the rest may have
 * @throws IngleError "context-full" when what has to stay is too long by itself.
 */
export function dropOldestTurns(
  messages: readonly ChatMessage[],
  most: number,
  countTokens: (messages: readonly ChatMessage[]) => number,
): Shortened {
  const starts = messages.flatMap(({ role }, i) => (role === "user" ? [i] : []));
  const cuts = [0, ...starts.slice(1)];
  for (const cut of cuts) {
    const kept = messages.filter(({ role }, i) => i >= cut || role === "system");
    if (countTokens(kept) <= most) return { messages: kept, dropped: messages.length - kept.length };
  }
  throw new IngleError(
    "context-full",
    `Even without the older turns the conversation has more than the ${formatNumber(Math.max(0, most))} tokens there is room for. Shorten the last message, or load the model with a longer context.`,
  );
}
