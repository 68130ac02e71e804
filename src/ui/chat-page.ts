/** `#/`: the conversation, the model that answers, and the other conversations beside it. */
import { html, LitElement, nothing, type PropertyValues } from "lit";
import type { Draft } from "../chat/conversation";
import { costOf } from "../talk/cost";
import { browserMemory, type TalkMemory } from "../talk/memory";
import type { OpenTalk } from "../talk/open-talk";
import type { TalkState } from "../talk/state";
import type { ChatBox } from "./chat-box";
import "./chat-box";
import "./chat-keys";
import type { ChatKeys } from "./chat-keys";
import "./chat-list";
import type { ChatLog } from "./chat-log";
import "./chat-log";
import "./chat-model";
import { chatPageStyles } from "./chat-page-styles";
import "./chat-preset";
import "./chat-side";
import { messages } from "./messages";
import { refocus } from "./refocus";
import { sayProblem } from "./said";
import { controls, shared } from "./styles";

export class ChatPage extends LitElement {
  static override properties = {
    openTalk: { attribute: false },
    open: { state: true },
    state: { state: true },
    failure: { state: true },
  };
  declare openTalk: (() => Promise<OpenTalk>) | undefined;
  declare private open: OpenTalk | undefined;
  declare private state: TalkState | undefined;
  declare private failure: string;
  /** There before the talk is: it looks into the same storage. */
  readonly #memory = browserMemory();
  #opening: Promise<OpenTalk> | undefined;
  #unsubscribe: () => void = () => undefined;
  #frame: number | undefined;

  constructor() {
    super();
    this.failure = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("keydown", this.#press);
  }

  override disconnectedCallback(): void {
    removeEventListener("keydown", this.#press);
    this.#unsubscribe();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("openTalk") || this.openTalk === undefined) return;
    this.#opening = this.openTalk();
    this.#opening.then(
      (open) => this.#watch(open),
      (thrown: unknown) => (this.failure = messages.chatOpenFailed(sayProblem(thrown))),
    );
  }

  #watch(open: OpenTalk): void {
    if (!this.isConnected) return;
    this.open = open;
    this.state = open.talk.state;
    this.#unsubscribe = open.talk.subscribe(() => {
      // Tokens may come faster than frames.
      this.#frame ??= requestAnimationFrame(() => {
        this.#frame = undefined;
        this.state = open.talk.state;
      });
    });
  }

  protected override firstUpdated(): void {
    // Who came by a link of the page's own begins at its top.
    if (document.activeElement === document.body) this.#beginToWrite();
  }

  /** In a new conversation: no key may go into the one before. */
  readonly #beginNew = async (): Promise<void> => {
    this.state = this.open?.talk.state;
    await this.updateComplete;
    this.#beginToWrite();
  };

  #beginToWrite(): void {
    if (matchMedia("(pointer: coarse)").matches) return; // no keyboard: one would cover the page
    const box = this.#box();
    void box?.updateComplete.then(() => box.focus());
  }

  protected override render() {
    const { open, state } = this;
    const key = draftKey(state, this.#memory);
    const isEmpty = state === undefined || state.conversation.messages.size === 0;
    const elsewhere = state?.writing !== undefined && state.writing.conversation !== state.conversation.id;
    return html`
      <chat-side
        .open=${open}
        .shown=${state?.conversation.id}
        @keys=${this.#showKeys}
        @found=${this.#showFound}
        @begun=${this.#beginNew}
      ></chat-side>
      <section class=${isEmpty ? "first" : ""} aria-label=${messages.chatTitle}>
        <div class="column top">
          ${
            state === undefined || isEmpty
              ? html`<h1>${messages.chatIntro}</h1>
                  <p>${messages.chatPrivate}</p>`
              : html`<h1 class="visually-hidden">${state.conversation.title || messages.chatUntitled}</h1>`
          }
          <chat-model .talk=${open?.talk} .desk=${open?.desk} .state=${state} .isBrief=${!isEmpty}></chat-model>
        </div>
        <chat-log .talk=${open?.talk} .conversation=${state?.conversation} .writing=${state?.writing}></chat-log>
        <div class="column bottom">
          ${this.#renderSayings(state, elsewhere)}
          <chat-box
            .conversation=${key}
            .draft=${this.#memory.draft(key)}
            .isWriting=${state?.writing !== undefined}
            .context=${state?.context}
            .costOf=${state?.model.phase === "ready" ? this.#costOf : undefined}
            @send=${this.#send}
            @stop=${() => open?.talk.stop()}
            @draft=${({ detail }: CustomEvent<string>) => this.#keepDraft(detail)}
            @edit-last=${() => this.#log()?.editLast()}
          ></chat-box>
          <chat-preset .open=${open} .chosen=${state?.conversation.preset}></chat-preset>
        </div>
      </section>
      <chat-keys></chat-keys>
    `;
  }

  #renderSayings(state: TalkState | undefined, elsewhere: boolean) {
    const problem = state?.problem === undefined ? this.failure : sayProblem(state.problem);
    return html`
      <p class="small" role="status">
        ${state !== undefined && state.dropped > 0 ? messages.chatDropped(state.dropped) : nothing}
        ${elsewhere ? messages.chatElsewhere(this.#titleOf(state?.writing?.conversation)) : nothing}
        ${
          state?.canUndo === true
            ? html`${messages.chatMessageDeleted}
                <button class="plain" @click=${this.#undo}>${messages.chatUndo}</button>`
            : nothing
        }
      </p>
      <div role="alert">
        ${
          problem === ""
            ? nothing
            : html`<p class="small error">
                ${problem}
                ${
                  state?.problem === undefined
                    ? nothing
                    : html`<button class="plain" @click=${this.#dismiss}>${messages.chatDismiss}</button>`
                }
              </p>`
        }
      </div>
    `;
  }

  #titleOf(id: string | undefined): string {
    return this.open?.shelf.state.list?.find((each) => each.id === id)?.title || messages.chatUntitled;
  }

  readonly #costOf: ChatBox["costOf"] = async (attachment) => this.open && costOf(this.open.desk, attachment);

  readonly #undo = (): void => {
    refocus(() => this.#box());
    void this.open?.talk.undo();
  };

  readonly #dismiss = (): void => {
    refocus(() => this.#box());
    this.open?.talk.dismissProblem();
  };

  readonly #send = async ({ detail }: CustomEvent<Draft>): Promise<void> => {
    const opening = this.#opening;
    if (opening === undefined) return;
    const open = await opening.catch(() => undefined); // the page says why
    if (open === undefined) return;
    const { talk } = open;
    const memory = this.#memory;
    await talk.whenOpened(); // it belongs to what was shown last
    const before = draftKey(talk.state, memory);
    const sent = talk.send(detail);
    if (sent === undefined) return;
    const box = this.#box();
    memory.keepDraft(before, "");
    // What was typed while it waited stays, and goes with the conversation that has begun.
    box?.clear(detail);
    memory.keepDraft(draftKey(talk.state, memory), box?.text ?? "");
    this.#log()?.toEnd();
    await sent;
  };

  /** On another branch it is shown first. */
  readonly #showFound = async ({ detail }: CustomEvent<string>): Promise<void> => {
    const { talk } = this.open ?? {};
    if (talk === undefined) return;
    await talk.reveal(detail);
    this.state = talk.state;
    await this.updateComplete;
    await this.#log()?.reveal(detail);
  };

  #keepDraft(text: string): void {
    this.#memory.keepDraft(draftKey(this.state, this.#memory), text);
  }

  readonly #press = (event: KeyboardEvent): void => {
    if (event.isComposing || event.defaultPrevented) return;
    const path = event.composedPath();
    if (path.some((each) => each instanceof HTMLDialogElement)) return; // there Escape closes it
    if (event.key === "Escape") this.open?.talk.stop();
    const [at] = path;
    const isTyping = at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement;
    if (event.key === "?" && !isTyping) this.#showKeys();
  };

  readonly #showKeys = (): void => {
    this.renderRoot.querySelector<ChatKeys>("chat-keys")?.show();
  };

  #box(): ChatBox | null {
    return this.renderRoot.querySelector<ChatBox>("chat-box");
  }

  #log(): ChatLog | null {
    return this.renderRoot.querySelector<ChatLog>("chat-log");
  }

  static override styles = [shared, controls, chatPageStyles];
}
customElements.define("chat-page", ChatPage);

/** A conversation without messages is another one after a reload, and what was typed for it stays. */
function draftKey(state: TalkState | undefined, memory: TalkMemory): string {
  if (state === undefined || state.isOpening) return memory.open ?? "new";
  return state.conversation.messages.size === 0 ? "new" : state.conversation.id;
}
