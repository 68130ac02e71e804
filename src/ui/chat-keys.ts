/** The keys that the conversation knows. */
import { css, html, LitElement } from "lit";
import { messages } from "./messages";
import { controls, shared } from "./styles";

export class ChatKeys extends LitElement {
  show(): void {
    const dialog = this.#dialog();
    if (dialog?.open === false) dialog.showModal();
  }

  protected override render() {
    return html`<dialog aria-labelledby="keys">
      <h2 id="keys">${messages.chatKeys}</h2>
      <dl>
        ${messages.chatKeyList.map(
          ([key, meaning]) =>
            html`<div>
              <dt>${key}</dt>
              <dd>${meaning}</dd>
            </div>`,
        )}
      </dl>
      <button @click=${() => this.#dialog()?.close()}>${messages.chatKeysClose}</button>
    </dialog>`;
  }

  #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  static override styles = [
    shared,
    controls,
    css`
      dialog {
        border: 1px solid var(--rule);
        border-radius: 10px;
        padding: 1.25rem;
        background: var(--sheet);
        color: var(--ink);
        max-width: min(28rem, 100vw - 2rem);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      dl {
        margin: 0.75rem 0 1rem;
      }
      dl div {
        display: flex;
        justify-content: space-between;
        gap: 1.5rem;
        padding: 0.25rem 0;
      }
      dt {
        font-family: var(--mono);
        font-size: 0.875rem;
      }
      dd {
        margin: 0;
        color: var(--ink-soft);
      }
    `,
  ];
}
customElements.define("chat-keys", ChatKeys);
