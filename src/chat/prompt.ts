/** What an engine is given of a conversation. Pure. */
import type { ChatMessage } from "../engine/engine";
import { fenced } from "./fence";
import type { Conversation, Message } from "./message";
import { splitThought } from "./think";
import { pathTo } from "./tree";

export interface Prompt {
  readonly messages: readonly ChatMessage[];
  /** Whether the last message is the reply that is to go on. */
  readonly continueFinalMessage: boolean;
}

/**
 * The branch that ends in the reply being written, or else the one shown, as an engine takes it: the system prompt
 * first, earlier replies without their thoughts. A reply that has text already is gone on with, thought included.
 */
export function promptOf(conversation: Conversation, systemPrompt = ""): Prompt {
  const path = pathTo(conversation, conversation.growing?.id ?? conversation.leaf);
  const isReply = path.at(-1)?.id === conversation.growing?.id;
  const last = isReply ? path.at(-1) : undefined;
  const before = (isReply ? path.slice(0, -1) : path).map(toEngine);
  const system = systemPrompt.trim() === "" ? [] : [{ role: "system", content: systemPrompt } as const];
  const continueFinalMessage = last !== undefined && last.content !== "";
  const unfinished = continueFinalMessage ? [{ role: "assistant", content: last.content } as const] : [];
  return { messages: [...system, ...before, ...unfinished], continueFinalMessage };
}

function toEngine(message: Message): ChatMessage {
  const { role, content } = message;
  return { role, content: role === "assistant" ? splitThought(content).answer : userText(message) };
}

/** What the user wrote, after the files that go with it: a model takes what stands last for the question. */
export function userText({ content, attachments }: Pick<Message, "content" | "attachments">): string {
  const files = attachments.map(({ name, text }) => `${name.replace(/\s+/gu, " ")}:\n${fenced(text)}`);
  return [...files, content].filter((part) => part !== "").join("\n\n");
}
