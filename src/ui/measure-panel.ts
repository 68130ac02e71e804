/** The button that measures, and how far it is. */
import { css, html, LitElement, nothing } from "lit";
import type { App, AppState, MeasurementStep } from "../app";
import { isKnown, MEASUREMENT_NAMES, type Fact, type Measurement } from "../probe/report";
import { messages } from "./messages";
import { controls, shared } from "./styles";

/** The button turns into Stop under the pointer: the second half of a double click is no wish to stop. */
const DOUBLE_CLICK_MS = 500;

const STEPS: readonly MeasurementStep[] = ["kernelChecks", ...MEASUREMENT_NAMES];

export class MeasurePanel extends LitElement {
  static override properties = { app: { attribute: false }, appState: { attribute: false }, asked: { state: true } };
  declare app: App;
  declare appState: AppState;
  /** Whether a measurement was asked for here, so that its end is worth a word. */
  declare private asked: boolean;

  #startedAt = -Infinity;

  constructor() {
    super();
    this.asked = false;
  }

  protected override render() {
    const { appState } = this;
    if (appState.phase === "probing" || !isKnown(appState.report.webgpu)) return nothing;
    const measuring = appState.phase === "measuring";
    const measured = MEASUREMENT_NAMES.some((name) => isKnown(appState.report.measurements[name]));
    const stopped = MEASUREMENT_NAMES.some((name) => isStopped(appState.report.measurements[name]));
    const done = measuring ? STEPS.indexOf(appState.current) : 0;
    // One button for both, so that the focus stays where the person left it.
    return html`
      <button class="primary" @click=${() => this.#toggle(measuring)}>
        ${measuring ? messages.measureStop : measured ? messages.measureAgain : messages.measure}
      </button>
      <div class="small soft" role="status">
        ${
          measuring
            ? messages.measuring(messages.measureSteps[appState.current], done, STEPS.length)
            : this.asked
              ? stopped
                ? messages.measureStopped
                : messages.measureDone
              : messages.measureIntro
        }
      </div>
      ${
        measuring
          ? html`<progress max=${STEPS.length} value=${done} aria-label=${messages.measure}></progress>`
          : nothing
      }
    `;
  }

  #toggle(measuring: boolean): void {
    if (measuring) {
      if (performance.now() - this.#startedAt > DOUBLE_CLICK_MS) this.app.stopMeasuring();
      return;
    }
    this.#startedAt = performance.now();
    this.asked = true;
    void this.app.measure();
  }

  static override styles = [
    shared,
    controls,
    css`
      :host {
        max-width: 20rem;
      }
      [role="status"] {
        margin-top: 0.35rem;
      }
      progress {
        width: 100%;
        height: 0.4rem;
        margin-top: 0.35rem;
        accent-color: var(--ember);
      }
    `,
  ];
}
customElements.define("measure-panel", MeasurePanel);

function isStopped(fact: Fact<Measurement>): boolean {
  return !isKnown(fact) && fact.reason.code === "stopped";
}
