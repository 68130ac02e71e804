/**
 * Conversations kept in IndexedDB, by all tabs at once: each message is a record of its own, which only ever grows, so
 * two tabs that write into one conversation add to each other. What is not said here: `save.ts` (what is written and what
 * is refused), `reply-locks.ts` (whose reply it is), `kept.ts` (reading), `database.ts` (what lies where).
 */
import { asIngleError, IngleError } from "../shared/errors";
import { epochOf, read, transact } from "./database";
import { importInto, type Imported } from "./import";
import { purge, readConversation, readHeads, removeConversations, type KeptConversation } from "./kept";
import { merge } from "./merge";
import type { Conversation, Message } from "./message";
import { NewsChannel, type News } from "./news";
import { headOf, isNewer, MOST_TITLE, readHead, type Head, type KeptHead } from "./records";
import { ReplyLocks } from "./reply-locks";
import { newer, putHead, saveInto, unsaved } from "./save";
import { searchKept, type SearchOptions, type SearchResult } from "./search-kept";

/** [ms] What a crash may cost of a reply. */
const CHECKPOINT_MS = 1000;
/** [ms] How long a removal can be undone. */
export const UNDO_MS = 60_000;

export interface HistoryOptions {
  /** What went wrong where nobody waits for it: a checkpoint could not be written. */
  readonly onProblem: (problem: IngleError) => void;
  readonly undoMs?: number;
}

/** A conversation as the list shows it. */
export type Summary = Omit<Head, "leaf">;

/** What is changed of a conversation without its messages. */
export type Facts = Partial<Pick<Conversation, "title" | "isPinned" | "preset">>;

/** What the next checkpoint is to write. */
interface Due {
  conversation: Conversation;
  timer: ReturnType<typeof setTimeout> | undefined;
  isQueued: boolean;
}

export class ChatHistory {
  readonly #onProblem: (problem: IngleError) => void;
  readonly #undoMs: number;
  readonly #news = new NewsChannel();
  readonly #locks = new ReplyLocks();
  /** Messages that are kept just as these values are. */
  #kept = new WeakSet<Message>();
  /** Conversations that were there once: one that is gone was removed by another tab, and does not come back by itself. */
  readonly #known = new Set<string>();
  #epoch: unknown;
  readonly #due = new Map<string, Due>();
  /** [ms] By `performance.now()`, when a conversation was last written. */
  readonly #writtenAt = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor({ onProblem, undoMs = UNDO_MS }: HistoryOptions) {
    this.#onProblem = onProblem;
    this.#undoMs = undoMs;
    this.#purgeLater(); // what a page removed that did not live to see the end of its time
  }

  /** The pinned first, then what was changed last. Reads no message. */
  async list(): Promise<readonly Summary[]> {
    return (await readHeads()).map(({ id, title, isPinned, preset, createdAt, changedAt }) => ({
      id,
      title,
      isPinned,
      preset,
      createdAt,
      changedAt,
    }));
  }

  /** @throws IngleError "not-stored" */
  read(id: string): Promise<KeptConversation> {
    return this.#queue(() => this.#read(id));
  }

  /** All of them, one after the other: for an export. */
  async *readAll(): AsyncGenerator<Conversation, void> {
    for (const { id } of await readHeads()) {
      const found = await this.read(id).catch((thrown: unknown) => {
        if (asIngleError(thrown).code === "not-stored") return undefined; // removed meanwhile
        throw thrown;
      });
      if (found !== undefined) yield found.conversation;
    }
  }

  /**
   * Keeps what is new in a conversation. To be called whenever a message was added, a reply begun, ended, cut or removed,
   * or another branch shown; it is there once this resolves. Title, pin and preset of one that is kept already are
   * changed by `change` only.
   *
   * @throws IngleError "model-busy" while another tab writes the same reply, and "request-invalid" where one has: before
   *   anything is generated if the begun reply is saved first. "not-stored" where another tab removed the conversation.
   *   "storage-full"; "storage-failed"
   */
  save(conversation: Conversation): Promise<void> {
    this.#forgetDue(conversation.id);
    return this.#queue(() => this.#write(conversation));
  }

  /**
   * Keeps what a reply has by now, at most once a second: to be called with every token. Only the reply is written.
   */
  checkpoint(conversation: Conversation): void {
    const { id } = conversation;
    const due = this.#due.get(id) ?? { conversation, timer: undefined, isQueued: false };
    due.conversation = conversation;
    this.#due.set(id, due);
    if (due.isQueued) return;
    const since = performance.now() - (this.#writtenAt.get(id) ?? 0);
    // Not by the timer alone: a hidden tab's may come once a minute.
    if (since >= CHECKPOINT_MS) this.#writeDue(due);
    else due.timer ??= setTimeout(() => this.#writeDue(due), CHECKPOINT_MS - since);
  }

  /**
   * After news of a conversation that is open: what to do to the open value, so that nothing it has of its own is lost.
   * `const catchUp = await history.catchUp(id); open = catchUp(open);`
   *
   * @throws IngleError "not-stored"
   */
  async catchUp(id: string): Promise<(mine: Conversation) => Conversation> {
    const { conversation } = await this.read(id);
    return (mine) => merge(mine, conversation, (message) => this.#kept.has(message));
  }

  /** @throws IngleError "not-stored" */
  async change(id: string, facts: Facts): Promise<void> {
    const bounded = facts.title === undefined ? facts : { ...facts, title: facts.title.slice(0, MOST_TITLE) };
    await this.#changeHead(id, (head) => ({ ...head, ...bounded }));
    this.#news.tell({ type: "changed", id });
  }

  /** It can be undone for a minute. @throws IngleError "not-stored" */
  async remove(id: string): Promise<void> {
    this.#forgetDue(id);
    await this.#changeHead(id, (head) => ({ ...head, removedAt: Date.now() }));
    this.#locks.releaseOthers(id, undefined);
    this.#news.tell({ type: "removed", id });
    this.#purgeLater();
  }

  /** @throws IngleError "not-stored" once the minute is over. */
  async undoRemoval(id: string): Promise<void> {
    await this.#changeHead(id, (head) => ({ ...head, removedAt: undefined }), true);
    this.#news.tell({ type: "changed", id });
  }

  /** All conversations, for good. Presets stay. */
  async removeAll(): Promise<void> {
    for (const id of this.#due.keys()) this.#forgetDue(id);
    await this.#queue(removeConversations);
    this.#news.tell({ type: "all-removed" });
  }

  /**
   * Takes in what a file had. A conversation whose id is here already is left as it is when it has all that comes;
   * otherwise what comes is added beside it as a copy with an id of its own.
   */
  async add(conversations: readonly Conversation[]): Promise<Imported> {
    let imported: Imported = { added: [], copied: [], alreadyHere: [] };
    for (const conversation of conversations) {
      const { as, id } = await this.#queue(() => importInto(conversation));
      imported = { ...imported, [as]: [...imported[as], id] };
      this.#known.add(id);
      if (as !== "alreadyHere") this.#news.tell({ type: "changed", id });
    }
    return imported;
  }

  /** Over titles, messages and attachments: newest conversations first, one hit each. @throws IngleError "aborted" */
  search(query: string, options: SearchOptions): Promise<SearchResult> {
    return searchKept(query, options);
  }

  /** What other tabs changed, and what became of replies they were writing. @returns ends it. */
  watch(listener: (news: News) => void): () => void {
    return this.#news.watch(listener);
  }

  /** What is under way is still written; replies that this tab was writing count as cut off. */
  async close(): Promise<void> {
    for (const due of this.#due.values()) if (!due.isQueued) this.#writeDue(due);
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#last;
    this.#locks.close();
    this.#news.close();
  }

  async #read(id: string): Promise<KeptConversation> {
    const isBeingWritten = await this.#locks.beingWritten(id);
    const found = await readConversation(id, isBeingWritten);
    this.#epoch ??= await transact("readonly", epochOf);
    this.#known.add(id);
    for (const message of found.conversation.messages.values()) {
      this.#kept.add(message);
      if (message.state !== "streaming") continue;
      this.#locks.whenFree(id, message.id, () => this.#news.hear({ type: "changed", id }));
    }
    return found;
  }

  async #write(conversation: Conversation): Promise<void> {
    const { id, growing, removed } = conversation;
    if (growing !== undefined) await this.#locks.hold(id, growing.id);
    const { messages, written } = await transact("readwrite", async (records) => {
      await this.#enterEpoch(records);
      const messages = unsaved(conversation, (message) => this.#kept.has(message));
      return { messages, written: await saveInto(records, conversation, messages, this.#known.has(id)) };
    }).catch((thrown: unknown) => {
      // Where the disk is full the reply still is this tab's; where it was refused it is not.
      if (["not-stored", "request-invalid"].includes(asIngleError(thrown).code))
        this.#locks.releaseOthers(id, undefined);
      throw thrown;
    });
    this.#writtenAt.set(id, performance.now());
    this.#known.add(id);
    for (const message of removed.values()) this.#kept.delete(message);
    // One that grows is another value with the next token.
    for (const message of [...messages, ...written]) if (message.state !== "streaming") this.#kept.add(message);
    this.#locks.releaseOthers(id, growing?.id);
    const isGrowth = growing !== undefined && written.every((message) => message.id === growing.id);
    this.#news.tell({ type: isGrowth ? "grew" : "changed", id });
  }

  /** Where the browser has cleared what was kept, nothing is kept or known any more: what this page has is written anew. */
  async #enterEpoch(records: IDBObjectStore): Promise<void> {
    const epoch = await epochOf(records);
    if (this.#epoch !== undefined && this.#epoch !== epoch) {
      this.#kept = new WeakSet();
      this.#known.clear();
    }
    this.#epoch = epoch;
  }

  #writeDue(due: Due): void {
    clearTimeout(due.timer);
    due.isQueued = true;
    this.#queue(async () => {
      const { id } = due.conversation;
      if (this.#due.get(id) !== due) return; // all of it was saved meanwhile
      this.#due.delete(id);
      this.#writtenAt.set(id, performance.now()); // what fails is not tried again with every token
      await this.#write(due.conversation);
    }).catch((thrown: unknown) => this.#onProblem(asIngleError(thrown)));
  }

  #forgetDue(id: string): void {
    clearTimeout(this.#due.get(id)?.timer);
    this.#due.delete(id);
  }

  async #changeHead(id: string, change: (head: KeptHead) => KeptHead, wasRemoved = false): Promise<void> {
    await this.#queue(() =>
      transact("readwrite", async (records) => {
        const record = await read(records, ["head", id]);
        if (isNewer(record)) throw newer();
        const head = readHead(id, record);
        if (head === undefined || (head.removedAt !== undefined) !== wasRemoved) throw gone();
        const changed = change(head);
        putHead(records, { ...headOf(changed), removedAt: changed.removedAt });
      }),
    );
  }

  #purgeLater(): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#queue(() => purge(this.#undoMs)).catch(() => undefined); // the next page does it
    }, this.#undoMs + 100);
    this.#timers.add(timer);
  }

  /** One thing after the other, so that what a value has of a write before it is kept when it is looked at. */
  #queue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function gone(): IngleError {
  return new IngleError("not-stored", "This conversation is not here any more.");
}
