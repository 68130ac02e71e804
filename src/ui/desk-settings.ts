/** What a person sets for models: the engine, the memory there is, how fast is fast enough, and what a conversation takes. */
import { css, html, LitElement, nothing } from "lit";
import type { ModelDesk } from "../desk/desk";
import type { DeskSettings, DeskState } from "../desk/entries";
import { BOUNDS } from "../desk/settings";
import { ENGINE_CHOICES } from "../shared/engines";
import { formatBytes } from "../shared/units";
import { messages } from "./messages";
import { sayProblem } from "./said";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { controls, fields, shared } from "./styles";

const GB = 1e9;
type NumberSetting = keyof typeof BOUNDS;

export class DeskSettingsForm extends LitElement {
  static override properties = {
    desk: { attribute: false },
    state: { attribute: false },
    isOpen: { attribute: false },
    problem: { state: true },
  };
  declare desk: ModelDesk;
  declare state: DeskState;
  /** Whether all is shown at once. */
  declare isOpen: boolean;
  declare private problem: string;

  constructor() {
    super();
    this.isOpen = false;
    this.problem = "";
  }

  protected override render() {
    const { settings, budget, deviceSpeed } = this.state;
    return html`<form action=${QUIET_FORM_ACTION} @submit=${(event: Event) => event.preventDefault()}>
      <div class="fields">
        <div>
          <label for="engine">${messages.modelsEngine}</label>
          <select id="engine" aria-describedby="engine-reason" @change=${this.#setEngine}>
            ${ENGINE_CHOICES.map(
              (engine) =>
                html`<option value=${engine} ?selected=${engine === settings.engine}>
                  ${messages.modelsEngines[engine]}
                </option>`,
            )}
          </select>
        </div>
        <div>
          <label for="memory">${messages.modelsMemory}</label>
          <input
            id="memory"
            aria-describedby="budget"
            type="number"
            min="0"
            max="1024"
            step="any"
            .value=${settings.statedMemory === undefined ? "" : String(settings.statedMemory / GB)}
            @change=${this.#setMemory}
          />
        </div>
      </div>
      <p id="engine-reason" class="small soft">${messages.modelsEngineReason[settings.engine]}</p>
      <p id="budget" class="small soft">${messages.modelsBudget[budget.source](formatBytes(budget.bytes ?? 0))}</p>
      <details ?open=${this.isOpen}>
        <summary>${messages.modelsMore}</summary>
        <div class="fields">
          ${this.#renderNumber("wishedSpeed", messages.modelsWishedSpeed, "any")}
          ${this.#renderNumber("contextLength", messages.modelsContext, "1")}
          ${this.#renderNumber("idleMinutes", messages.modelsIdle, "any")}
        </div>
        <p class="small soft">${messages.modelsMoreHint}</p>
      </details>
      ${deviceSpeed === "unknown" ? html`<p class="small soft">${messages.modelsSpeedUnknown}</p>` : nothing}
      ${this.#renderMeasure(deviceSpeed)}
      <p class="error small" role="alert">${this.problem}</p>
    </form>`;
  }

  #renderNumber(name: NumberSetting, label: string, step: string) {
    const { min, max } = BOUNDS[name];
    return html`<div>
      <label for=${name}>${label}</label>
      <input
        id=${name}
        type="number"
        required
        min=${min}
        max=${max}
        step=${step}
        .value=${String(this.state.settings[name])}
        @change=${(event: Event) => this.#setNumber(name, event.target as HTMLInputElement)}
      />
    </div>`;
  }

  #renderMeasure(speed: DeskState["deviceSpeed"]) {
    if (speed === "measuring") {
      return html`<label class="small" for="measuring">${messages.modelsMeasuringDevice}</label>
        <progress id="measuring"></progress>`;
    }
    const text = speed === "known" ? messages.modelsMeasureDeviceAgain : messages.modelsMeasureDevice;
    return html`<button type="button" @click=${this.#measure}>${text}</button>`;
  }

  readonly #measure = async (): Promise<void> => {
    this.problem = "";
    try {
      await this.desk.measureDevice();
    } catch (thrown) {
      this.problem = sayProblem(thrown);
    }
  };

  readonly #setEngine = ({ target }: Event): void => {
    const { value } = target as HTMLSelectElement;
    this.desk.change({ engine: ENGINE_CHOICES.find((each) => each === value) ?? "auto" });
  };

  readonly #setMemory = ({ target }: Event): void => {
    if (!(target as HTMLInputElement).reportValidity()) return;
    const typed = Number((target as HTMLInputElement).value);
    this.desk.change({ statedMemory: typed > 0 ? typed * GB : undefined });
  };

  /** What is out of its bounds the browser says; what was set stays. */
  #setNumber(name: NumberSetting, input: HTMLInputElement): void {
    if (!input.reportValidity()) return;
    const changed: Partial<DeskSettings> = { [name]: input.valueAsNumber };
    this.desk.change(changed);
  }

  static override styles = [
    shared,
    controls,
    fields,
    css`
      form {
        margin-top: 1rem;
      }
      details {
        margin-top: 0.5rem;
      }
      summary {
        cursor: pointer;
        color: var(--ink-soft);
        font-size: 0.875rem;
        padding-block: 0.25rem;
      }
      button {
        margin-top: 0.5rem;
      }
      progress {
        accent-color: var(--ember);
      }
      p.error:empty {
        margin: 0;
      }
    `,
  ];
}
customElements.define("desk-settings", DeskSettingsForm);
