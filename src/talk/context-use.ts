import { messageOf, type Conversation } from "../chat/message";
import type { ContextUse, ModelState } from "./state";

/**
 * What the model that is loaded has in view.
 *
 * @param counted [tokens] on this visit; else the last reply shown says.
 * @param wished [tokens] what the conversation's preset leaves of the context.
 */
export function contextUse(
  conversation: Conversation,
  model: ModelState,
  counted: number | undefined,
  wished = Infinity,
): ContextUse | undefined {
  if (model.phase !== "ready") return undefined;
  const { leaf } = conversation;
  const usage = leaf === undefined ? undefined : messageOf(conversation, leaf)?.usage;
  const said = usage === undefined ? undefined : usage.promptTokens + usage.completionTokens;
  const used = counted ?? (leaf === undefined ? 0 : said);
  return used === undefined ? undefined : { used, length: Math.min(model.contextLength, wished) };
}
