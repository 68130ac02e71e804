/**
 * The conversation's messages, one element each. The list is drawn anew when messages come or go; a reply that grows
 * changes its own element alone. It stays at its end while text streams in, unless the reader scrolled up.
 */
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { isWrittenElsewhere } from "../chat/conversation";
import type { Conversation } from "../chat/message";
import { shownPath, type ShownMessage } from "../chat/tree";
import type { WritingState } from "../talk/state";
import type { Talk } from "../talk/talk";
import type { ChatMessage } from "./chat-message";
import "./chat-message";
import { messages } from "./messages";
import { controls, shared } from "./styles";

/** More are shown by a button: a page of thousands of messages is slow in every browser. */
const SHOWN_AT_ONCE = 100;
/** [px] From the end that still count as at the end. */
const NEAR = 32;

export class ChatLog extends LitElement {
  static override properties = {
    talk: { attribute: false },
    conversation: { attribute: false },
    writing: { attribute: false },
    most: { state: true },
    isAway: { state: true },
  };
  declare talk: Talk | undefined;
  declare conversation: Conversation | undefined;
  declare writing: WritingState | undefined;
  declare private most: number;
  /** Whether the reader scrolled up. */
  declare private isAway: boolean;
  #lastTop = 0;
  #path: readonly ShownMessage[] = [];
  readonly #resized = new ResizeObserver(() => this.#stick());

  constructor() {
    super();
    this.most = SHOWN_AT_ONCE;
    this.isAway = false;
  }

  /** The next message is to be seen. */
  toEnd(): void {
    this.isAway = false;
    this.#stick();
  }

  /** Scrolls to a message, marks it, and puts the focus there, for who goes on by keyboard. */
  async reveal(id: string): Promise<void> {
    const place = this.#path.findIndex(({ message }) => message.id === id);
    if (place < 0) return;
    this.isAway = true;
    this.most = Math.max(this.most, this.#path.length - place);
    await this.updateComplete;
    const all = [...this.renderRoot.querySelectorAll("chat-message")];
    for (const each of all) each.toggleAttribute("found", each.message.id === id);
    const found = all.find(({ message }) => message.id === id);
    found?.setAttribute("tabindex", "-1");
    found?.focus({ preventScroll: true });
    found?.scrollIntoView({ block: "center" });
  }

  /** Opens the user's last message for editing. @returns whether there is one. */
  editLast(): boolean {
    const all = [...this.renderRoot.querySelectorAll("chat-message")];
    const last = all.findLast(({ message }) => message.role === "user");
    last?.edit();
    return last !== undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("conversation");
    const { conversation } = this;
    if (!changed.has("conversation") || conversation === undefined) return;
    if (before?.id !== conversation.id) {
      this.most = SHOWN_AT_ONCE;
      this.isAway = false;
    }
    if (before?.messages !== conversation.messages || before.leaf !== conversation.leaf) {
      this.#path = shownPath(conversation);
    }
  }

  protected override firstUpdated(): void {
    const list = this.renderRoot.querySelector(".list");
    if (list !== null) this.#resized.observe(list);
    this.#resized.observe(this);
  }

  protected override updated(): void {
    const growing = this.conversation?.growing;
    if (growing === undefined) return;
    // Nearly always the last one; another tab may have answered it meanwhile.
    const last = this.renderRoot.querySelector<ChatMessage>(".list > :last-child");
    const isGrowing = ({ message }: ChatMessage) => message.id === growing.id;
    const shown =
      last !== null && isGrowing(last) ? last : [...this.renderRoot.querySelectorAll("chat-message")].find(isGrowing);
    if (shown === undefined) return;
    shown.message = growing;
    shown.writing = this.writing;
  }

  protected override render() {
    const isBusy =
      this.writing !== undefined || (this.conversation !== undefined && isWrittenElsewhere(this.conversation));
    const hidden = Math.max(0, this.#path.length - this.most);
    return html`
      <div
        class=${this.#path.length === 0 ? "" : "scroll"}
        role="log"
        aria-label=${messages.chatConversation}
        tabindex="0"
        @scroll=${this.#scroll}
      >
        ${
          hidden === 0
            ? nothing
            : html`<p class="earlier">
                <button @click=${() => (this.most += SHOWN_AT_ONCE)}>
                  ${messages.chatEarlier(Math.min(hidden, SHOWN_AT_ONCE))}
                </button>
              </p>`
        }
        <div class="list">
          ${guard([this.#path, this.most, isBusy], () =>
            repeat(
              this.#path.slice(hidden),
              ({ message }) => message.id,
              (shown) => this.#renderMessage(shown, isBusy),
            ),
          )}
        </div>
      </div>
      ${this.isAway ? html`<button class="end" @click=${this.toEnd}>↓ ${messages.chatToEnd}</button>` : nothing}
    `;
  }

  #renderMessage({ message, siblings }: ShownMessage, isBusy: boolean) {
    const place = siblings.indexOf(message.id);
    return html`<chat-message
      .talk=${this.talk}
      .conversation=${this.conversation?.id ?? ""}
      .message=${message}
      .place=${place + 1}
      .count=${siblings.length}
      .earlier=${siblings[place - 1]}
      .later=${siblings[place + 1]}
      .isLast=${message.id === this.conversation?.leaf}
      .isBusy=${isBusy}
      .writing=${undefined}
    ></chat-message>`;
  }

  readonly #scroll = ({ target }: Event): void => {
    const { scrollTop, clientHeight, scrollHeight } = target as HTMLElement;
    // Only who scrolls up leaves the end: text that comes in moves it away by itself.
    if (scrollTop + clientHeight >= scrollHeight - NEAR) this.isAway = false;
    else if (scrollTop < this.#lastTop) this.isAway = true;
    this.#lastTop = scrollTop;
  };

  #stick(): void {
    const scroll = this.renderRoot.querySelector(".scroll");
    if (!this.isAway && scroll !== null) scroll.scrollTop = scroll.scrollHeight;
  }

  static override styles = [
    shared,
    controls,
    css`
      :host {
        position: relative;
        min-height: 0;
      }
      .scroll {
        height: 100%;
        overflow-y: auto;
        overflow-x: hidden;
        padding-block: 0.75rem;
      }
      .scroll:focus-visible {
        outline-offset: -2px;
      }
      .earlier {
        text-align: center;
        max-width: none;
      }
      .end {
        position: absolute;
        inset-block-end: 0.5rem;
        inset-inline-start: 50%;
        transform: translateX(-50%);
        font-size: 0.875rem;
        min-height: 2rem;
      }
    `,
  ];
}
customElements.define("chat-log", ChatLog);

declare global {
  interface HTMLElementTagNameMap {
    "chat-message": ChatMessage;
  }
}
