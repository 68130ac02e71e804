/** What a conversation is made of. Plain values, never changed in place: IndexedDB and JSON take them as they are. */
import type { FinishReason, Usage } from "../engine/engine";

/** A text file that goes into the prompt with its message. */
export interface Attachment {
  readonly name: string;
  readonly text: string;
}

/** "streaming": it is being written, here or in another tab. "cut-off": it was stopped, or its page died. */
export type MessageState = "whole" | "streaming" | "cut-off";

export interface Message {
  /** Unique in its conversation. */
  readonly id: string;
  /** What it answers; undefined for a beginning. */
  readonly parent: string | undefined;
  /** System prompts are the presets', not messages. */
  readonly role: "user" | "assistant";
  /** A message's text only ever grows; to change it is to branch off. */
  readonly content: string;
  readonly attachments: readonly Attachment[];
  readonly state: MessageState;
  /** Of a reply: the name of the model that wrote it, the last one where there were several. */
  readonly model: string | undefined;
  readonly finishReason: FinishReason | undefined;
  /** Of the last stretch, where a reply was gone on with. */
  readonly usage: Usage | undefined;
  /** [ms since 1970] */
  readonly createdAt: number;
}

export type Messages = ReadonlyMap<string, Message>;

export interface Conversation {
  readonly id: string;
  /** Empty until there is something to name it by. */
  readonly title: string;
  readonly isPinned: boolean;
  /** A preset's id. */
  readonly preset: string | undefined;
  /** [ms since 1970] */
  readonly createdAt: number;
  /** [ms since 1970] When a message was last added, ended or removed. */
  readonly changedAt: number;
  /** The end of the branch that is shown; undefined where there is no message. */
  readonly leaf: string | undefined;
  readonly messages: Messages;
  /**
   * The reply that this page is writing, as it is by now. `messages` has it as it was when it began, so that a token
   * costs the same in a conversation of two messages and of two thousand. `messageOf` knows.
   */
  readonly growing: Message | undefined;
  /** What was removed from this value, for the history to remove. */
  readonly removed: Messages;
}

/** What a new thing is known by. */
export interface Stamp {
  readonly id: string;
  /** [ms since 1970] */
  readonly at: number;
}

export function newStamp(): Stamp {
  return { id: newId(), at: Date.now() };
}

/** Over plain http browsers have no `randomUUID`, and the page has yet to say why it can't run there. */
function newId(): string {
  if (typeof isSecureContext === "undefined" || isSecureContext) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function messageOf({ messages, growing }: Conversation, id: string): Message | undefined {
  return growing?.id === id ? growing : messages.get(id);
}

/** All of them, in no order. */
export function allMessages({ messages, growing }: Conversation): readonly Message[] {
  return Array.from(messages.values(), (message) => (message.id === growing?.id ? growing : message));
}
