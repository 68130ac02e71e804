/**
 * Where the list of conversations is: beside the conversation, or where there is no room, in a drawer. Tells "found"
 * with the message that a search led to.
 */
import { css, html, LitElement, nothing } from "lit";
import type { OpenTalk } from "../talk/open-talk";
import "./chat-list";
import { messages } from "./messages";
import { controls, shared } from "./styles";

/** [rem] From which on there is room for both. */
const WIDE = "(min-width: 60rem)";

export class ChatSide extends LitElement {
  static override properties = {
    open: { attribute: false },
    shown: { attribute: false },
    isWide: { state: true },
    isDrawn: { state: true },
  };
  declare open: OpenTalk | undefined;
  /** The conversation that is shown. */
  declare shown: string | undefined;
  declare private isWide: boolean;
  declare private isDrawn: boolean;
  readonly #wide = matchMedia(WIDE);

  constructor() {
    super();
    this.isWide = this.#wide.matches;
    this.isDrawn = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#wide.addEventListener("change", this.#resize);
  }

  override disconnectedCallback(): void {
    this.#wide.removeEventListener("change", this.#resize);
    super.disconnectedCallback();
  }

  readonly #resize = (): void => {
    this.isWide = this.#wide.matches;
    this.isDrawn = false;
  };

  protected override render() {
    const list = html`<chat-list .open=${this.open} .shown=${this.shown} @chosen=${this.#choose}></chat-list>`;
    if (this.isWide) return html`<nav aria-label=${messages.chatList}>${list}</nav>`;
    return html`<button class="opener" aria-haspopup="dialog" @click=${this.#draw}>☰ ${messages.chatListOpen}</button>
      <dialog aria-label=${messages.chatList} @close=${() => (this.isDrawn = false)}>
        ${
          this.isDrawn
            ? html`<div class="row">
                  <button @click=${this.#close}>${messages.chatListClose}</button>
                </div>
                ${list}`
            : nothing
        }
      </dialog>`;
  }

  readonly #draw = (): void => {
    this.isDrawn = true;
    void this.updateComplete.then(() => this.#dialog()?.showModal());
  };

  /** A drawer closes first, and takes the list away: what it led to is told from here. */
  readonly #choose = async ({ detail }: CustomEvent<Promise<string | undefined> | null>): Promise<void> => {
    this.#close();
    const message = (await detail) ?? undefined;
    if (message !== undefined) this.dispatchEvent(new CustomEvent("found", { detail: message }));
  };

  readonly #close = (): void => {
    this.#dialog()?.close();
  };

  #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  static override styles = [
    shared,
    controls,
    css`
      nav {
        height: 100%;
        width: 17rem;
        border-inline-end: 1px solid var(--rule);
      }
      .opener {
        width: 100%;
        border: 0;
        border-bottom: 1px solid var(--rule);
        border-radius: 0;
        background: none;
        text-align: start;
        padding-inline: 1.25rem;
        font-size: 0.875rem;
        color: var(--ink-soft);
      }
      dialog {
        inset: 0 auto 0 0;
        margin: 0;
        width: min(20rem, 88vw);
        height: 100dvh;
        max-height: none;
        border: 0;
        border-inline-end: 1px solid var(--rule);
        padding: 0;
        background: var(--paper);
        color: var(--ink);
      }
      dialog[open] {
        display: flex;
        flex-direction: column;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      dialog .row {
        justify-content: flex-end;
        padding: 0.5rem 0.75rem 0;
      }
      dialog chat-list {
        flex: 1;
        min-height: 0;
      }
    `,
  ];
}
customElements.define("chat-side", ChatSide);
