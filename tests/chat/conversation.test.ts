import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as chat from "../../src/chat/conversation";
import { allMessages, messageOf, type Conversation } from "../../src/chat/message";
import { promptOf } from "../../src/chat/prompt";
import { childrenOf, newestEnd, shownPath, showBranch, soundTree } from "../../src/chat/tree";
import { refused } from "../helpers/refused";
import { anyConversation, anyEdit, longConversation, stamps, usage } from "./edits";

const end = { finishReason: "stop", usage } as const;
const shown = (conversation: Conversation) => shownPath(conversation).map(({ message }) => message.content);

/** Every message is reached from a beginning once, what is shown is a whole branch, and what grows is in it. */
function expectSound(conversation: Conversation): void {
  const { messages, leaf, growing } = conversation;
  const reached: string[] = [...childrenOf(messages, undefined)];
  for (const id of reached) reached.push(...childrenOf(messages, id));
  expect(reached.toSorted()).toEqual([...messages.keys()].toSorted());
  expect(leaf === undefined).toBe(messages.size === 0);
  if (leaf !== undefined) expect(newestEnd(messages, leaf)).toBe(leaf);
  if (growing !== undefined) expect(messages.has(growing.id)).toBe(true);
  const streaming = allMessages(conversation).filter(({ state }) => state === "streaming");
  expect(streaming).toEqual(growing === undefined ? [] : [growing]);
}

describe("a conversation", () => {
  it("is a sound tree after any sequence of edits, and none of them changes an older value", () => {
    fc.assert(
      fc.property(fc.array(anyEdit, { maxLength: 60 }), (edits) => {
        const next = stamps();
        let conversation = chat.newConversation(undefined, next());
        for (const edit of edits) {
          const before = structuredClone(conversation);
          const after = edit(conversation, next);
          expect(conversation).toEqual(before);
          expectSound(after);
          conversation = after;
        }
      }),
      { numRuns: 200 },
    );
  });

  it("keeps what was, beside an edited question, and shows either", () => {
    const next = stamps();
    let talk = chat.addMessage(chat.newConversation(undefined, next()), { content: "one" }, next());
    talk = chat.endReply(chat.appendText(chat.beginReply(talk, "m", next()), "first"), end);
    const [question] = shownPath(talk);
    if (question === undefined) throw new Error("Nothing is shown.");
    talk = chat.editMessage(talk, question.message.id, { content: "two" }, next());
    talk = chat.endReply(chat.appendText(chat.beginReply(talk, "m", next()), "second"), end);
    expect(shown(talk)).toEqual(["two", "second"]);
    expect(shownPath(talk)[0]?.siblings).toHaveLength(2);
    talk = showBranch(talk, question.message.id);
    expect(shown(talk)).toEqual(["one", "first"]);

    const reply = shownPath(talk)[1]?.message.id ?? "";
    talk = chat.endReply(chat.appendText(chat.regenerate(talk, reply, "m", next()), "again"), end);
    expect(shown(talk)).toEqual(["one", "again"]);
    expect(shownPath(talk)[1]?.siblings).toEqual([reply, talk.leaf]);
    expect(() => chat.regenerate(talk, question.message.id, "m")).toThrow(
      expect.objectContaining(refused("request-invalid", /Only a reply/)),
    );

    const without = chat.removeMessage(talk, talk.leaf ?? "");
    expect(shown(without)).toEqual(["one", "first"]);
    expect(shown(chat.removeMessage(without, reply))).toEqual(["one"]);
    expect(shown(chat.removeMessage(without, question.message.id))).toEqual(["two", "second"]);
    expect(shown(talk)).toEqual(["one", "again"]); // the undo
  });

  it("goes on with a reply that was cut off, and with one that met its limit, but not with one that ended", () => {
    const next = stamps();
    const asked = chat.addMessage(chat.newConversation(undefined, next()), { content: "count" }, next());
    expect(chat.canContinue(asked)).toBe(false);
    const begun = chat.appendText(chat.beginReply(asked, "m", next()), "one, ");
    expect(chat.canContinue(begun)).toBe(false);
    expect(() => chat.beginReply(begun, "m")).toThrow(expect.objectContaining(refused("request-invalid", /Stop it/)));
    for (const broken of [chat.cutReply(begun), chat.endReply(begun, { ...end, finishReason: "length" })]) {
      expect(chat.canContinue(broken)).toBe(true);
      const going = chat.appendText(chat.continueReply(broken, "other"), "two");
      const ended = chat.endReply(going, end);
      expect(shownPath(ended)[1]?.message).toMatchObject({
        content: "one, two",
        state: "whole",
        model: "other",
        finishReason: "stop",
        usage,
      });
      expect(ended.messages.size).toBe(2);
      expect(chat.canContinue(ended)).toBe(false);
      expect(() => chat.continueReply(ended, "m")).toThrow(
        expect.objectContaining(refused("request-invalid", /no unf/)),
      );
    }
  });

  it("goes on writing a reply whose branch is not shown, and drops one that is removed", () => {
    const next = stamps();
    let talk = chat.addMessage(chat.newConversation(undefined, next()), { content: "one" }, next());
    const question = talk.leaf ?? "";
    talk = chat.beginReply(talk, "m", next());
    const reply = talk.leaf ?? "";
    talk = chat.editMessage(talk, question, { content: "two" }, next());
    talk = chat.endReply(chat.appendText(talk, "text"), end);
    expect(shown(talk)).toEqual(["two"]);
    expect(messageOf(talk, reply)).toMatchObject({ content: "text", state: "whole" });

    const again = chat.removeMessage(chat.regenerate(talk, reply, "m", next()), question);
    expect(again.growing).toBeUndefined();
    expect(chat.appendText(again, "lost")).toBe(again);
    expect(chat.endReply(again, end)).toBe(again);
    expect(again.removed.size).toBe(3);
  });

  it("does not look at its other messages for a token", () => {
    let talk = longConversation(2000);
    talk = chat.beginReply(chat.addMessage(talk, { content: "more" }), "m");
    const { messages } = talk;
    let looked = 0;
    const counted = new Proxy(messages, {
      get(target, key) {
        looked++;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    talk = { ...talk, messages: counted };
    for (let i = 0; i < 20_000; i++) talk = chat.appendText(talk, "token ");
    expect(looked).toBe(0);
    expect(talk.growing?.content).toHaveLength(120_000);
    expect(shownPath(talk)).toHaveLength(2002);
  });
});

describe("a tree of what there is", () => {
  it("is sound, whatever the parents say, and as it was where they are right", () => {
    const message = { ...[...longConversation(2).messages.values()][0] };
    const node = fc.record({
      id: fc.constantFrom("a", "b", "c", "d", "e"),
      parent: fc.constantFrom("a", "b", "c", "d", "e", "g", undefined),
    });
    fc.assert(
      fc.property(fc.array(node, { maxLength: 12 }), fc.constantFrom("a", "b", "z", undefined), (nodes, leaf) => {
        const given = nodes.map((each) => ({ ...message, ...each }) as NonNullable<ReturnType<typeof messageOf>>);
        const sound = soundTree(given, leaf);
        expectSound({ ...chat.newConversation(), ...sound });
        expect(new Set(sound.messages.keys())).toEqual(new Set(nodes.map(({ id }) => id)));
      }),
    );
    fc.assert(
      fc.property(anyConversation, ({ messages, leaf }) => {
        expect(soundTree([...messages.values()].toReversed(), leaf)).toEqual({ messages, leaf });
      }),
    );
  });
});

describe("a prompt", () => {
  const next = stamps();
  const asked = chat.addMessage(
    chat.newConversation(undefined, next()),
    { content: "What is this?", attachments: [{ name: "a\nb.md", text: "```\ncode\n```" }] },
    next(),
  );
  const file = "a b.md:\n````\n```\ncode\n```\n````\n\nWhat is this?";

  it("has the system prompt first, files before what is asked of them, and no thoughts of replies", () => {
    let talk = chat.appendText(chat.beginReply(asked, "m", next()), "<think>\nhm\n</think>\n\nA file.");
    talk = chat.addMessage(chat.endReply(talk, end), { content: "<think> is a tag?" }, next());
    talk = chat.cutReply(chat.appendText(chat.beginReply(talk, "m", next()), "<think>\nwell, "));
    talk = chat.addMessage(talk, { content: "And?" }, next());
    expect(promptOf(chat.beginReply(talk, "m", next()), "Be brief.")).toEqual({
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: file },
        { role: "assistant", content: "A file." },
        { role: "user", content: "<think> is a tag?" },
        { role: "assistant", content: "" },
        { role: "user", content: "And?" },
      ],
      continueFinalMessage: false,
    });
  });

  it("ends with the reply that goes on, thought included, where it has text", () => {
    const cut = chat.cutReply(chat.appendText(chat.beginReply(asked, "m", next()), "<think>\nwell, "));
    expect(promptOf(chat.continueReply(cut, "m"))).toEqual({
      messages: [
        { role: "user", content: file },
        { role: "assistant", content: "<think>\nwell, " },
      ],
      continueFinalMessage: true,
    });
    const empty = chat.cutReply(chat.beginReply(asked, "m", next()));
    expect(promptOf(chat.continueReply(empty, "m"), " ")).toEqual({
      messages: [{ role: "user", content: file }],
      continueFinalMessage: false,
    });
  });
});
