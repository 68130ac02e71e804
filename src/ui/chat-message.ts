/** One message: its text, what a reply thought, and what can be done with it. Drawn anew only when it changed. */
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { isUnfinished } from "../chat/conversation";
import type { Message } from "../chat/message";
import { ThoughtSplitter, type SplitReply } from "../chat/think";
import { formatBytes, formatNumber } from "../shared/units";
import type { WritingState } from "../talk/state";
import { browserMemory } from "../talk/memory";
import type { Talk } from "../talk/talk";
import "./chat-edit";
import { chatMessageStyles } from "./chat-message-styles";
import "./markdown/message-text";
import { messages } from "./messages";
import { focused, refocus } from "./refocus";
import { controls, shared } from "./styles";

export class ChatMessage extends LitElement {
  static override properties = {
    talk: { attribute: false },
    conversation: { attribute: false },
    message: { attribute: false },
    place: { attribute: false },
    count: { attribute: false },
    earlier: { attribute: false },
    later: { attribute: false },
    isLast: { attribute: false },
    isBusy: { attribute: false },
    writing: { attribute: false },
    isEditing: { state: true },
    copied: { state: true },
  };
  declare talk: Talk;
  /** The id of the one it is in. */
  declare conversation: string;
  declare message: Message;
  /** Among those that stand where it stands, from 1. */
  declare place: number;
  declare count: number;
  /** The ids of those beside it. */
  declare earlier: string | undefined;
  declare later: string | undefined;
  declare isLast: boolean;
  /** Whether a reply is being written. */
  declare isBusy: boolean;
  /** Where it is this one that this tab writes. */
  declare writing: WritingState | undefined;
  declare private isEditing: boolean;
  declare private copied: string;

  #splitter = new ThoughtSplitter();
  #pushed = "";
  /** What had the focus before it was edited: its button, or the box. */
  #editedFrom: HTMLElement | undefined;

  constructor() {
    super();
    this.isEditing = false;
    this.copied = "";
  }

  /** Opens the message for editing, where it is the user's. */
  edit(): void {
    if (this.message.role !== "user" || this.isBusy || this.isEditing) return;
    this.#editedFrom = focused();
    this.isEditing = true;
  }

  /** For who goes on by keyboard from a message; Tab does not stop at it. It is not scrolled to: the log does that. */
  override focus(options?: FocusOptions): void {
    this.tabIndex = -1;
    super.focus({ preventScroll: true, ...options });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("message")) return;
    const { content } = this.message;
    if (!content.startsWith(this.#pushed)) {
      this.#splitter = new ThoughtSplitter();
      this.#pushed = "";
    }
    this.#splitter.push(content.slice(this.#pushed.length));
    this.#pushed = content;
  }

  protected override render() {
    const { role, state, attachments } = this.message;
    const isReply = role === "assistant";
    const isStreaming = state === "streaming";
    return html`<article
      class=${role}
      aria-label=${isReply ? messages.chatAssistant : messages.chatYou}
      aria-busy=${isReply ? String(isStreaming) : nothing}
    >
      ${attachments.map(
        ({ name, text }) =>
          html`<details class="small file">
            <summary dir="auto">${messages.chatFileText(name, formatBytes(new Blob([text]).size))}</summary>
            <pre dir="auto" tabindex="0">${text}</pre>
          </details>`,
      )}
      ${
        this.isEditing
          ? html`<chat-edit
              .conversation=${this.conversation}
              .message=${this.message}
              @cancel=${() => this.#endEdit()}
              @done=${(event: CustomEvent<string>) => this.#sendEdit(event.detail)}
            ></chat-edit>`
          : isReply
            ? this.#renderReply(this.#splitter.split(!isStreaming), isStreaming)
            : this.message.content === ""
              ? nothing
              : html`<div class="plain" dir="auto">${this.message.content}</div>`
      }
      ${this.isEditing || isStreaming ? nothing : this.#renderActions(isReply)}
    </article>`;
  }

  #renderReply({ thought, answer, isThinking }: SplitReply, isStreaming: boolean) {
    return html`${
      thought === ""
        ? nothing
        : html`<details>
            <summary>${isThinking && isStreaming ? messages.chatThinking : messages.chatThought}</summary>
            <div class="plain soft" dir="auto">${thought.trim()}</div>
          </details>`
    }
    ${answer === "" ? nothing : html`<message-text .text=${answer} .isStreaming=${isStreaming}></message-text>`}
    ${isStreaming ? this.#renderPhase(answer) : this.#renderEnd(answer + thought)}`;
  }

  #renderPhase(answer: string) {
    const { writing } = this;
    if (writing === undefined) return html`<p class="small soft">${messages.chatOtherTab}</p>`;
    if (writing.phase === "writing")
      return answer === "" ? nothing : html`<span class="ember" aria-hidden="true"></span>`;
    const text =
      writing.phase === "reading" && writing.read > 0
        ? messages.chatReading(Math.floor(writing.read * 100))
        : messages.chatPhases[writing.phase];
    return html`<p class="small soft">${text}</p>`;
  }

  /** Why a reply ended, where it did not come to its end by itself. */
  #renderEnd(text: string) {
    const { state, finishReason } = this.message;
    const why =
      state === "cut-off"
        ? text === ""
          ? messages.chatEmptyReply
          : messages.chatCutOff
        : finishReason === "length"
          ? messages.chatAtLength
          : finishReason === "context"
            ? messages.chatAtContext
            : undefined;
    return why === undefined ? nothing : html`<p class="small soft">${why}</p>`;
  }

  #renderActions(isReply: boolean) {
    const { talk, message, isBusy, isLast, earlier, later, place, count } = this;
    const { id } = message;
    const answer = (act: () => unknown) => () => {
      refocus(this.#last());
      void act();
    };
    const action = (text: string, act: () => unknown, name = "") =>
      html`<button class="quiet ${name}" ?disabled=${isBusy} @click=${act}>${text}</button>`;
    return html`<div class="actions" role="group" aria-label=${messages.chatActions}>
      ${
        count < 2
          ? nothing
          : html`<span class="branch">
              <button
                class="quiet before"
                aria-label=${messages.chatBranchBefore}
                ?disabled=${isBusy || earlier === undefined}
                @click=${() => this.#go(earlier, ".before")}
              >
                ‹</button
              ><span>${messages.chatBranch(place, count)}</span
              ><button
                class="quiet next"
                aria-label=${messages.chatBranchNext}
                ?disabled=${isBusy || later === undefined}
                @click=${() => this.#go(later, ".next")}
              >
                ›
              </button>
            </span>`
      }
      ${isLast && isUnfinished(message) ? html`<button ?disabled=${isBusy} @click=${answer(() => talk.continue())}>${messages.chatContinue}</button>` : nothing}
      ${isLast && !isReply ? html`<button ?disabled=${isBusy} @click=${answer(() => talk.continue())}>${messages.chatReply}</button>` : nothing}
      <button class="quiet" @click=${() => void this.#copy()}>${this.copied || messages.chatCopy}</button>
      ${
        isReply
          ? action(
              messages.chatRegenerate,
              answer(() => talk.regenerate(id)),
            )
          : action(messages.chatEdit, () => this.edit(), "edit")
      }
      ${action(messages.chatDelete, () => this.#remove())} ${this.#renderStats()}
    </div>`;
  }

  #renderStats() {
    const { usage, model } = this.message;
    if (model === undefined) return nothing;
    const rate = usage?.decodeTokensPerSecond;
    const stats = [
      model,
      ...(usage === undefined ? [] : [messages.chatTokens(formatNumber(usage.completionTokens))]),
      ...(rate === undefined ? [] : [messages.chatSpeed(formatNumber(rate))]),
      ...(usage === undefined ? [] : [messages.chatFirstToken(formatNumber(usage.timeToFirstTokenMs / 1000))]),
    ];
    return html`<span class="stats">${stats.join(" · ")}</span>`;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(
        this.message.role === "user" ? this.message.content : this.#splitter.split(true).answer.trim(),
      );
      this.copied = messages.chatCopied;
    } catch {
      this.copied = messages.chatCopyFailed;
    }
    setTimeout(() => (this.copied = ""), 2000);
  }

  /** Shows another version of it, which is an element of its own. @param arrow that led there. */
  #go(to: string | undefined, arrow: string): void {
    if (to === undefined) return;
    const list = this.parentElement;
    refocus(() => {
      const all = [...(list?.querySelectorAll("chat-message") ?? [])];
      const arrows = all.find(({ message }) => message.id === to)?.renderRoot;
      return arrows?.querySelector<HTMLElement>(`${arrow}:enabled`) ?? arrows?.querySelector(".branch :enabled");
    });
    void this.talk.show(to);
  }

  #remove(): void {
    const list = this.parentElement;
    const place = [...(list?.children ?? [])].indexOf(this);
    const last = this.#last();
    const log = this.closest<HTMLElement>("[role=log]");
    refocus(() => (this.isConnected ? undefined : (list?.querySelectorAll("chat-message")[place] ?? last() ?? log)));
    void this.talk.remove(this.message.id);
  }

  /** @returns a way to the last message, wherever this one went: what was asked for is answered there. */
  #last(): () => ChatMessage | undefined {
    const list = this.parentElement;
    return () => [...(list?.querySelectorAll("chat-message") ?? [])].at(-1);
  }

  #endEdit(place = this.#beforeEdit): void {
    refocus(place, this.#beforeEdit);
    this.isEditing = false;
  }

  readonly #beforeEdit = (): HTMLElement | null => {
    const from = this.#editedFrom;
    return from?.isConnected === true ? from : this.renderRoot.querySelector<HTMLElement>(".edit");
  };

  #sendEdit(content: string): void {
    if (this.isBusy) return; // another reply came between: what was written stays until it can be answered
    const { id, attachments } = this.message;
    const from = this.#editedFrom;
    const last = this.#last();
    // Where nothing can answer it stays.
    this.#endEdit(() => (from?.isConnected === true ? from : this.isConnected ? null : (last() ?? null)));
    void this.talk.edit(id, { content, attachments });
    if (this.talk.state.writing !== undefined) browserMemory().keepEdit(this.conversation, id, undefined); // else it was not taken
  }

  static override styles = [shared, controls, chatMessageStyles];
}
customElements.define("chat-message", ChatMessage);
