/**
 * What is done with a conversation. Every function returns a new value and leaves the one it got as it was, so that an
 * older one is all that an undo needs. Pure, but for the stamp that is made where none is given.
 */
import type { FinishReason, Usage } from "../engine/engine";
import { IngleError } from "../shared/errors";
import {
  allMessages,
  messageOf,
  newStamp,
  type Attachment,
  type Conversation,
  type Message,
  type Messages,
  type Stamp,
} from "./message";
import { titleOf } from "./title";
import { branchOf, childrenOf, newestEnd } from "./tree";

export function newConversation(preset?: string, { id, at }: Stamp = newStamp()): Conversation {
  return {
    id,
    title: "",
    isPinned: false,
    preset,
    createdAt: at,
    changedAt: at,
    leaf: undefined,
    messages: new Map(),
    growing: undefined,
    removed: new Map(),
  };
}

/** What a user writes. */
export interface Draft {
  readonly content: string;
  readonly attachments?: readonly Attachment[];
}

/** Adds what the user wrote to the end of the branch that is shown. The first one names the conversation. */
export function addMessage(conversation: Conversation, draft: Draft, stamp: Stamp = newStamp()): Conversation {
  return withMessage(conversation, written(draft, "user", conversation.leaf, stamp));
}

/**
 * Writes a past message anew: a branch beside the old one, shown from now on. What followed stays with the old one.
 * Where it was the user's a reply is to follow (`beginReply`).
 *
 * @throws IngleError "request-invalid"
 */
export function editMessage(
  conversation: Conversation,
  id: string,
  draft: Draft,
  stamp: Stamp = newStamp(),
): Conversation {
  const { role, parent } = known(conversation, id);
  return withMessage(conversation, written(draft, role, parent, stamp));
}

/**
 * Begins a reply to the last message shown.
 *
 * @throws IngleError "request-invalid" while another one is being written.
 */
export function beginReply(conversation: Conversation, model: string, stamp: Stamp = newStamp()): Conversation {
  return beginReplyTo(conversation, conversation.leaf, model, stamp);
}

/**
 * Begins another reply beside one there is.
 *
 * @throws IngleError "request-invalid" while another one is being written.
 */
export function regenerate(
  conversation: Conversation,
  id: string,
  model: string,
  stamp: Stamp = newStamp(),
): Conversation {
  const { role, parent } = known(conversation, id);
  if (role !== "assistant") throw new IngleError("request-invalid", "Only a reply can be written again.");
  return beginReplyTo(conversation, parent, model, stamp);
}

/** Whether the last message shown is a reply that did not come to its end by itself. */
export function canContinue(conversation: Conversation): boolean {
  const { leaf, growing } = conversation;
  const last = leaf === undefined ? undefined : messageOf(conversation, leaf);
  return growing === undefined && last !== undefined && isUnfinished(last);
}

/** Whether it is a reply that did not come to its end by itself. */
export function isUnfinished({ role, state, finishReason }: Message): boolean {
  return role === "assistant" && (state === "cut-off" || finishReason === "length" || finishReason === "context");
}

/**
 * Goes on with the last reply shown.
 *
 * @throws IngleError "request-invalid" where there is none that can be gone on with.
 */
export function continueReply(conversation: Conversation, model: string): Conversation {
  const { leaf } = conversation;
  if (leaf === undefined || !canContinue(conversation)) {
    throw new IngleError("request-invalid", "There is no unfinished reply to go on with.");
  }
  const growing = { ...known(conversation, leaf), state: "streaming", model, finishReason: undefined } as const;
  return { ...conversation, growing };
}

/** Whether another tab is writing what would be answered or gone on with. */
export function isWrittenElsewhere({ leaf, growing, messages }: Conversation): boolean {
  return growing === undefined && leaf !== undefined && messages.get(leaf)?.state === "streaming";
}

/** The reply that is being written has another model now. */
export function writtenBy(conversation: Conversation, model: string): Conversation {
  const { growing } = conversation;
  return growing === undefined ? conversation : { ...conversation, growing: { ...growing, model } };
}

/** Adds to the reply that is being written. Costs the same however much there is. Without one nothing happens. */
export function appendText(conversation: Conversation, text: string): Conversation {
  const { growing } = conversation;
  if (growing === undefined) return conversation; // it was removed meanwhile
  return { ...conversation, growing: { ...growing, content: growing.content + text } };
}

/** The reply came to its end. */
export function endReply(
  conversation: Conversation,
  end: { readonly finishReason: FinishReason; readonly usage: Usage },
  at: number = Date.now(),
): Conversation {
  return settle(conversation, { state: "whole", ...end }, at);
}

/** The reply was stopped, or what wrote it failed: it can be gone on with. */
export function cutReply(conversation: Conversation, at: number = Date.now()): Conversation {
  return settle(conversation, { state: "cut-off" }, at);
}

/**
 * Takes out a message with all that follows it; shown is what is beside it, or else what it followed. The older value
 * is the undo.
 */
export function removeMessage(conversation: Conversation, id: string, at: number = Date.now()): Conversation {
  const { messages, growing } = conversation;
  const message = messages.get(id);
  if (message === undefined) return conversation;
  const gone = branchOf(messages, id);
  const kept = new Map([...messages].filter(([each]) => !gone.has(each)));
  const removed = new Map(conversation.removed);
  for (const each of allMessages(conversation)) if (gone.has(each.id)) removed.set(each.id, each);
  return {
    ...conversation,
    messages: kept,
    removed,
    growing: growing !== undefined && gone.has(growing.id) ? undefined : growing,
    leaf:
      conversation.leaf !== undefined && gone.has(conversation.leaf)
        ? besides(messages, message, kept)
        : conversation.leaf,
    changedAt: at,
  };
}

function besides(messages: Messages, { id, parent }: Message, kept: Messages): string | undefined {
  const siblings = childrenOf(messages, parent);
  const place = siblings.indexOf(id);
  const next = siblings[place - 1] ?? siblings[place + 1];
  return next === undefined ? parent : newestEnd(kept, next);
}

function beginReplyTo(
  conversation: Conversation,
  parent: string | undefined,
  model: string,
  { id, at }: Stamp,
): Conversation {
  if (conversation.growing !== undefined) {
    throw new IngleError("request-invalid", "A reply is still being written. Stop it first.");
  }
  if (parent === undefined) throw new IngleError("request-invalid", "There is no message to reply to.");
  const reply: Message = {
    ...blank,
    id,
    parent,
    role: "assistant",
    content: "",
    state: "streaming",
    model,
    createdAt: at,
  };
  const begun = withMessage(conversation, reply);
  return { ...begun, growing: begun.messages.get(id) };
}

function settle(conversation: Conversation, end: Partial<Message>, at: number): Conversation {
  const { growing, messages } = conversation;
  if (growing === undefined) return conversation;
  const whole = new Map(messages).set(growing.id, { ...growing, ...end });
  return { ...conversation, messages: whole, growing: undefined, changedAt: at };
}

const blank = { attachments: [], model: undefined, finishReason: undefined, usage: undefined } as const;

function written(
  { content, attachments = [] }: Draft,
  role: Message["role"],
  parent: string | undefined,
  { id, at }: Stamp,
): Message {
  return { ...blank, id, parent, role, content, attachments, state: "whole", createdAt: at };
}

function withMessage(conversation: Conversation, given: Message): Conversation {
  const { title, messages } = conversation;
  // After those beside it, though it come in the same millisecond or the clock was put back: that is their order.
  let createdAt = given.createdAt;
  for (const each of messages.values()) {
    if (each.parent === given.parent) createdAt = Math.max(createdAt, each.createdAt + 1);
  }
  const message = { ...given, createdAt };
  return {
    ...conversation,
    title: title || titleOf(message.content) || titleOf(message.attachments[0]?.name ?? ""),
    messages: new Map(messages).set(message.id, message),
    leaf: message.id,
    changedAt: Math.max(message.createdAt, conversation.changedAt),
  };
}

function known(conversation: Conversation, id: string): Message {
  const message = messageOf(conversation, id);
  if (message === undefined)
    throw new IngleError("request-invalid", "This message is not in the conversation any more.");
  return message;
}
