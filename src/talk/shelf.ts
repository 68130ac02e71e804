/**
 * All conversations, as a plain state machine: listed, searched, renamed, pinned, removed, exported, imported. Among them
 * those that could not be kept, which this page alone has.
 */
import { toIngleFile } from "../chat/export/ingle-file";
import { expectReadable } from "../chat/export/bounded-json";
import type { LeftOut } from "../chat/export/left-out";
import { allToMarkdown, type MarkdownWords } from "../chat/export/markdown";
import { UNDO_MS, type ChatHistory, type Facts, type Summary } from "../chat/history";
import type { Imported } from "../chat/import";
import type { SearchResult } from "../chat/search-kept";
import type { Conversation } from "../chat/message";
import { asIngleError, IngleError } from "../shared/errors";
import type { Talk } from "./talk";

export interface ShelfParts {
  readonly history: Pick<
    ChatHistory,
    "list" | "read" | "readAll" | "remove" | "undoRemoval" | "add" | "search" | "watch"
  >;
  readonly talk: Pick<Talk, "change" | "leave" | "open" | "state" | "unkept">;
}

export interface ShelfState {
  /** Undefined until it was read. */
  readonly list: readonly Summary[] | undefined;
  /** What the list is narrowed to. */
  readonly query: string;
  readonly found: SearchResult | undefined;
  /** The one that was removed last: for a minute it can come back. */
  readonly removed: Summary | undefined;
  readonly imported: (Imported & { readonly leftOut: LeftOut }) | undefined;
  readonly problem: IngleError | undefined;
}

/** Markdown is to read, JSON to take in again. */
export type ExportAs = { readonly markdown: MarkdownWords } | "json";

const NOTHING: ShelfState = {
  list: undefined,
  query: "",
  found: undefined,
  removed: undefined,
  imported: undefined,
  problem: undefined,
};

export class Shelf {
  readonly #parts: ShelfParts;
  readonly #listeners = new Set<() => void>();
  #state = NOTHING;
  #searching = new AbortController();
  #isReading = false;
  #isStale = false;
  /** Whether this page alone had the one that was removed last, or a newer version of it. */
  #wasUnkept = false;

  constructor(parts: ShelfParts) {
    this.#parts = parts;
    parts.history.watch(({ type }) => {
      if (type !== "grew" && type !== "presets-changed") this.refresh();
    });
    this.refresh();
  }

  get state(): ShelfState {
    return this.#state;
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the list anew; what is asked for meanwhile is read once, after it. */
  refresh(): void {
    this.#isStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    void this.#readList();
  }

  async #readList(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const kept = await this.#try(() => this.#parts.history.list());
      this.#enter({ list: this.#withUnkept(kept ?? []) });
    }
    this.#isReading = false; // in the same turn: what is asked for from here on begins anew
  }

  /** Of several searches the last one counts. */
  async search(query: string): Promise<void> {
    this.#searching.abort();
    const { signal } = (this.#searching = new AbortController());
    this.#enter({ query, ...(query.trim() === "" && { found: undefined }) });
    if (query.trim() === "") return;
    await this.#try(async () => {
      const found = await this.#parts.history.search(query, { signal });
      if (!signal.aborted) this.#enter({ found });
    });
  }

  change(id: string, facts: Facts): Promise<void> {
    return this.#try(async () => {
      await this.#parts.talk.change(id, facts);
      this.refresh();
    });
  }

  remove(summary: Summary): Promise<void> {
    return this.#try(async () => {
      const { talk, history } = this.#parts;
      const isUnkept = this.#unkept(summary.id) !== undefined;
      await talk.leave(summary.id);
      this.refresh(); // one that could not be kept is gone with this
      await this.#asKept(isUnkept, () => history.remove(summary.id));
      this.#wasUnkept = isUnkept;
      this.#enter({ removed: summary, imported: undefined });
      setTimeout(() => {
        if (this.#state.removed === summary) this.#enter({ removed: undefined });
      }, UNDO_MS);
      this.refresh();
      await this.search(this.#state.query);
    });
  }

  undoRemoval(): Promise<void> {
    const { removed } = this.#state;
    return this.#try(async () => {
      if (removed === undefined) return;
      this.#enter({ removed: undefined });
      await this.#asKept(this.#wasUnkept, () => this.#parts.history.undoRemoval(removed.id));
      try {
        await this.#parts.talk.open(removed.id);
      } finally {
        this.refresh();
      }
    });
  }

  open(id: string): Promise<void> {
    return this.#try(() => this.#parts.talk.open(id));
  }

  /** One conversation as a file's text; undefined where that failed, which the state says. */
  exportOne(id: string, as: ExportAs): Promise<string | undefined> {
    return this.#try(async () => {
      const conversation = this.#unkept(id) ?? (await this.#parts.history.read(id)).conversation;
      return toFile([conversation], as);
    });
  }

  /** Those too that this page alone has, and these alone where nothing else can be read, which the state says. */
  exportAll(as: ExportAs): Promise<string | undefined> {
    return this.#try(async () => toFile(await this.#readAll(), as));
  }

  /** Takes in a file of ours or of ChatGPT's. What reads it is loaded when there is one. */
  importFile(file: Pick<File, "text" | "size">): Promise<void> {
    this.#enter({ problem: undefined, imported: undefined });
    return this.#try(async () => {
      expectReadable(file);
      const { readConversationFile } = await import("../chat/export/read-file");
      const { conversations, leftOut } = readConversationFile(await file.text());
      const imported = await this.#parts.history.add(conversations);
      this.#enter({ imported: { ...imported, leftOut }, removed: undefined });
      this.refresh();
    });
  }

  dismiss(): void {
    this.#enter({ problem: undefined, imported: undefined, removed: undefined });
  }

  #unkept(id: string): Conversation | undefined {
    return this.#parts.talk.unkept.find((each) => each.id === id);
  }

  /** First what this page alone has: no list but this one leads back to it. */
  #withUnkept(list: readonly Summary[]): readonly Summary[] {
    const here = new Set(list.map(({ id }) => id));
    const unkept = this.#parts.talk.unkept.filter(({ id }) => !here.has(id));
    return [...unkept, ...list.map((each) => this.#unkept(each.id) ?? each)];
  }

  /** In the list's order. @throws as the history, where this page has nothing of its own. */
  async #readAll(): Promise<readonly Conversation[]> {
    const { talk, history } = this.#parts;
    const all = new Map(talk.unkept.map((each) => [each.id, each]));
    try {
      for await (const conversation of history.readAll()) {
        if (!all.has(conversation.id)) all.set(conversation.id, conversation);
      }
    } catch (thrown) {
      const { code, message } = asIngleError(thrown);
      const shown = talk.state.conversation;
      if (shown.messages.size > 0 && !all.has(shown.id)) all.set(shown.id, shown);
      if (all.size === 0) throw thrown;
      const problem = `${message} The file has only what could be read, and what this page has itself.`;
      this.#enter({ problem: new IngleError(code, problem, { cause: thrown }) });
    }
    return [...all.values()];
  }

  /** Of one that this page alone has the history can do nothing; where that is not why it does nothing, it is said. */
  async #asKept(isUnkept: boolean, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (!isUnkept) throw thrown;
      const problem = asIngleError(thrown);
      if (problem.code !== "not-stored") this.#enter({ problem });
    }
  }

  async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      const problem = asIngleError(thrown);
      if (problem.code !== "aborted") this.#enter({ problem });
      return undefined;
    }
  }

  #enter(change: Partial<ShelfState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function toFile(conversations: readonly Conversation[], as: ExportAs): string {
  return as === "json" ? toIngleFile(conversations) : allToMarkdown(conversations, as.markdown);
}
