/** What a file costs a conversation. */
import type { Attachment } from "../chat/message";
import { userText } from "../chat/prompt";
import type { TalkDesk } from "./model";

/** @returns [tokens] that it adds to its message; undefined while no model is there to count them. */
export async function costOf(
  { state, countTokens }: Pick<TalkDesk, "state" | "countTokens">,
  attachment: Attachment,
): Promise<number | undefined> {
  if (state.loaded === undefined) return undefined;
  const count = (attachments: readonly Attachment[]) =>
    countTokens([{ role: "user", content: userText({ content: "?", attachments }) }]);
  try {
    const [one, none] = await Promise.all([count([attachment]), count([])]);
    return one - none;
  } catch {
    return undefined; // it was lost meanwhile
  }
}
