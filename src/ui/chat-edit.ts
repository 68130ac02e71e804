/**
 * A past message while it is written anew. Tells "done" with the text, or "cancel". What is typed is remembered until one
 * of them: the page may go before.
 */
import { css, html, LitElement } from "lit";
import type { Message } from "../chat/message";
import { browserMemory } from "../talk/memory";
import { messages } from "./messages";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { controls, shared } from "./styles";

export class ChatEdit extends LitElement {
  static override properties = { conversation: { attribute: false }, message: { attribute: false } };
  /** The id of the one it is in. */
  declare conversation: string;
  declare message: Message;
  readonly #memory = browserMemory();
  /** What it begins with. */
  #first: string | undefined;

  protected override firstUpdated(): void {
    const field = this.#field();
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }

  protected override render() {
    const text = (this.#first ??= this.#memory.edit(this.conversation, this.message.id) ?? this.message.content);
    return html`<form action=${QUIET_FORM_ACTION} @submit=${this.#submit} @keydown=${this.#pressAnywhere}>
      <label for="edit" class="visually-hidden">${messages.chatEditLabel}</label>
      <textarea
        id="edit"
        dir="auto"
        spellcheck="false"
        writingsuggestions="false"
        rows=${Math.min(12, text.split("\n").length + 1)}
        aria-describedby="hint"
        .value=${text}
        @input=${this.#type}
        @keydown=${this.#press}
      ></textarea>
      <p id="hint" class="small soft">${messages.chatEditHint}</p>
      <div class="row">
        <button class="primary">${messages.chatEditSend}</button>
        <button type="button" @click=${this.#cancel}>${messages.chatCancel}</button>
      </div>
    </form>`;
  }

  readonly #pressAnywhere = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation(); // here it stops no reply
    this.#cancel();
  };

  readonly #press = (event: KeyboardEvent): void => {
    if (event.isComposing || event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.#done();
  };

  readonly #type = (): void => {
    this.#memory.keepEdit(this.conversation, this.message.id, this.#field()?.value);
  };

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    this.#done();
  };

  readonly #done = (): void => {
    const text = this.#field()?.value ?? "";
    if (text === this.message.content) this.#cancel();
    else if (text.trim() !== "") this.dispatchEvent(new CustomEvent("done", { detail: text }));
  };

  readonly #cancel = (): void => {
    this.#memory.keepEdit(this.conversation, this.message.id, undefined);
    this.dispatchEvent(new CustomEvent("cancel"));
  };

  #field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector("textarea");
  }

  static override styles = [
    shared,
    controls,
    css`
      textarea {
        font-family: inherit;
        font-size: 1rem;
      }
      p {
        margin: 0.25rem 0 0.5rem;
      }
    `,
  ];
}
customElements.define("chat-edit", ChatEdit);
