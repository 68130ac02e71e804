/** One conversation that two tabs changed. Pure. */
import type { Conversation, Message } from "./message";
import { pathTo, soundTree } from "./tree";

/**
 * What is kept, with what is not kept yet of this tab's: the reply it is writing, messages that were not saved, and what
 * these answer. The branch shown stays the one that this tab shows, as far as there is one.
 *
 * @param isKept whether a message was read from where it is kept, or written there, just as it is.
 */
export function merge(mine: Conversation, kept: Conversation, isKept: (message: Message) => boolean): Conversation {
  const messages = new Map(kept.messages);
  for (const message of mine.messages.values()) {
    const isWriting = message.id === mine.growing?.id;
    // What another tab writes is as it was kept last.
    if (!isWriting && (message.state === "streaming" || isKept(message))) continue;
    if (!isWriting && hasAllOf(kept.messages.get(message.id), message)) continue;
    messages.set(message.id, message);
    for (const each of pathTo(mine, message.parent)) if (!messages.has(each.id)) messages.set(each.id, each);
  }
  const leaf = mine.leaf !== undefined && messages.has(mine.leaf) ? mine.leaf : kept.leaf;
  return {
    ...kept,
    ...soundTree(messages.values(), leaf),
    title: kept.title || mine.title,
    growing: mine.growing,
    removed: new Map(),
  };
}

/** Whether a kept message has another's text and its end, too: messages only ever grow. */
export function hasAllOf(kept: Message | undefined, other: Message): boolean {
  if (kept?.content.startsWith(other.content) !== true) return false;
  return kept.content.length > other.content.length || kept.state === "whole" || kept.state === other.state;
}
