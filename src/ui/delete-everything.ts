/** The one place where all can be deleted at once; it asks first, and says what would be gone. */
import { css, html, LitElement } from "lit";
import type { KeptAmount } from "../chat/kept-amount";
import type { DeskState } from "../desk/entries";
import { askToErase } from "../shared/erasure";
import { formatBytes } from "../shared/units";
import { locale, messages } from "./messages";
import { controls, shared } from "./styles";

export class DeleteEverything extends LitElement {
  static override properties = {
    usage: { attribute: false },
    kept: { attribute: false },
    asks: { state: true },
    problem: { state: true },
  };
  declare usage: DeskState["usage"];
  declare kept: KeptAmount | undefined;
  declare private asks: boolean;
  declare private problem: string;

  constructor() {
    super();
    this.asks = false;
    this.problem = "";
  }

  protected override render() {
    return html`<section class="sheet" aria-labelledby="erase">
      <h2 id="erase">${messages.settingsErase}</h2>
      <p>${messages.settingsEraseIntro}</p>
      ${
        this.asks
          ? html`<p id="sure" class="sure">${this.#sure()}</p>
              <div class="row" role="group" aria-labelledby="sure" @keydown=${this.#onKey}>
                <button class="primary" @click=${this.#keep}>${messages.settingsEraseNo}</button>
                <button @click=${this.#erase}>${messages.settingsEraseYes}</button>
              </div>`
          : html`<div class="row">
              <button @click=${this.#ask}>${messages.settingsEraseAsk}</button>
            </div>`
      }
      <p class="error small" role="alert">${this.problem}</p>
    </section>`;
  }

  #sure(): string {
    const { models = [] } = this.usage ?? {};
    const { conversations = 0, presets = 0 } = this.kept ?? {};
    const bytes = models.reduce((sum, model) => sum + model.bytes, 0);
    const what = [
      ...(models.length > 0 ? [messages.settingsEraseModels(models.length, formatBytes(bytes))] : []),
      ...(conversations > 0 ? [messages.settingsConversations(conversations)] : []),
      ...(presets > 0 ? [messages.settingsPresets(presets)] : []),
    ];
    if (what.length === 0) return messages.settingsEraseSureUnknown;
    return messages.settingsEraseSure(new Intl.ListFormat(locale).format(what));
  }

  readonly #ask = (): void => this.#turn(true);
  readonly #keep = (): void => this.#turn(false);

  /** The focus goes to the safe answer, and back to the button that asked. */
  #turn(asks: boolean): void {
    this.asks = asks;
    this.problem = "";
    void this.updateComplete.then(() => this.renderRoot.querySelector("button")?.focus());
  }

  readonly #onKey = ({ key }: KeyboardEvent): void => {
    if (key === "Escape") this.#turn(false);
  };

  readonly #erase = (): void => {
    try {
      askToErase(() => localStorage);
    } catch {
      this.problem = messages.settingsNotSaved;
    }
  };

  static override styles = [
    shared,
    controls,
    css`
      .row {
        margin-top: 0.75rem;
      }
      .sure {
        font-weight: 600;
      }
      p.error:empty {
        margin: 0;
      }
    `,
  ];
}
customElements.define("delete-everything", DeleteEverything);
