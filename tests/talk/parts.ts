/** Hand-made parts of a talk: a desk whose model says what the test has it say, and a history that is a map. */
import type { Conversation } from "../../src/chat/message";
import type { News } from "../../src/chat/news";
import { merge } from "../../src/chat/merge";
import type { DeskState, ModelEntry } from "../../src/desk/entries";
import type { ChatMessage, GenerateEvent, GenerateRequest, SessionInfo } from "../../src/engine/engine";
import { abortedError, IngleError, throwIfAborted } from "../../src/shared/errors";
import { STARTER, STARTER_ID } from "../../src/shared/starter";
import { TalkMemory } from "../../src/talk/memory";
import type { TalkDesk } from "../../src/talk/model";
import type { TalkHistory } from "../../src/talk/open-conversations";
import { Talk, type TalkParts } from "../../src/talk/talk";

/** A reply: pieces of text, or what happens between them. */
export type Script = readonly (string | IngleError | Promise<unknown>)[];

export const usage = {
  promptTokens: 10,
  cachedTokens: 0,
  completionTokens: 3,
  timeToFirstTokenMs: 100,
  prefillTokensPerSecond: 50,
  decodeTokensPerSecond: 5,
  seed: 1,
};

export function entry(id: string, more: Partial<ModelEntry> = {}): ModelEntry {
  return {
    id,
    name: id,
    verdict: undefined,
    judged: undefined,
    engines: ["wgsl"],
    measured: {},
    kept: undefined,
    begun: undefined,
    activity: undefined,
    problem: undefined,
    loaded: undefined,
    ...more,
  };
}

export const keptAs = (id: string) => ({
  id,
  name: id,
  bytes: 1,
  files: [],
  origin: undefined,
  missingChunks: 0,
  isInPlace: false,
});

export class FakeDesk implements TalkDesk {
  state: DeskState;
  /** The next replies, in order. */
  readonly scripts: Script[] = [];
  readonly requests: GenerateRequest[] = [];
  /** What was loaded, in order. */
  readonly loads: string[] = [];
  /** Why a model can't be loaded. */
  readonly broken = new Map<string, string>();
  /** Loading waits for it. */
  gate: Promise<unknown> = Promise.resolve();
  /** Messages that the context has room for. */
  room = Infinity;
  readonly #listeners = new Set<() => void>();

  constructor(entries: readonly ModelEntry[] = [], recommended?: string) {
    this.state = {
      entries,
      recommendation:
        recommended === undefined
          ? undefined
          : ({ verdict: { model: { id: recommended } }, reasons: [] } as unknown as DeskState["recommendation"]),
      loaded: undefined,
      starter: { activity: undefined, problem: undefined, kept: undefined },
    } as unknown as DeskState;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async load(id: string): Promise<void> {
    await this.#put(id);
  }

  async loadStarter(): Promise<void> {
    await this.#put(STARTER_ID);
  }

  async get(id: string): Promise<void> {
    await this.gate;
    this.#change(id, { kept: keptAs(id) });
  }

  pause(): void {
    // nothing is paused here
  }

  shorten(messages: readonly ChatMessage[]) {
    const kept = messages.slice(-this.room);
    return Promise.resolve({ messages: kept, dropped: messages.length - kept.length });
  }

  countTokens(messages: readonly ChatMessage[]) {
    if (this.state.loaded === undefined) return Promise.reject(new IngleError("no-model", "No model is loaded."));
    return Promise.resolve(messages.reduce((sum, { content }) => sum + content.length, 0));
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    this.requests.push(request);
    if (this.state.loaded === undefined) throw new IngleError("no-model", "No model is loaded.");
    yield { type: "prefill", tokensDone: 10, tokensTotal: 10 };
    for (const each of this.scripts.shift() ?? []) {
      if (typeof each === "string") yield { type: "text", text: each };
      else if (each instanceof IngleError) throw each;
      else
        await new Promise((resolve, reject) => {
          signal?.addEventListener("abort", () => reject(abortedError()));
          each.then(resolve, reject);
        });
      if (signal !== undefined) throwIfAborted(signal);
    }
    yield { type: "end", finishReason: "stop", usage };
  }

  /** Something else is done with a model, or no more. */
  doing(id: string, activity: ModelEntry["activity"]): void {
    this.#change(id, { activity });
  }

  /** The model is off the GPU, and the desk knows. */
  unload(): void {
    this.#enter({ loaded: undefined, entries: this.state.entries.map((each) => ({ ...each, loaded: undefined })) });
  }

  /** As the desk does it: what is under way with a model is not begun again, nor waited for. */
  async #put(id: string): Promise<void> {
    const standing = id === STARTER_ID ? this.state.starter : this.state.entries.find((each) => each.id === id);
    if (standing?.activity !== undefined) return;
    this.loads.push(id);
    this.#stand(id, { activity: { kind: "loading", progress: undefined } });
    this.unload();
    await this.gate;
    const problem = this.broken.get(id);
    const info = { name: id === STARTER_ID ? STARTER.name : id, contextLength: 100 } as SessionInfo;
    const loaded = problem === undefined ? { id, info } : undefined;
    this.#stand(id, { activity: undefined, problem, ...(id !== STARTER_ID && { loaded: loaded?.info }) });
    this.#enter({ loaded });
  }

  #stand(id: string, change: Partial<ModelEntry>): void {
    if (id === STARTER_ID) this.#enter({ starter: { ...this.state.starter, ...change } });
    else this.#change(id, change);
  }

  #change(id: string, change: Partial<ModelEntry>): void {
    this.#enter({ entries: this.state.entries.map((each) => (each.id === id ? { ...each, ...change } : each)) });
  }

  #enter(change: Partial<DeskState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

export class FakeHistory implements TalkHistory {
  readonly kept = new Map<string, Conversation>();
  /** What each save and checkpoint had of the reply by then. */
  readonly written: string[] = [];
  refuse: IngleError | undefined;
  #listener: (news: News) => void = () => undefined;

  read(id: string) {
    const conversation = this.kept.get(id);
    if (conversation === undefined) return Promise.reject(new IngleError("not-stored", "Gone."));
    return Promise.resolve({ conversation, unreadable: 0 });
  }

  save(conversation: Conversation): Promise<void> {
    if (this.refuse !== undefined) return Promise.reject(this.refuse);
    this.written.push(`save ${conversation.growing?.content ?? "-"}`);
    this.kept.set(conversation.id, { ...conversation, growing: undefined });
    return Promise.resolve();
  }

  checkpoint(conversation: Conversation): void {
    this.written.push(`checkpoint ${conversation.growing?.content ?? "-"}`);
  }

  async catchUp(id: string) {
    const { conversation } = await this.read(id);
    return (mine: Conversation) => merge(mine, conversation, () => false);
  }

  change(): Promise<void> {
    return Promise.resolve();
  }

  watch(listener: (news: News) => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }

  tell(news: News): void {
    this.#listener(news);
  }
}

export function fakeMemory(items: Readonly<Record<string, string>> = {}): TalkMemory {
  const map = new Map(Object.entries(items));
  const area = {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  };
  return new TalkMemory(
    () => area,
    () => area,
  );
}

export function talkWith(desk: FakeDesk, more: Partial<TalkParts> = {}) {
  const history = new FakeHistory();
  const memory = fakeMemory();
  const parts = {
    desk,
    history,
    memory,
    absence: undefined,
    presetOf: () => undefined,
    isMetered: false,
    onSaved: () => undefined,
    ...more,
  };
  return { talk: new Talk(parts), history, memory };
}

/** Lets everything that can go on go on. */
export const settle = () => new Promise((resolve) => setTimeout(resolve));
