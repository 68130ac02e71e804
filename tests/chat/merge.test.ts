/** What becomes of one conversation in two tabs. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as chat from "../../src/chat/conversation";
import { merge } from "../../src/chat/merge";
import type { Message } from "../../src/chat/message";
import { shownPath } from "../../src/chat/tree";
import { anyConversation, stamps, usage } from "./edits";

const end = { finishReason: "stop", usage } as const;
const next = stamps();
const begun = chat.addMessage(chat.newConversation(undefined, next()), { content: "question" }, next());
const keptIn =
  (...conversations: readonly { messages: ReadonlyMap<string, Message> }[]) =>
  (message: Message) =>
    conversations.some(({ messages }) => messages.get(message.id) === message);
const contents = (conversation: Parameters<typeof shownPath>[0]) =>
  shownPath(conversation).map(({ message }) => message.content);

describe("two tabs' conversation", () => {
  it("has what both wrote, title and pin as they are kept, and shows what this tab shows", () => {
    const mine = chat.addMessage(begun, { content: "mine" }, next());
    const theirs = { ...chat.addMessage(begun, { content: "theirs" }, next()), title: "Renamed", isPinned: true };
    const merged = merge(mine, theirs, keptIn(theirs, begun));
    expect(merged.messages).toEqual(new Map([...theirs.messages, ...mine.messages]));
    expect(merged).toMatchObject({ title: "Renamed", isPinned: true });
    expect(contents(merged)).toEqual(["question", "mine"]);
  });

  it("goes on with the reply that this tab writes, though what it answers was removed elsewhere", () => {
    const mine = chat.appendText(chat.beginReply(begun, "m", next()), "so far");
    const merged = merge(mine, chat.removeMessage(begun, begun.leaf ?? ""), () => true);
    expect(contents(merged)).toEqual(["question", "so far"]);
    expect(merged.growing).toBe(mine.growing);
  });

  it("loses what another tab removed, and shows what is left", () => {
    const mine = chat.addMessage(begun, { content: "gone" }, next());
    const merged = merge(mine, chat.removeMessage(mine, mine.leaf ?? ""), keptIn(mine));
    expect(contents(merged)).toEqual(["question"]);
  });

  it("has the text of whoever has more of a reply", () => {
    const streaming = chat.appendText(chat.beginReply(begun, "m", next()), "one ");
    const mine = chat.cutReply(streaming);
    const theirs = chat.endReply(chat.appendText(streaming, "two"), end);
    const isKept = keptIn(begun);
    expect(contents(merge(mine, theirs, isKept))).toEqual(["question", "one two"]);
    expect(contents(merge(theirs, mine, isKept))).toEqual(["question", "one two"]);
  });

  it("is what is kept where this tab has nothing of its own", () => {
    fc.assert(
      fc.property(anyConversation, (conversation) => {
        const kept = { ...chat.cutReply(conversation, conversation.changedAt), removed: new Map() };
        expect(merge({ ...kept, messages: new Map() }, kept, () => true)).toEqual(kept);
        expect(merge(kept, kept, () => true)).toEqual(kept);
      }),
    );
  });
});
