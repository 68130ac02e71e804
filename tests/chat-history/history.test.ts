/** What one tab keeps, finds and removes, in a real IndexedDB. */
import { promisifyRequest } from "idb-keyval";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import * as chat from "../../src/chat/conversation";
import { put, read, transact } from "../../src/chat/database";
import { toIngleFile } from "../../src/chat/export/ingle-file";
import { readConversationFile } from "../../src/chat/export/read-file";
import { ChatHistory, type HistoryOptions } from "../../src/chat/history";
import type { Conversation } from "../../src/chat/message";
import { shownPath, showBranch } from "../../src/chat/tree";
import { longConversation, usage } from "../chat/edits";
import { refused } from "../helpers/refused";

const signal = new AbortController().signal;
const end = { finishReason: "stop", usage } as const;

function open(options: Partial<HistoryOptions> = {}): ChatHistory {
  const problems: unknown[] = [];
  const history = new ChatHistory({ onProblem: (problem) => problems.push(problem), ...options });
  onTestFinished(async () => {
    await history.close();
    expect(problems).toEqual([]);
  });
  return history;
}

function talk(question: string, answer?: string): Conversation {
  const asked = chat.addMessage(chat.newConversation(), { content: question });
  return answer === undefined ? asked : chat.endReply(chat.appendText(chat.beginReply(asked, "m"), answer), end);
}

const contents = (conversation: Conversation) => shownPath(conversation).map(({ message }) => message.content);

/** The keys that are written while `work` runs. */
async function keysWritten(work: () => Promise<unknown>): Promise<unknown[]> {
  const spy = vi.spyOn(IDBObjectStore.prototype, "put");
  try {
    await work();
    return spy.mock.calls.map(([, key]) => key);
  } finally {
    spy.mockRestore();
  }
}

beforeEach(() => open().removeAll());

describe("a conversation", () => {
  it("comes back as it was, branches and all, and is listed without its messages", async () => {
    const history = open();
    let one = talk("one", "first");
    one = chat.endReply(chat.appendText(chat.regenerate(one, one.leaf ?? "", "m"), "again"), end);
    await history.save(one);
    const reader = open();
    expect((await reader.read(one.id)).conversation).toEqual(one);
    const branched = showBranch(one, shownPath(one)[1]?.siblings[0] ?? "");
    expect(contents(branched)).toEqual(["one", "first"]);
    await history.save(branched);
    expect((await reader.read(one.id)).conversation).toEqual(branched);

    const two = talk("two");
    await reader.save({ ...two, changedAt: one.changedAt + 1 });
    const spy = vi.spyOn(IDBObjectStore.prototype, "getAll");
    expect(await history.list()).toMatchObject([
      { id: two.id, title: "two" },
      { id: one.id, title: "one" },
    ]);
    expect(spy.mock.calls).toHaveLength(1);
    spy.mockRestore();
    await history.change(one.id, { title: "Renamed", isPinned: true });
    expect(await history.list()).toMatchObject([{ title: "Renamed", isPinned: true }, { title: "two" }]);
    // What is saved next does not bring the old title back.
    await history.save(chat.addMessage(branched, { content: "more" }));
    expect((await history.list())[0]).toMatchObject({ title: "Renamed", isPinned: true });
    await expect(history.read("nobody")).rejects.toMatchObject(refused("not-stored", /not here any more/));
  });

  it("is written message by message: only what is new", async () => {
    const history = open();
    let long = longConversation(200);
    await history.save(long);
    ({ conversation: long } = await history.read(long.id));
    long = chat.addMessage(long, { content: "more" });
    const question = long.leaf;
    expect(await keysWritten(() => history.save(long))).toEqual([
      ["message", long.id, question],
      ["head", long.id],
    ]);
    long = chat.beginReply(long, "m");
    await history.save(long);
    const reply = ["message", long.id, long.leaf];
    const grown = await keysWritten(async () => {
      for (let i = 0; i < 200; i++) {
        long = chat.appendText(long, "x");
        history.checkpoint(long);
      }
      await vi.waitFor(async () => {
        const record = await transact("readonly", (records) => read(records, ["message", long.id, long.leaf ?? ""]));
        expect(record).toMatchObject({ content: "x".repeat(200), state: "streaming" });
      }, 5000);
    });
    expect(grown).toEqual([reply]);
    expect(await keysWritten(() => history.save(chat.endReply(long, end)))).toEqual([reply, ["head", long.id]]);
  });

  it("is written once a second at most, however the tokens come", async () => {
    const history = open();
    let one = chat.beginReply(talk("one"), "m");
    await history.save(one);
    const start = performance.now();
    const written = await keysWritten(async () => {
      while (performance.now() - start < 1500) {
        one = chat.appendText(one, "x");
        history.checkpoint(one);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThanOrEqual((performance.now() - start) / 1000);
  });

  it("gives up a message with what follows, and takes it back", async () => {
    const history = open();
    let one = talk("one", "first");
    const reply = one.leaf ?? "";
    one = chat.addMessage(one, { content: "two" });
    await history.save(one);
    const shorter = chat.removeMessage(one, reply);
    await history.save(shorter);
    expect(contents((await open().read(one.id)).conversation)).toEqual(["one"]);
    await history.save(one);
    expect(contents((await open().read(one.id)).conversation)).toEqual(["one", "first", "two"]);
  });
});

describe("what the browser has cleared", () => {
  it.each(["written here", "read"] as const)("is kept again with the next message, all of it: %s", async (how) => {
    const history = open();
    let one = talk("one", "first");
    const first = how === "read" ? open() : history;
    await first.save(one);
    await first.change(one.id, { title: "Mine", isPinned: true });
    one = how === "read" ? (await history.read(one.id)).conversation : { ...one, title: "Mine", isPinned: true };
    // As when the disk was full, and another tab has written since.
    await transact("readwrite", (records) => promisifyRequest(records.clear()));
    await open().save(talk("elsewhere"));
    one = chat.addMessage(one, { content: "two" });
    await history.save(one);
    expect((await open().read(one.id)).conversation).toEqual(one);
  });
});

describe("a removed conversation", () => {
  it("is gone, and back while that can be undone", async () => {
    const history = open({ undoMs: 200 });
    const one = talk("one", "first");
    await history.save(one);
    await history.remove(one.id);
    expect(await history.list()).toEqual([]);
    await expect(history.read(one.id)).rejects.toMatchObject(refused("not-stored", /not here/));
    expect((await history.search("first", { signal })).hits).toEqual([]);
    await expect(history.save(chat.addMessage(one, { content: "x" }))).rejects.toMatchObject(
      refused("not-stored", /was removed/),
    );
    await history.undoRemoval(one.id);
    expect((await history.read(one.id)).conversation).toEqual(one);

    await history.remove(one.id);
    await vi.waitFor(async () => expect(await countRecords()).toBe(0), 5000);
    await expect(history.undoRemoval(one.id)).rejects.toMatchObject(refused("not-stored", /not here/));
  });

  it("is purged by the next page where its own did not live to do it", async () => {
    const dying = open({ undoMs: 60_000 });
    const one = talk("one");
    await dying.save(one);
    await dying.remove(one.id);
    open({ undoMs: 0 });
    await vi.waitFor(async () => expect(await countRecords()).toBe(0), 5000);
  });
});

function countRecords(): Promise<number> {
  return transact("readonly", async (records) => {
    const keys = await promisifyRequest(records.getAllKeys());
    return keys.filter((key) => (key as string[]).length > 1).length; // the database's own is one of one part
  });
}

describe("a broken record", () => {
  it("hides no other", async () => {
    const history = open();
    let one = talk("one", "first");
    const [question, reply] = shownPath(one).map(({ message }) => message.id);
    one = chat.addMessage(one, { content: "two" });
    const two = talk("two");
    await history.save(one);
    await history.save(two);
    await transact("readwrite", (records) => {
      put(records, ["head", one.id], { version: 1, title: 5, isPinned: "no", leaf: {} });
      put(records, ["message", one.id, reply ?? ""], { version: 1, id: reply, role: "assistant", content: 7 });
      put(records, ["head", "odd"], []);
      put(records, ["head", "newer"], { version: 2, title: "from the future" });
      put(records, ["message", "newer", "m"], { version: 2 });
      return Promise.resolve();
    });
    expect((await history.list()).map(({ id }) => id).toSorted()).toEqual([one.id, two.id, "odd"].toSorted());
    const { conversation, unreadable } = await history.read(one.id);
    expect(unreadable).toBe(1);
    expect([...conversation.messages.keys()].toSorted()).toEqual([question, one.leaf].toSorted());
    expect((await history.search("two", { signal })).hits).toHaveLength(2);
    expect((await history.read("odd")).conversation.messages.size).toBe(0);
    // What a newer page wrote is left to it.
    for (const touch of [history.read("newer"), history.change("newer", {}), history.save({ ...two, id: "newer" })]) {
      await expect(touch).rejects.toMatchObject(refused("not-stored", /newer version of Ingle/));
    }
  });
});

describe("a search", () => {
  it("looks into titles, messages and files, newest conversations first, within its limit, and can be stopped", async () => {
    const history = open();
    const texts = ["Ein Café", "nothing", "two", "cafe"] as const;
    for (const [i, text] of texts.entries()) {
      const attachments = text === "two" ? [{ name: "menu.txt", text: "at the CAFÉ" }] : [];
      const one = chat.addMessage(chat.newConversation(), { content: text, attachments });
      await history.save({ ...one, title: text === "cafe" ? text : "talk", changedAt: i });
    }
    const { hits, isCut } = await history.search("café", { signal });
    expect(isCut).toBe(false);
    expect(hits).toMatchObject([
      { title: "cafe", message: undefined, excerpt: { text: "cafe" } },
      { title: "talk", excerpt: { text: "two menu.txt at the CAFÉ" } },
      { title: "talk", excerpt: { text: "Ein Café", start: 4, end: 8 } },
    ]);
    expect(await history.search("café", { signal, limit: 2 })).toMatchObject({ hits: hits.slice(0, 2), isCut: true });
    expect(await history.search(" ", { signal })).toEqual({ hits: [], isCut: false });
    await expect(history.search("café", { signal: AbortSignal.abort() })).rejects.toMatchObject(
      refused("aborted", /./),
    );
    const stop = new AbortController();
    const searching = history.search("café", { signal: stop.signal });
    stop.abort();
    await expect(searching).rejects.toMatchObject(refused("aborted", /./));
  });
});

describe("an import", () => {
  it("brings back what was exported and deleted, and overwrites nothing", async () => {
    const history = open();
    const one = talk("one", "first");
    const two = talk("two");
    await history.save(one);
    await history.save(two);
    const exported: Conversation[] = [];
    for await (const conversation of history.readAll()) exported.push(conversation);
    const { conversations } = readConversationFile(toIngleFile(exported));
    expect(await history.add(conversations)).toMatchObject({ added: [], copied: [], alreadyHere: { length: 2 } });

    await history.removeAll();
    expect(await history.list()).toEqual([]);
    expect(await history.add(conversations)).toMatchObject({ added: { length: 2 }, copied: [], alreadyHere: [] });
    expect((await history.read(one.id)).conversation).toEqual(one);

    await history.remove(two.id);
    const further = chat.addMessage(one, { content: "elsewhere" });
    const { added, copied } = await history.add([further, two]);
    expect(added).toEqual([two.id]);
    expect(copied).toHaveLength(1);
    expect((await history.read(one.id)).conversation).toEqual(one);
    expect(contents((await history.read(copied[0] ?? "")).conversation)).toEqual(["one", "first", "elsewhere"]);
    expect((await history.read(two.id)).conversation).toEqual(two);
  });
});

describe("a browser that refuses", () => {
  it("is told of as such, and what was not kept is kept when there is room again", async () => {
    const problems: unknown[] = [];
    const history = open({ onProblem: (problem) => problems.push(problem) });
    let one = talk("one");
    const full = new DOMException("No room.", "QuotaExceededError");
    const really = IDBObjectStore.prototype.put;
    const spy = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (
      this: IDBObjectStore,
      value,
      key,
    ) {
      const record = key as string[];
      if (record[0] === "head") throw full; // after its message was written
      return really.call(this, value, key);
    });
    await expect(history.save(one)).rejects.toMatchObject(refused("storage-full", /storage for this site is full/));
    history.checkpoint(chat.appendText(chat.beginReply(one, "m"), "text"));
    await vi.waitFor(() => expect(problems).toMatchObject([refused("storage-full", /full/)]), 5000);
    spy.mockRestore();
    expect(await countRecords()).toBe(0); // all of it or nothing
    one = chat.endReply(chat.appendText(chat.beginReply(one, "m"), "text"), end);
    await history.save(one);
    expect((await open().read(one.id)).conversation).toEqual(one);
  });
});
