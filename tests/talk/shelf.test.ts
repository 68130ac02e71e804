/** All conversations: those that are kept, and those that this page alone has because they could not be. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { addMessage, beginReply, endReply, newConversation } from "../../src/chat/conversation";
import { readConversationFile } from "../../src/chat/export/read-file";
import { UNDO_MS, type Facts } from "../../src/chat/history";
import type { Conversation } from "../../src/chat/message";
import type { News } from "../../src/chat/news";
import { pathTo } from "../../src/chat/tree";
import { IngleError } from "../../src/shared/errors";
import { Shelf } from "../../src/talk/shelf";
import { FakeDesk, FakeHistory, settle, talkWith, usage } from "./parts";

const full = () => new IngleError("storage-full", "The disk is full.");
const gone = () => new IngleError("not-stored", "This conversation is not here any more.");

/** A history with all that a shelf asks of one. */
class WholeHistory extends FakeHistory {
  readonly removed = new Map<string, Conversation>();
  /** Nothing can be read. */
  unreadable: IngleError | undefined;

  readonly #listeners = new Set<(news: News) => void>();

  override watch(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  override tell(news: News): void {
    for (const listener of this.#listeners) listener(news);
  }

  list() {
    if (this.unreadable !== undefined) return Promise.reject(this.unreadable);
    return Promise.resolve([...this.kept.values()]);
  }

  override read(id: string) {
    return this.unreadable === undefined ? super.read(id) : Promise.reject(this.unreadable);
  }

  async *readAll(): AsyncGenerator<Conversation, void> {
    if (this.unreadable !== undefined) throw this.unreadable;
    yield* await Promise.resolve([...this.kept.values()]);
  }

  /** As the real one: title, pin and preset of what is kept already are changed by `change` alone. */
  override async save(conversation: Conversation): Promise<void> {
    const kept = this.kept.get(conversation.id);
    await super.save(conversation);
    if (kept === undefined) return;
    const { title, isPinned, preset } = kept;
    this.kept.set(conversation.id, { ...conversation, growing: undefined, title, isPinned, preset });
  }

  override change(id?: string, facts?: Facts): Promise<void> {
    const kept = this.kept.get(id ?? "");
    if (this.refuse !== undefined) return Promise.reject(this.refuse);
    if (kept === undefined) return Promise.reject(gone());
    this.kept.set(kept.id, { ...kept, ...facts });
    return Promise.resolve();
  }

  remove(id: string): Promise<void> {
    return move(id, this.kept, this.removed);
  }

  undoRemoval(id: string): Promise<void> {
    return move(id, this.removed, this.kept);
  }

  add() {
    return Promise.resolve({ added: [], copied: [], alreadyHere: [] });
  }

  search() {
    return Promise.resolve({ hits: [], isCut: false });
  }
}

function move(id: string, from: Map<string, Conversation>, to: Map<string, Conversation>): Promise<void> {
  const found = from.get(id);
  if (found === undefined) return Promise.reject(gone());
  from.delete(id);
  to.set(id, found);
  return Promise.resolve();
}

function written(title: string): Conversation {
  const asked = addMessage(newConversation(), { content: title });
  return endReply(beginReply(asked, "m"), { finishReason: "stop", usage });
}

let desk: FakeDesk;
let history: WholeHistory;
let talk: ReturnType<typeof talkWith>["talk"];
let shelf: Shelf;

beforeEach(() => {
  desk = new FakeDesk();
  history = new WholeHistory();
  ({ talk } = talkWith(desk, { history, onSaved: () => shelf.refresh() }));
  shelf = new Shelf({ history, talk });
});

/** One that this page alone has. @returns its id */
async function askUnkept(content: string): Promise<string> {
  history.refuse = full();
  desk.scripts.push(["Yes."]);
  talk.startNew();
  await talk.send({ content });
  return talk.state.conversation.id;
}

const titles = () => shelf.state.list?.map(({ title }) => title);
const contents = (conversation: Conversation | undefined) =>
  conversation && pathTo(conversation, conversation.leaf).map(({ content }) => content);

describe("a conversation that could not be kept", () => {
  it("is carried out alone and among all, in the version that this page has", async () => {
    const older = written("Older");
    await history.save(older);
    await history.save(written("Another"));
    await talk.open(older.id);
    history.refuse = full();
    desk.scripts.push(["And the newest."]);
    await talk.send({ content: "Go on" });
    const alone = await askUnkept("Alone");
    const one = await shelf.exportOne(alone, "json");
    expect(contents(readConversationFile(one ?? "").conversations[0])).toEqual(["Alone", "Yes."]);
    const all = readConversationFile((await shelf.exportAll("json")) ?? "").conversations;
    expect(all.map(({ title }) => title).sort()).toEqual(["Alone", "Another", "Older"]);
    expect(contents(all.find(({ id }) => id === older.id))).toContain("And the newest.");
    const words = { untitled: "Untitled", you: "You", assistant: "Assistant", cutOff: "cut off" };
    const markdown = (await shelf.exportAll({ markdown: words }))?.split("\n---\n\n") ?? [];
    expect(markdown.map((each) => each.split("\n")[0])).toEqual(["# Older", "# Alone", "# Another"]);
    expect(markdown[0]).toContain("And the newest.");
    expect(shelf.state.problem).toBeUndefined();
  });

  it("is carried out where nothing can be read, and that is said", async () => {
    const id = await askUnkept("Alone");
    history.unreadable = new IngleError("storage-failed", "The storage can't be read.");
    shelf.dismiss();
    const all = readConversationFile((await shelf.exportAll("json")) ?? "").conversations;
    expect(all.map((each) => each.id)).toEqual([id]);
    expect(shelf.state.problem).toMatchObject({ code: "storage-failed" });
    expect(shelf.state.problem?.message).toMatch(/^The storage can't be read\. The file has only/);
  });

  it("where this page has nothing either, there is no file", async () => {
    history.unreadable = new IngleError("storage-failed", "The storage can't be read.");
    expect(await shelf.exportAll("json")).toBeUndefined();
    expect(shelf.state.problem?.message).toBe("The storage can't be read.");
  });

  it("is renamed and pinned here, and so once it is kept", async () => {
    const id = await askUnkept("Alone");
    await shelf.change(id, { title: "Renamed" });
    await shelf.change(id, { isPinned: true });
    await settle();
    expect(shelf.state.problem).toBeUndefined();
    expect(shelf.state.list?.[0]).toMatchObject({ title: "Renamed", isPinned: true });
    history.refuse = undefined;
    desk.scripts.push(["Again."]);
    await talk.send({ content: "More" });
    expect(history.kept.get(id)).toMatchObject({ title: "Renamed", isPinned: true });
    expect(talk.unkept).toEqual([]);
  });

  it("with an older version that is kept has its new title, here and once it is kept", async () => {
    const older = written("Older");
    await history.save(older);
    await talk.open(older.id);
    history.refuse = full();
    desk.scripts.push(["One."], ["Two."]);
    await talk.send({ content: "Go on" });
    await shelf.change(older.id, { title: "Renamed" });
    await settle();
    expect(shelf.state.problem).toBeUndefined();
    expect(titles()).toEqual(["Renamed"]);
    history.tell({ type: "changed", id: older.id }); // another tab wrote into the older version
    await settle();
    expect(talk.state.conversation.title).toBe("Renamed");
    history.refuse = undefined;
    await talk.send({ content: "More" });
    expect(history.kept.get(older.id)).toMatchObject({ title: "Renamed" });
    expect(history.kept.get(older.id)?.messages.size).toBe(6);
  });

  it("that is kept is renamed there or not at all", async () => {
    const kept = written("Kept");
    await history.save(kept);
    history.refuse = full();
    shelf.refresh();
    await shelf.change(kept.id, { title: "Renamed" });
    await settle();
    expect(shelf.state.problem?.code).toBe("storage-full");
    expect(titles()).toEqual(["Kept"]);
  });

  it("is deleted with a way back, to the last word that was being written", async () => {
    desk.scripts.push(["Half", new Promise(() => undefined)]);
    history.refuse = full();
    void talk.send({ content: "Alone" });
    await settle();
    const { conversation } = talk.state;
    expect(conversation.growing?.content).toBe("Half");
    await shelf.remove(conversation);
    expect(shelf.state.problem).toBeUndefined();
    expect(shelf.state.removed?.title).toBe("Alone");
    await settle();
    expect(titles()).toEqual([]);
    expect(talk.state.conversation.messages.size).toBe(0);
    await shelf.undoRemoval();
    await settle();
    expect(shelf.state.problem).toBeUndefined();
    expect(titles()).toEqual(["Alone"]);
    expect(contents(talk.state.conversation)).toEqual(["Alone", "Half"]);
    expect(talk.unkept.map(({ id }) => id)).toEqual([conversation.id]);
  });

  it("is deleted with the older version that is kept, and comes back as the newer one", async () => {
    const older = written("Older");
    await history.save(older);
    await talk.open(older.id);
    history.refuse = full();
    desk.scripts.push(["The newest."]);
    await talk.send({ content: "Go on" });
    await shelf.remove(older);
    await settle();
    expect(titles()).toEqual([]);
    expect(history.removed.has(older.id)).toBe(true);
    await shelf.undoRemoval();
    await settle();
    expect(titles()).toEqual(["Older"]);
    expect(contents(talk.state.conversation)).toContain("The newest.");
  });

  it("is deleted where the storage does nothing, which is said, and is gone for good after the minute", async () => {
    const id = await askUnkept("Alone");
    const { conversation } = talk.state;
    const blocked = new IngleError("storage-failed", "The storage is blocked.");
    history.remove = history.undoRemoval = () => Promise.reject(blocked);
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    await shelf.remove(conversation);
    expect(shelf.state.problem).toBe(blocked);
    await shelf.undoRemoval();
    expect(contents(talk.state.conversation)).toEqual(["Alone", "Yes."]);
    await shelf.remove(talk.state.conversation);
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(shelf.state.removed).toBeUndefined();
    shelf.dismiss();
    await shelf.open(id);
    expect(shelf.state.problem?.code).toBe("not-stored");
  });
});
