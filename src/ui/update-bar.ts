/** Says that a new version waits, at the foot of the window. It takes no focus. */
import { css, html, LitElement, nothing } from "lit";
import type { Shell } from "../app";
import { messages } from "./messages";
import { controls, shared } from "./styles";

export class UpdateBar extends LitElement {
  static override properties = { shell: { attribute: false }, settle: { attribute: false }, ready: { state: true } };
  declare shell: Shell;
  /** Ends what is being written: it is kept, and can be gone on with in the new version. */
  declare settle: (() => Promise<void>) | undefined;
  declare private ready: boolean;

  constructor() {
    super();
    this.ready = false;
  }

  protected override firstUpdated(): void {
    this.shell.onUpdate(() => (this.ready = true));
  }

  protected override render() {
    // The live region stands there from the start: one that appears with its text is often not read out.
    return html`<div role="status">
      ${
        this.ready
          ? html`<div class="bar row">
              <span>${messages.updateReady}</span>
              <button class="primary" @click=${this.#apply}>${messages.updateApply}</button>
              <button class="plain" @click=${() => (this.ready = false)}>${messages.updateLater}</button>
            </div>`
          : nothing
      }
    </div>`;
  }

  readonly #apply = async (): Promise<void> => {
    await this.settle?.();
    await this.shell.apply();
  };

  static override styles = [
    shared,
    controls,
    css`
      :host {
        position: sticky;
        bottom: 0;
      }
      .bar {
        justify-content: center;
        padding: 0.6rem 1rem;
        background: var(--sheet);
        border-top: 1px solid var(--rule);
      }
    `,
  ];
}
customElements.define("update-bar", UpdateBar);
