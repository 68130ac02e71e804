/** What this browser keeps for Ingle: how much, how safely, and a copy of the conversations as a file. */
import { css, html, LitElement, nothing } from "lit";
import type { KeptAmount } from "../chat/kept-amount";
import type { ModelDesk } from "../desk/desk";
import type { DeskState } from "../desk/entries";
import "./disk-use";
import { messages } from "./messages";
import { sayProblem } from "./said";
import { saveFile } from "./save-file";
import { controls, shared } from "./styles";

const FILE = "ingle-conversations.json";

export class StorageSettings extends LitElement {
  static override properties = {
    desk: { attribute: false },
    usage: { attribute: false },
    kept: { attribute: false },
    saying: { state: true },
    problem: { state: true },
  };
  declare desk: ModelDesk;
  declare usage: DeskState["usage"];
  declare kept: KeptAmount | undefined;
  declare private saying: string;
  declare private problem: string;

  constructor() {
    super();
    this.saying = "";
    this.problem = "";
  }

  protected override render() {
    const { desk, usage, kept } = this;
    const { conversations = 0, presets = 0, bytes = 0 } = kept ?? {};
    const name = [
      ...(conversations > 0 ? [messages.settingsConversations(conversations)] : []),
      ...(presets > 0 ? [messages.settingsPresets(presets)] : []),
    ].join(", ");
    return html`<disk-use .desk=${desk} .usage=${usage} .others=${name === "" ? [] : [{ name, bytes }]}>
      <div class="row">
        ${
          conversations === 0
            ? nothing
            : html`<button @click=${() => void this.#try(this.#export)}>${messages.settingsExport}</button>`
        }
        ${
          usage?.isPersisted === false
            ? html`<button @click=${() => void this.#try(this.#persist)}>${messages.settingsPersist}</button>`
            : nothing
        }
      </div>
      <p class="small" role="status">${this.saying}</p>
      <p class="error small" role="alert">${this.problem}</p>
    </disk-use>`;
  }

  readonly #export = async (): Promise<void> => {
    const { exportAllKept } = await import("../chat/export/all-kept");
    saveFile(FILE, await exportAllKept(), "application/json");
    this.saying = messages.settingsExported(FILE);
  };

  readonly #persist = async (): Promise<void> => {
    if (await navigator.storage.persist()) await this.desk.refresh();
    else this.saying = messages.settingsPersistRefused;
  };

  async #try(work: () => Promise<void>): Promise<void> {
    this.saying = "";
    this.problem = "";
    try {
      await work();
    } catch (thrown) {
      this.problem = sayProblem(thrown);
    }
  }

  static override styles = [
    shared,
    controls,
    css`
      .row {
        margin-top: 0.5rem;
      }
      p:empty {
        margin: 0;
      }
    `,
  ];
}
customElements.define("storage-settings", StorageSettings);
