/** Several tabs at once, and tabs that die. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import * as chat from "../../src/chat/conversation";
import { ChatHistory } from "../../src/chat/history";
import { messageOf, type Conversation } from "../../src/chat/message";
import type { News } from "../../src/chat/news";
import { shownPath } from "../../src/chat/tree";
import { usage } from "../chat/edits";
import { refused } from "../helpers/refused";
import { openTab } from "./open-tab";

const end = { finishReason: "stop", usage } as const;
const problems: unknown[] = [];

function open(): ChatHistory {
  const history = new ChatHistory({ onProblem: (problem) => problems.push(problem) });
  onTestFinished(() => history.close());
  return history;
}

async function kept(content = "question"): Promise<{ history: ChatHistory; conversation: Conversation }> {
  const history = open();
  const conversation = chat.addMessage(chat.newConversation(), { content });
  await history.save(conversation);
  return { history, conversation };
}

beforeEach(async () => {
  problems.length = 0;
  await open().removeAll();
});

describe("two tabs", () => {
  it("that write conversations at once lose none", async () => {
    const history = open();
    const [one, two] = [openTab(), openTab()];
    const others = Promise.all([one.run("writeConversations", 30), two.run("writeConversations", 30)]);
    const mine: string[] = [];
    for (let i = 0; i < 30; i++) {
      const conversation = chat.addMessage(chat.newConversation(), { content: `mine ${i}` });
      await history.save(conversation);
      mine.push(conversation.id);
    }
    const ids = [...mine, ...(await others).flat()];
    expect((await history.list()).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    for (const id of ids) expect((await history.read(id)).conversation.messages.size).toBe(1);
  });

  it("that write into one conversation at once lose no message, and see each other's", async () => {
    const { history, conversation: begun } = await kept();
    const tab = openTab();
    const others = tab.run("writeMessages", begun.id, 30);
    let mine = begun;
    const ids = [begun.leaf];
    for (let i = 0; i < 15; i++) {
      mine = chat.addMessage(mine, { content: `mine ${i}` });
      ids.push(mine.leaf);
      await history.save(mine);
      mine = chat.beginReply(mine, "m");
      ids.push(mine.leaf);
      await history.save(mine);
      mine = chat.appendText(mine, "answer");
      mine = (await history.catchUp(mine.id))(mine);
      mine = chat.endReply(mine, end);
      await history.save(mine);
    }
    ids.push(...(await others));
    const { conversation } = await open().read(begun.id);
    expect([...conversation.messages.keys()].toSorted()).toEqual(ids.toSorted());
    expect([...conversation.messages.values()].every(({ state }) => state === "whole")).toBe(true);
    expect((await history.catchUp(mine.id))(mine).messages).toEqual(conversation.messages);
  });

  it("tell each other what changed, and what grows", async () => {
    const { history, conversation } = await kept();
    const news: News[] = [];
    history.watch((each) => news.push(each));
    const tab = openTab();
    await tab.run("stream", conversation.id, 1300, true);
    const { id } = conversation;
    await vi.waitFor(() => expect(news.at(-1)).toEqual({ type: "changed", id }));
    expect(news).toContainEqual({ type: "grew", id });
    await tab.run("remove", id);
    await vi.waitFor(() => expect(news.at(-1)).toEqual({ type: "removed", id }));
    // What was removed does not come back because a tab still writes into it.
    await expect(history.save(chat.addMessage(conversation, { content: "late" }))).rejects.toMatchObject(
      refused("not-stored", /was removed/),
    );
  });

  it("do not write one reply at once: the second is told before it generates anything", async () => {
    const { history, conversation } = await kept();
    const tab = openTab();
    const streamed = tab.run("stream", conversation.id, 2500, true);
    await vi.waitFor(async () => {
      const { conversation: now } = await history.read(conversation.id);
      expect(messageOf(now, now.leaf ?? "")).toMatchObject({ role: "assistant", state: "streaming" });
    }, 5000);
    const { conversation: seen } = await history.read(conversation.id);
    expect(chat.canContinue(seen)).toBe(false);
    const forced = { ...seen, growing: messageOf(seen, seen.leaf ?? "") };
    await expect(history.save(forced)).rejects.toMatchObject(refused("model-busy", /being written in another tab/));
    const text = await streamed;
    // It has more text by now than this tab knows of.
    await expect(history.save(forced)).rejects.toMatchObject(refused("request-invalid", /Another tab went on/));
    let mine = (await history.catchUp(conversation.id))(seen);
    expect(shownPath(mine).at(-1)?.message).toMatchObject({ content: text, state: "cut-off" });
    mine = chat.appendText(chat.continueReply(mine, "m"), "and on");
    await history.save(mine);
    await history.save(chat.endReply(mine, end));
    const { conversation: whole } = await open().read(conversation.id);
    expect(shownPath(whole).at(-1)?.message).toMatchObject({ content: `${text}and on`, state: "whole" });
  });

  it("keep a message that one removes while the other answers it", async () => {
    const one = await kept();
    const other = open();
    const { conversation: there } = await other.read(one.conversation.id);
    const first = chat.endReply(chat.appendText(chat.beginReply(one.conversation, "m"), "a"), end);
    await one.history.save(first);
    const seen = (await other.catchUp(there.id))(there);
    const question = one.conversation.leaf ?? "";
    // Removed before the answer is kept.
    await one.history.save(chat.removeMessage(first, question));
    const answered = chat.addMessage(seen, { content: "answer" });
    await other.save(answered);
    expect((await open().read(there.id)).conversation.messages).toEqual(answered.messages);
    // Removed by one who does not know of the answer.
    const back = (await one.history.catchUp(there.id))(first);
    const further = chat.addMessage(answered, { content: "more" });
    await other.save(further);
    await one.history.save(chat.removeMessage(back, question));
    expect((await open().read(there.id)).conversation.messages).toEqual(further.messages);
  });
});

describe("a tab that dies", () => {
  it("leaves what it had written of a reply a second before, which can be gone on with", async () => {
    const { history, conversation } = await kept();
    const news: News[] = [];
    history.watch((each) => news.push(each));
    for (let crash = 0; crash < 3; crash++) {
      const tab = openTab();
      const before = await history.read(conversation.id);
      const length = messageOf(before.conversation, before.conversation.leaf ?? "")?.content.length ?? 0;
      const text = await tab.run("stream", conversation.id, 2200, false);
      const going = await history.read(conversation.id);
      expect(shownPath(going.conversation).at(-1)?.message.state).toBe("streaming");
      news.length = 0;
      tab.crash();
      await vi.waitFor(() => expect(news).toContainEqual({ type: "changed", id: conversation.id }), 5000);
      const { conversation: found } = await open().read(conversation.id);
      const { message } = shownPath(found).at(-1) ?? {};
      expect(message).toMatchObject({ role: "assistant", state: "cut-off" });
      expect(text.startsWith(message?.content ?? "?")).toBe(true);
      // Two checkpoints at least, of a text that grew all the time.
      expect(message?.content.length).toBeGreaterThan(length + (text.length - length) / 4);
      expect(chat.canContinue(found)).toBe(true);
    }
  });

  it("leaves its last checkpoint, not its first: what comes late is written, too", async () => {
    const { history, conversation } = await kept();
    let mine = chat.beginReply(conversation, "m");
    await history.save(mine);
    for (const piece of ["one ", "two ", "three"]) {
      mine = chat.appendText(mine, piece);
      history.checkpoint(mine);
    }
    await vi.waitFor(async () => {
      const { conversation: seen } = await open().read(mine.id);
      expect(shownPath(seen).at(-1)?.message).toMatchObject({ content: "one two three", state: "streaming" });
    }, 5000);
    await history.close();
    await vi.waitFor(async () => {
      const { conversation: after } = await open().read(mine.id);
      expect(shownPath(after).at(-1)?.message).toMatchObject({ content: "one two three", state: "cut-off" });
    }, 5000);
    expect(problems).toEqual([]);
  });
});
