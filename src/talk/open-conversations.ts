/** The conversation that is shown, and the one that a reply is being written in: read, kept, and caught up with others. */
import { newConversation } from "../chat/conversation";
import { UNDO_MS, type ChatHistory, type Facts } from "../chat/history";
import type { Conversation } from "../chat/message";
import type { News } from "../chat/news";
import { asIngleError, IngleError, type ErrorCode } from "../shared/errors";
import type { TalkMemory } from "./memory";

export type TalkHistory = Pick<ChatHistory, "read" | "save" | "checkpoint" | "catchUp" | "change" | "watch">;

export interface OpenParts {
  readonly history: TalkHistory;
  readonly memory: Pick<TalkMemory, "open">;
  readonly isWriting: (id: string) => boolean;
  /** Another tab removed it. */
  readonly onRemoved: (id: string) => Promise<void>;
  /** Nothing can be kept just now. */
  readonly onProblem: (problem: IngleError) => void;
  /** Something changed in what is kept. */
  readonly onSaved: () => void;
  readonly onChange: () => void;
}

/** What says that a reply is another tab's, or its conversation gone: then nothing is to be generated. */
const REFUSED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["model-busy", "request-invalid", "not-stored"]);

export class OpenConversations {
  readonly #parts: OpenParts;
  readonly #values = new Map<string, Conversation>();
  /** What could not be kept: this page alone has it, until it can. With what is then to be said of it anew. */
  readonly #unkept = new Map<string, Facts>();
  /** Of those, the ones that were removed: for a while that can be undone. */
  readonly #forgotten = new Map<string, { readonly value: Conversation; readonly facts: Facts }>();
  #shown: string;
  #isOpening = false;
  /** Of several the last one counts. */
  #opens = 0;
  #opening: Promise<void> = Promise.resolve();

  constructor(parts: OpenParts) {
    this.#parts = parts;
    const blank = newConversation();
    this.#values.set(blank.id, blank);
    this.#shown = blank.id;
    parts.history.watch((news) => void this.#hear(news));
    const last = parts.memory.open;
    if (last !== undefined) void this.open(last).catch(() => undefined); // it was removed since
  }

  /** Resolves when what is being read is shown, or could not be. */
  whenOpened(): Promise<void> {
    return this.#opening;
  }

  /** What this page alone has. */
  get unkept(): readonly Conversation[] {
    return [...this.#unkept.keys()].flatMap((id) => this.#values.get(id) ?? []);
  }

  get shown(): Conversation {
    const shown = this.#values.get(this.#shown);
    if (shown === undefined) throw new IngleError("unexpected", "No conversation is shown.");
    return shown;
  }

  /** Whether another one is being read. */
  get isOpening(): boolean {
    return this.#isOpening;
  }

  get(id: string): Conversation | undefined {
    return this.#values.get(id);
  }

  /** @returns the new value; undefined where it is not open. */
  with(id: string, change: (conversation: Conversation) => Conversation): Conversation | undefined {
    const value = this.#values.get(id);
    if (value === undefined) return undefined;
    const changed = change(value);
    this.#values.set(id, changed);
    return changed;
  }

  show(conversation: Conversation): void {
    const before = this.#shown;
    this.#opens++;
    this.#isOpening = false;
    this.#values.set(conversation.id, conversation);
    this.#shown = conversation.id;
    this.letGo(before);
    this.#parts.onChange();
  }

  /** @throws IngleError "not-stored", whereupon what was shown stays. */
  open(id: string): Promise<void> {
    const opening = this.#read(id);
    this.#opening = opening.catch(() => undefined);
    return opening;
  }

  async #read(id: string): Promise<void> {
    const mine = ++this.#opens;
    if (id === this.#shown) {
      this.#isOpening = false;
      this.#parts.onChange();
      return;
    }
    let value = this.#values.get(id) ?? this.#bringBack(id);
    if (value === undefined) {
      this.#isOpening = true;
      this.#parts.onChange();
      try {
        value = (await this.#parts.history.read(id)).conversation;
      } finally {
        if (mine === this.#opens) this.#isOpening = false;
        this.#parts.onChange();
      }
    }
    if (mine !== this.#opens) return; // another one was asked for since
    this.show(value);
    this.#parts.memory.open = id;
  }

  /** Of one that could not be kept it holds here, and is kept with it. @throws IngleError "not-stored" */
  async change(id: string, facts: Facts): Promise<void> {
    const isUnkept = this.#owe(id, facts);
    await this.#parts.history.change(id, facts).catch((thrown: unknown) => {
      if (!isUnkept) throw thrown;
    });
    this.with(id, (conversation) => ({ ...conversation, ...facts }));
    this.#parts.onChange();
  }

  /** Of the one shown, which may not be kept yet. It holds here even where it can't be kept. */
  async choosePreset(preset: string | undefined): Promise<void> {
    const { id, messages } = this.shown;
    this.with(id, (conversation) => ({ ...conversation, preset }));
    this.#parts.onChange();
    if (messages.size === 0 || this.#owe(id, { preset })) return; // it is kept with its first message
    await this.#parts.history.change(id, { preset }).catch((thrown: unknown) => {
      this.#parts.onProblem(asIngleError(thrown));
      this.#parts.onChange();
    });
  }

  forget(id: string): void {
    if (id === this.#shown) {
      this.show(newConversation());
      this.#parts.memory.open = undefined;
    }
    const value = this.#values.get(id);
    const facts = this.#unkept.get(id);
    this.#values.delete(id);
    this.#unkept.delete(id);
    if (value === undefined || facts === undefined) return;
    this.#forgotten.set(id, { value, facts });
    setTimeout(() => this.#forgotten.delete(id), UNDO_MS);
  }

  /** @throws IngleError where the reply is not this tab's to write. That nothing can be kept stops nobody's talk. */
  async save(id: string): Promise<void> {
    const value = this.#values.get(id);
    if (value === undefined) return;
    try {
      await this.#parts.history.save(value);
      // Of a version that was kept before, a save leaves these as they are.
      const facts = this.#unkept.get(id) ?? {};
      if (Object.keys(facts).length > 0) await this.#parts.history.change(id, facts);
      this.#unkept.delete(id);
    } catch (thrown) {
      const error = asIngleError(thrown);
      if (REFUSED.has(error.code)) throw error;
      this.#unkept.set(id, this.#unkept.get(id) ?? {});
      this.#parts.onProblem(error);
    }
    this.#parts.onSaved();
  }

  /** One that is not shown, and is kept, is not needed any more. */
  letGo(id: string): void {
    if (id !== this.#shown && !this.#parts.isWriting(id) && !this.#unkept.has(id)) this.#values.delete(id);
  }

  /** @returns whether it could not be kept, and is to be said with it once it can. */
  #owe(id: string, facts: Facts): boolean {
    const owed = this.#unkept.get(id);
    if (owed !== undefined) this.#unkept.set(id, { ...owed, ...facts });
    return owed !== undefined;
  }

  /** What this page alone had of one that was removed. */
  #bringBack(id: string): Conversation | undefined {
    const forgotten = this.#forgotten.get(id);
    if (forgotten === undefined) return undefined;
    const { value, facts } = forgotten;
    this.#forgotten.delete(id);
    this.#values.set(id, value);
    this.#unkept.set(id, facts);
    void this.#hear({ type: "changed", id }); // an older version may be kept, and have grown meanwhile
    return value;
  }

  async #hear(news: News): Promise<void> {
    if (news.type === "all-removed") {
      for (const id of [...this.#values.keys()]) await this.#parts.onRemoved(id);
      return;
    }
    if (news.type === "presets-changed" || !this.#values.has(news.id)) return;
    if (news.type === "removed") {
      await this.#parts.onRemoved(news.id);
      return;
    }
    const removed = () => this.#values.get(news.id)?.removed;
    for (;;) {
      const before = removed();
      const catchUp = await this.#parts.history.catchUp(news.id).catch(() => undefined); // removed meanwhile
      if (catchUp === undefined) return;
      if (removed() !== before) continue; // what was read still has what this tab removed meanwhile
      this.with(news.id, (mine) => ({ ...catchUp(mine), ...this.#unkept.get(news.id) }));
      this.#parts.onChange();
      return;
    }
  }
}
