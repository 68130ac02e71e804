/** What a conversation leaves of the context, and how it is shortened when it has grown too long. Pure. */
import { IngleError } from "../shared/errors";
import { formatNumber } from "../shared/units";
import type { ChatMessage, SessionInfo, Shortened } from "./engine";

/**
 * @returns [tokens] that a reply may have.
 * @throws IngleError "request-invalid" for an empty prompt; "context-full".
 */
export function roomAfter(
  promptTokens: number,
  { contextLength, modelContextLength }: Pick<SessionInfo, "contextLength" | "modelContextLength">,
): number {
  if (promptTokens === 0) {
    throw new IngleError("request-invalid", "There is nothing to go on with: the prompt is empty.");
  }
  if (promptTokens < contextLength) return contextLength - promptTokens;
  const longer =
    modelContextLength > contextLength
      ? `, or load the model with a longer context, of up to ${formatNumber(modelContextLength)} tokens`
      : "";
  throw new IngleError(
    "context-full",
    `The conversation has ${formatNumber(promptTokens)} tokens, and the context ends at ${formatNumber(contextLength)}. Shorten it or drop its oldest turns${longer}.`,
  );
}

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
  const from = (cut: number) => messages.filter(({ role }, i) => i >= cut || role === "system");
  // Fewer messages never make more tokens, so it is halved: counting a thousand turns a thousand times takes minutes.
  let few = 0; // this many of the cuts are known to leave too much
  for (let enough = cuts.length; few < enough;) {
    const middle = Math.floor((few + enough) / 2);
    if (countTokens(from(cuts[middle] ?? 0)) <= most) enough = middle;
    else few = middle + 1;
  }
  const cut = cuts[few];
  if (cut !== undefined) {
    const kept = from(cut);
    return { messages: kept, dropped: messages.length - kept.length };
  }
  const [what, which] =
    starts.length > 1 ? ["Even without the older turns the conversation", "the last message"] : ["The message", "it"];
  throw new IngleError(
    "context-full",
    `${what} has more than the ${formatNumber(Math.max(0, most))} tokens there is room for. Shorten ${which}, or load the model with a longer context.`,
  );
}
