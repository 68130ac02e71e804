/** Conversations as they come about: by any sequence of what a person and an engine do. */
import fc from "fast-check";
import * as chat from "../../src/chat/conversation";
import { allMessages, type Conversation, type Stamp } from "../../src/chat/message";
import { showBranch } from "../../src/chat/tree";
import type { Usage } from "../../src/engine/engine";

export const usage: Usage = {
  promptTokens: 12,
  cachedTokens: 3,
  completionTokens: 5,
  timeToFirstTokenMs: 40.5,
  prefillTokensPerSecond: undefined,
  decodeTokensPerSecond: 20,
  seed: 7,
};

/** Distinct ids, and now and then two things in one millisecond. */
export function stamps(start = 1_700_000_000_000): () => Stamp {
  let count = 0;
  return () => ({ id: `m${String(++count).padStart(5, "0")}`, at: start + Math.floor(count / 2) });
}

export type Edit = (conversation: Conversation, next: () => Stamp) => Conversation;

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", "<think>so</think>yes", "<think>never closed", "```js\nlet a;", "مرحبا", "👩‍👩‍👧‍👦 é", "a\nb"),
);
const attachments = fc.array(fc.record({ name: fc.string({ maxLength: 10 }), text }), { maxLength: 2 });

/** Of any message; none where there is none. */
const onAny = (act: (conversation: Conversation, id: string, next: () => Stamp) => Conversation) =>
  fc.nat().map((n): Edit => (conversation, next) => {
    const all = allMessages(conversation);
    const message = all[n % Math.max(1, all.length)];
    return message === undefined ? conversation : act(conversation, message.id, next);
  });

const isIdle = ({ growing }: Conversation) => growing === undefined;

export const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(text, attachments).map(
    ([content, files]): Edit =>
      (conversation, next) =>
        chat.addMessage(conversation, { content, attachments: files }, next()),
  ),
  fc.constant<Edit>((conversation, next) =>
    isIdle(conversation) && conversation.leaf !== undefined
      ? chat.beginReply(conversation, "model", next())
      : conversation,
  ),
  text.map(
    (piece): Edit =>
      (conversation) =>
        chat.appendText(conversation, piece),
  ),
  fc.constantFrom("stop" as const, "length" as const, "context" as const).map(
    (finishReason): Edit =>
      (conversation, next) =>
        chat.endReply(conversation, { finishReason, usage }, next().at),
  ),
  fc.constant<Edit>((conversation, next) => chat.cutReply(conversation, next().at)),
  fc.constant<Edit>((conversation) =>
    chat.canContinue(conversation) ? chat.continueReply(conversation, "other model") : conversation,
  ),
  onAny(showBranch),
  onAny((conversation, id, next) => chat.removeMessage(conversation, id, next().at)),
  onAny((conversation, id, next) => chat.editMessage(conversation, id, { content: "edited" }, next())),
  onAny((conversation, id, next) => {
    const { role } = allMessages(conversation).find((message) => message.id === id) ?? {};
    const isPossible = role === "assistant" && isIdle(conversation);
    const hasParent = conversation.messages.get(id)?.parent !== undefined;
    return isPossible && hasParent ? chat.regenerate(conversation, id, "model", next()) : conversation;
  }),
);

export const anyConversation = fc.array(anyEdit, { maxLength: 40 }).map((edits) => {
  const next = stamps();
  return edits.reduce((conversation, edit) => edit(conversation, next), chat.newConversation("preset", next()));
});

/** A conversation of so many messages, question and answer. */
export function longConversation(messages: number): Conversation {
  const next = stamps();
  let conversation = chat.newConversation(undefined, next());
  for (let i = 0; i < messages; i += 2) {
    conversation = chat.addMessage(conversation, { content: `question ${i}` }, next());
    conversation = chat.beginReply(conversation, "model", next());
    conversation = chat.appendText(conversation, `answer ${i}`);
    conversation = chat.endReply(conversation, { finishReason: "stop", usage }, next().at);
  }
  return conversation;
}
