/** A past message while it is written anew. Tells "done" with the text, or "cancel". */
import { css, html, LitElement } from "lit";
import { messages } from "./messages";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { controls, shared } from "./styles";

export class ChatEdit extends LitElement {
  static override properties = { text: { attribute: false } };
  declare text: string;

  protected override firstUpdated(): void {
    const field = this.#field();
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }

  protected override render() {
    return html`<form action=${QUIET_FORM_ACTION} @submit=${this.#submit}>
      <label for="edit" class="visually-hidden">${messages.chatEditLabel}</label>
      <textarea
        id="edit"
        dir="auto"
        rows=${Math.min(12, this.text.split("\n").length + 1)}
        aria-describedby="hint"
        .value=${this.text}
        @keydown=${this.#press}
      ></textarea>
      <p id="hint" class="small soft">${messages.chatEditHint}</p>
      <div class="row">
        <button class="primary">${messages.chatEditSend}</button>
        <button type="button" @click=${this.#cancel}>${messages.chatCancel}</button>
      </div>
    </form>`;
  }

  readonly #press = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation(); // here it stops no reply
      this.#cancel();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#done();
    }
  };

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    this.#done();
  };

  readonly #done = (): void => {
    const text = this.#field()?.value ?? "";
    if (text.trim() !== "") this.dispatchEvent(new CustomEvent("done", { detail: text }));
  };

  readonly #cancel = (): void => {
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
