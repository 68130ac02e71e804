/** What models and all else take of the browser's storage, as a picture, and the way to be rid of the models. */
import { css, html, LitElement, nothing } from "lit";
import type { ModelDesk } from "../desk/desk";
import type { DeskState } from "../desk/entries";
import { formatBytes } from "../shared/units";
import { messages } from "./messages";
import { refocus } from "./refocus";
import { sayProblem } from "./said";
import { controls, shared } from "./styles";

export class DiskUse extends LitElement {
  static override properties = {
    desk: { attribute: false },
    usage: { attribute: false },
    others: { attribute: false },
    asks: { state: true },
    problem: { state: true },
  };
  declare desk: ModelDesk;
  declare usage: DeskState["usage"];
  /** What is kept beside models. */
  declare others: readonly { readonly name: string; readonly bytes: number }[];
  declare private asks: boolean;
  declare private problem: string;

  constructor() {
    super();
    this.others = [];
    this.asks = false;
    this.problem = "";
  }

  protected override render() {
    const { usage } = this;
    if (usage === undefined) return nothing;
    const { models, usedBytes, quotaBytes, isPersisted } = usage;
    const parts = [...models, ...this.others];
    const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    return html`<section class="sheet" aria-labelledby="disk">
      <h2 id="disk" tabindex="-1">${messages.modelsDisk}</h2>
      ${
        parts.length === 0
          ? nothing
          : html`<div class="bar" aria-hidden="true">
                ${parts.map(({ bytes }) => html`<span .style=${`flex-grow: ${bytes / total}`}></span>`)}
              </div>
              <ul>
                ${parts.map(({ name, bytes }) => html`<li><span>${name}</span><span>${formatBytes(bytes)}</span></li>`)}
              </ul>`
      }
      ${models.length === 0 ? html`<p>${messages.modelsDiskNone}</p>` : nothing}
      ${
        usedBytes === undefined || quotaBytes === undefined
          ? nothing
          : html`<p class="small soft">
              ${messages.modelsDiskUsed(formatBytes(usedBytes), formatBytes(quotaBytes))}
              ${isPersisted ? messages.modelsDiskSafe : messages.modelsDiskUnsafe}
            </p>`
      }
      <p class="error small" role="alert">${this.problem}</p>
      ${models.length === 0 ? nothing : this.#renderDelete()}
      <slot></slot>
    </section>`;
  }

  #renderDelete() {
    if (!this.asks) {
      return html`<div class="row">
        <button class="ask" @click=${() => this.#ask(true, ".keep")}>${messages.modelsDeleteAll}</button>
      </div>`;
    }
    return html`<p id="sure">${messages.modelsDeleteSure}</p>
      <div class="row" role="group" aria-labelledby="sure">
        <button @click=${this.#deleteAll}>${messages.modelsDeleteYes}</button>
        <button class="primary keep" @click=${() => this.#ask(false, ".ask")}>${messages.modelsDeleteNo}</button>
      </div>`;
  }

  /** @param next what is there instead of what was pressed. */
  #ask(asks: boolean, next: string): void {
    refocus(() => this.renderRoot.querySelector<HTMLElement>(next));
    this.asks = asks;
  }

  readonly #deleteAll = async (): Promise<void> => {
    this.#ask(false, "#disk"); // with the models the button goes, too
    this.problem = "";
    try {
      await this.desk.removeAll();
    } catch (thrown) {
      this.problem = sayProblem(thrown);
    }
  };

  static override styles = [
    shared,
    controls,
    css`
      .sheet {
        margin-top: 1rem;
      }
      .bar {
        display: flex;
        gap: 2px;
        block-size: 1rem;
        margin-top: 0.75rem;
      }
      .bar span {
        background: var(--ember);
        min-inline-size: 3px;
      }
      .bar span:nth-child(even) {
        background: var(--ink-soft);
      }
      ul {
        list-style: none;
        margin: 0.5rem 0;
        padding: 0;
      }
      li {
        display: flex;
        justify-content: space-between;
        gap: 1rem;
        overflow-wrap: anywhere;
      }
      li span:last-child {
        white-space: nowrap;
        font-variant-numeric: tabular-nums;
      }
      p.error:empty {
        margin: 0;
      }
      .row {
        margin-top: 0.5rem;
      }
    `,
  ];
}
customElements.define("disk-use", DiskUse);
