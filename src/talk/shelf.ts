/** All conversations, as a plain state machine: listed, searched, renamed, pinned, removed, exported, imported. */
import { toIngleFile } from "../chat/export/ingle-file";
import { expectReadable } from "../chat/export/bounded-json";
import type { LeftOut } from "../chat/export/left-out";
import { toMarkdown, type MarkdownWords } from "../chat/export/markdown";
import { UNDO_MS, type ChatHistory, type Facts, type Summary } from "../chat/history";
import type { Imported } from "../chat/import";
import type { SearchResult } from "../chat/search-kept";
import { asIngleError, type IngleError } from "../shared/errors";
import type { Talk } from "./talk";

export interface ShelfParts {
  readonly history: Pick<
    ChatHistory,
    "list" | "read" | "readAll" | "remove" | "undoRemoval" | "add" | "search" | "watch"
  >;
  readonly talk: Pick<Talk, "change" | "leave" | "open" | "unkept">;
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
    void this.#try(async () => {
      while (this.#isStale) {
        this.#isStale = false;
        const kept = await this.#try(() => this.#parts.history.list());
        this.#enter({ list: this.#withUnkept(kept ?? []) });
      }
    }).finally(() => (this.#isReading = false));
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
      await this.#parts.talk.leave(summary.id);
      this.refresh(); // one that could not be kept is gone with this
      await this.#parts.history.remove(summary.id);
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
      await this.#parts.history.undoRemoval(removed.id);
      this.refresh();
      await this.#parts.talk.open(removed.id);
    });
  }

  open(id: string): Promise<void> {
    return this.#try(() => this.#parts.talk.open(id));
  }

  /** One conversation as a file's text; undefined where that failed, which the state says. */
  exportOne(id: string, as: { readonly markdown: MarkdownWords } | "json"): Promise<string | undefined> {
    return this.#try(async () => {
      const { conversation } = await this.#parts.history.read(id);
      return as === "json" ? toIngleFile([conversation]) : toMarkdown(conversation, as.markdown);
    });
  }

  exportAll(): Promise<string | undefined> {
    return this.#try(async () => {
      const all = [];
      for await (const conversation of this.#parts.history.readAll()) all.push(conversation);
      return toIngleFile(all);
    });
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

  /** First what this page alone has: no list but this one leads back to it. */
  #withUnkept(list: readonly Summary[]): readonly Summary[] {
    const here = new Set(list.map(({ id }) => id));
    return [...this.#parts.talk.unkept.filter(({ id }) => !here.has(id)), ...list];
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
