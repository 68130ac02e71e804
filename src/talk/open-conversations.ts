/** The conversation that is shown, and the one that a reply is being written in: read, kept, and caught up with others. */
import { newConversation } from "../chat/conversation";
import type { ChatHistory, Facts } from "../chat/history";
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
  #shown: string;
  #isOpening = false;

  constructor(parts: OpenParts) {
    this.#parts = parts;
    const blank = newConversation();
    this.#values.set(blank.id, blank);
    this.#shown = blank.id;
    parts.history.watch((news) => void this.#hear(news));
    const last = parts.memory.open;
    if (last !== undefined) void this.open(last).catch(() => undefined); // it was removed since
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
    if (!this.#parts.isWriting(this.#shown)) this.#values.delete(this.#shown);
    this.#values.set(conversation.id, conversation);
    this.#shown = conversation.id;
    this.#parts.onChange();
  }

  /** @throws IngleError "not-stored", whereupon what was shown stays. */
  async open(id: string): Promise<void> {
    if (id === this.#shown) return;
    const here = this.#values.get(id);
    if (here === undefined) {
      this.#isOpening = true;
      this.#parts.onChange();
      try {
        const { conversation } = await this.#parts.history.read(id);
        this.#isOpening = false;
        this.show(conversation);
      } finally {
        this.#isOpening = false;
        this.#parts.onChange();
      }
    } else this.show(here);
    this.#parts.memory.open = id;
  }

  /** @throws IngleError "not-stored" */
  async change(id: string, facts: Facts): Promise<void> {
    await this.#parts.history.change(id, facts);
    this.with(id, (conversation) => ({ ...conversation, ...facts }));
    this.#parts.onChange();
  }

  /** Of the one shown, which may not be kept yet. */
  async choosePreset(preset: string | undefined): Promise<void> {
    const { id, messages } = this.shown;
    if (messages.size > 0) {
      await this.change(id, { preset });
      return;
    }
    this.with(id, (conversation) => ({ ...conversation, preset }));
    this.#parts.onChange();
  }

  forget(id: string): void {
    if (id === this.#shown) {
      this.show(newConversation());
      this.#parts.memory.open = undefined;
    }
    this.#values.delete(id);
  }

  /** @throws IngleError where the reply is not this tab's to write. That nothing can be kept stops nobody's talk. */
  async save(id: string): Promise<void> {
    const value = this.#values.get(id);
    if (value === undefined) return;
    try {
      await this.#parts.history.save(value);
      this.#parts.onSaved();
    } catch (thrown) {
      const error = asIngleError(thrown);
      if (REFUSED.has(error.code)) throw error;
      this.#parts.onProblem(error);
    }
  }

  /** The reply's end: one that is not shown has been kept, and is not needed any more. */
  letGo(id: string): void {
    if (id !== this.#shown) this.#values.delete(id);
  }

  async #hear(news: News): Promise<void> {
    if (news.type === "all-removed") {
      for (const id of this.#values.keys()) await this.#parts.onRemoved(id);
      return;
    }
    if (news.type === "presets-changed" || !this.#values.has(news.id)) return;
    if (news.type === "removed") {
      await this.#parts.onRemoved(news.id);
      return;
    }
    const catchUp = await this.#parts.history.catchUp(news.id).catch(() => undefined); // removed meanwhile
    if (catchUp === undefined) return;
    this.with(news.id, catchUp);
    this.#parts.onChange();
  }
}
