/**
 * The conversation, as a plain state machine without DOM: what is written is kept before it is answered, and what is
 * answered with every token. `write-reply.ts` has a reply's way, `model.ts` who answers.
 */
import {
  addMessage,
  appendText,
  beginReply,
  canContinue,
  continueReply,
  cutReply,
  editMessage,
  endReply,
  isWrittenElsewhere,
  newConversation,
  regenerate,
  removeMessage,
  writtenBy,
  type Draft,
} from "../chat/conversation";
import type { Facts } from "../chat/history";
import type { Conversation } from "../chat/message";
import type { Preset } from "../chat/presets";
import { promptOf } from "../chat/prompt";
import { pathTo, showBranch } from "../chat/tree";
import { asIngleError, IngleError } from "../shared/errors";
import { contextUse } from "./context-use";
import type { TalkMemory } from "./memory";
import { TalkModel, type TalkDesk, type TalkModelParts } from "./model";
import { OpenConversations, type TalkHistory } from "./open-conversations";
import type { TalkState, WritingState } from "./state";
import { writeReply } from "./write-reply";

export interface TalkParts extends Pick<TalkModelParts, "absence" | "isMetered"> {
  readonly desk: TalkDesk;
  readonly history: TalkHistory;
  readonly memory: TalkMemory;
  /** By its id; undefined where it was removed. */
  readonly presetOf: (id: string) => Preset | undefined;
  /** Something changed in what is kept. */
  readonly onSaved: () => void;
}

interface Writing extends WritingState {
  readonly stop: AbortController;
}

export class Talk {
  readonly #parts: TalkParts;
  readonly #listeners = new Set<() => void>();
  readonly model: TalkModel;
  readonly #open: OpenConversations;
  #writing: Writing | undefined;
  #writingEnd: Promise<void> = Promise.resolve();
  /** [tokens] By conversation: that of the last prompt. */
  readonly #contexts = new Map<string, { readonly used: number; readonly dropped: number }>();
  #problem: IngleError | undefined;
  /** The value before a message was removed. */
  #undo: Conversation | undefined;

  constructor(parts: TalkParts) {
    this.#parts = parts;
    this.#open = new OpenConversations({
      ...parts,
      isWriting: (id) => this.#writing?.conversation === id,
      onRemoved: (id) => this.leave(id),
      onProblem: (problem) => (this.#problem = problem),
      onChange: () => this.#tell(),
    });
    this.model = new TalkModel({ ...parts, whenFree: () => this.whenFree(), onChange: () => this.#tell() });
  }

  get state(): TalkState {
    const conversation = this.#open.shown;
    const { model } = this;
    const context = this.#contexts.get(conversation.id);
    return {
      conversation,
      isOpening: this.#open.isOpening,
      model: model.state,
      news: model.news,
      offer: model.offer,
      writing: this.#writing,
      context: contextUse(conversation, model.state, context?.used, this.#presetOf(conversation.id)?.contextLength),
      dropped: context?.dropped ?? 0,
      problem: this.#problem,
      canUndo: this.#undo?.id === conversation.id,
    };
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @returns undefined where it is not taken: nothing can answer, or another reply is being written. */
  send(draft: Draft): Promise<void> | undefined {
    return this.#answer((conversation) => beginReply(addMessage(conversation, draft), this.model.name));
  }

  /** Resolves when the conversation that is to be shown is. */
  whenOpened(): Promise<void> {
    return this.#open.whenOpened();
  }

  /** What could not be kept, and is in this page alone. */
  get unkept(): readonly Conversation[] {
    return this.#open.unkept;
  }

  /** Resolves when no reply is being written; one that waits until a model may be fetched is not. */
  async whenFree(): Promise<void> {
    while (this.#writing !== undefined && this.model.state.phase !== "unasked") await this.#writingEnd;
  }

  /** Ends the reply that is being written, wherever it is; what there is of it stays. */
  stop(): void {
    this.#writing?.stop.abort();
  }

  /** Ends it and waits until it is kept: the page is about to be left. */
  async settle(): Promise<void> {
    this.stop();
    await this.#writingEnd;
  }

  async regenerate(id: string): Promise<void> {
    await this.#answer((conversation) => regenerate(conversation, id, this.model.name));
  }

  /** Goes on with an unfinished reply, or answers a message that has none. */
  async continue(): Promise<void> {
    await this.#answer((conversation) =>
      canContinue(conversation)
        ? continueReply(conversation, this.model.name)
        : beginReply(conversation, this.model.name),
    );
  }

  /** Writes a message of the user's anew, and has it answered; what followed it stays on its branch. */
  async edit(id: string, draft: Draft): Promise<void> {
    await this.#answer((conversation) => beginReply(editMessage(conversation, id, draft), this.model.name));
  }

  /** Shows the branch of a message. */
  async show(id: string): Promise<void> {
    if (this.#isWritingHere()) return;
    await this.#alter((conversation) => showBranch(conversation, id));
  }

  /** Shows the branch of a message that is not on the one shown. */
  async reveal(id: string): Promise<void> {
    const { shown } = this.#open;
    if (!pathTo(shown, shown.leaf).some((message) => message.id === id)) await this.show(id);
  }

  async remove(id: string): Promise<void> {
    const before = this.#open.shown;
    if (this.#isWritingHere()) return;
    await this.#alter((conversation) => removeMessage(conversation, id));
    this.#undo = before;
    this.#tell();
  }

  /** Brings back the message that was removed last, with what followed it. */
  async undo(): Promise<void> {
    const before = this.#undo;
    if (before?.id !== this.#open.shown.id || this.#isWritingHere()) return;
    // What was set meanwhile stays set.
    await this.#alter(({ title, isPinned, preset }) => ({ ...before, title, isPinned, preset }));
  }

  startNew(): void {
    if (this.#open.shown.messages.size === 0 && !this.#open.isOpening) return;
    this.#open.show(newConversation());
    this.#parts.memory.open = undefined;
  }

  /** @throws IngleError "not-stored", whereupon what was shown stays. */
  async open(id: string): Promise<void> {
    await this.#open.open(id);
    this.dismissProblem();
  }

  /** Has the conversation's replies go by a preset from now on. */
  choosePreset = (preset: string | undefined): Promise<void> => this.#open.choosePreset(preset);

  /** What is changed without messages. @throws IngleError "not-stored" */
  change(id: string, facts: Facts): Promise<void> {
    return this.#open.change(id, facts);
  }

  /** Lets go of a conversation that is to be removed, or was. */
  async leave(id: string): Promise<void> {
    if (this.#writing?.conversation === id) {
      this.stop();
      await this.#writingEnd;
    }
    this.#open.forget(id);
  }

  /** What went wrong where nobody waits for it. */
  report(problem: IngleError): void {
    this.#problem = problem;
    this.#tell();
  }

  dismissProblem(): void {
    this.#problem = undefined;
    this.#tell();
  }

  #answer(begin: (conversation: Conversation) => Conversation): Promise<void> | undefined {
    if (this.#writing !== undefined) return undefined;
    const { state } = this.model;
    if (state.phase === "absent") {
      this.report(new IngleError("device-unavailable", state.reason));
      return undefined;
    }
    if (isWrittenElsewhere(this.#open.shown)) {
      this.report(
        new IngleError("model-busy", "A reply to this is being written in another tab. Wait for it, or stop it there."),
      );
      return undefined;
    }
    this.#undo = undefined;
    this.#problem = undefined;
    const begun = begin(this.#open.shown);
    this.#open.with(begun.id, () => begun);
    this.#parts.memory.open = begun.id;
    const stop = new AbortController();
    this.#writing = { conversation: begun.id, phase: "waiting", read: 0, stop };
    this.#tell();
    this.#writingEnd = this.#write(begun.id, stop.signal);
    return this.#writingEnd;
  }

  async #write(id: string, signal: AbortSignal): Promise<void> {
    const { desk, history } = this.#parts;
    const grow = (change: (conversation: Conversation) => Conversation) => {
      const grown = this.#open.with(id, change);
      if (grown?.growing !== undefined) history.checkpoint(grown);
      this.#tell();
    };
    try {
      await this.#open.save(id); // before anything is generated: another tab may be writing the same reply
      const end = await writeReply(
        {
          desk,
          ready: (signal, isLost) => this.model.ready(signal, isLost, this.#presetOf(id)?.model),
          preset: () => this.#presetOf(id),
          prompt: () => promptOf(this.#open.get(id) ?? newConversation(), this.#presetOf(id)?.systemPrompt),
          onModel: (model) => this.#open.with(id, (conversation) => writtenBy(conversation, model)),
          onText: (text) => grow((conversation) => appendText(conversation, text)),
          onPhase: (phase, read) => this.#enterPhase(phase, read),
          onContext: (used, dropped) => void this.#contexts.set(id, { used, dropped }),
        },
        signal,
      );
      this.#open.with(id, (conversation) => endReply(conversation, end));
    } catch (thrown) {
      this.#open.with(id, (conversation) => cutReply(conversation));
      const error = asIngleError(thrown);
      if (!signal.aborted) this.#problem = error;
    }
    this.#writing = undefined;
    this.#tell();
    await this.#open.save(id).catch((thrown: unknown) => (this.#problem ??= asIngleError(thrown)));
    this.#open.letGo(id);
    this.#tell();
  }

  #enterPhase(phase: WritingState["phase"], read: number): void {
    if (this.#writing === undefined) return;
    this.#writing = { ...this.#writing, phase, read };
    this.#tell();
  }

  async #alter(change: (conversation: Conversation) => Conversation): Promise<void> {
    this.#undo = undefined;
    this.#open.with(this.#open.shown.id, change);
    this.#tell();
    await this.#open.save(this.#open.shown.id).catch((thrown: unknown) => (this.#problem = asIngleError(thrown)));
    this.#tell();
  }

  #presetOf(id: string): Preset | undefined {
    return this.#parts.presetOf(this.#open.get(id)?.preset ?? "");
  }

  #isWritingHere(): boolean {
    return this.#writing?.conversation === this.#open.shown.id;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
