/** Asks whether a model is to go: gigabytes are not thrown away at one press. Fires "keep" or "remove". */
import { css, html, LitElement } from "lit";
import { formatBytes } from "../shared/units";
import { messages } from "./messages";
import { controls, shared } from "./styles";

export class RemoveQuestion extends LitElement {
  static override properties = { name: { attribute: false }, bytes: { attribute: false } };
  declare name: string;
  declare bytes: number;

  protected override firstUpdated(): void {
    this.renderRoot.querySelector("button")?.focus({ preventScroll: true });
  }

  protected override render() {
    const button = (text: string, event: "keep" | "remove", look = "") =>
      html`<button class=${look} aria-label=${`${text}: ${this.name}`} @click=${() => this.#fire(event)}>
        ${text}
      </button>`;
    return html`<p id="sure">${messages.modelsRemoveSure(formatBytes(this.bytes))}</p>
      <div class="row" role="group" aria-labelledby="sure" @keydown=${this.#onKey}>
        ${button(messages.modelsRemoveNo, "keep", "primary")} ${button(messages.modelsRemoveYes, "remove")}
      </div>`;
  }

  readonly #onKey = ({ key }: KeyboardEvent): void => {
    if (key === "Escape") this.#fire("keep");
  };

  #fire(event: "keep" | "remove"): void {
    this.dispatchEvent(new Event(event));
  }

  static override styles = [
    shared,
    controls,
    css`
      .row {
        margin-top: 0.5rem;
      }
    `,
  ];
}
customElements.define("remove-question", RemoveQuestion);
