/** `#/check`: this device's report, or one that came in a link. */
import { html, LitElement, nothing, type PropertyValues } from "lit";
import type { App, AppState } from "../app";
import type { CapabilityReport } from "../probe/report";
import { asIngleError, type IngleError } from "../shared/errors";
import "./measure-panel";
import { locale, messages } from "./messages";
import { sayProblem } from "./said";
import "./report-view";
import { shared } from "./styles";

type SharedReport =
  | { readonly status: "opening" }
  | { readonly status: "open"; readonly report: CapabilityReport }
  | { readonly status: "refused"; readonly error: IngleError };

export class CheckPage extends LitElement {
  static override properties = {
    app: { attribute: false },
    payload: { attribute: false },
    appState: { state: true },
    sharedReport: { state: true },
    failure: { state: true },
  };

  declare app: App;
  /** What a link carries; undefined for this device's own report. */
  declare payload: string | undefined;
  declare private appState: AppState;
  declare private sharedReport: SharedReport;
  declare private failure: IngleError | undefined;

  #unsubscribe: (() => void) | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("payload") && !changed.has("app")) return;
    if (this.payload === undefined) this.#followApp();
    else void this.#open(this.payload);
  }

  override disconnectedCallback(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    super.disconnectedCallback();
  }

  #followApp(): void {
    this.appState = this.app.state;
    this.#unsubscribe ??= this.app.subscribe(() => (this.appState = this.app.state));
    this.app.probe().catch((thrown: unknown) => (this.failure = asIngleError(thrown)));
  }

  async #open(payload: string): Promise<void> {
    this.sharedReport = { status: "opening" };
    const outcome = await openShared(payload);
    if (payload === this.payload) this.sharedReport = outcome; // another link may have been opened meanwhile
  }

  protected override render() {
    return this.payload === undefined ? this.#renderOwn() : this.#renderShared();
  }

  #renderOwn() {
    const { appState, failure } = this;
    if (failure !== undefined) {
      return html`<h1>${messages.checkTitle}</h1>
        <p role="alert">${sayProblem(failure)}</p>`;
    }
    return html`
      <h1>${messages.checkTitle}</h1>
      ${
        appState.phase === "probing"
          ? html`<p role="status">${messages.checking}</p>`
          : html`<report-view .report=${appState.report} .own=${true}>
              <measure-panel slot="measure" .app=${this.app} .appState=${appState}></measure-panel>
            </report-view>`
      }
    `;
  }

  #renderShared() {
    const { sharedReport } = this;
    const own = html`<p><a href="#/check">${messages.sharedOwn}</a></p>`;
    switch (sharedReport.status) {
      case "opening":
        return html`<h1>${messages.sharedTitle}</h1>
          <p role="status">${messages.sharedOpening}</p>`;
      case "refused":
        return html`<h1>${messages.sharedTitle}</h1>
          <p role="alert">${sayProblem(sharedReport.error)}</p>
          ${own}`;
      case "open": {
        const date = new Date(sharedReport.report.createdAt).toLocaleDateString(locale, { dateStyle: "long" });
        return html`<h1>${messages.sharedTitle}</h1>
          <p>${messages.sharedIntro(date)}</p>
          ${own}
          <report-view .report=${sharedReport.report} .own=${false}>${nothing}</report-view>`;
      }
      default:
        return sharedReport satisfies never;
    }
  }

  static override styles = [shared];
}
customElements.define("check-page", CheckPage);

/** Unpacks and reads a link's report. The readers are loaded only when there is a link. */
async function openShared(payload: string): Promise<SharedReport> {
  try {
    const [{ unpackReport }, { readReport }] = await Promise.all([
      import("../probe/share-link"),
      import("../probe/read-report"),
    ]);
    return { status: "open", report: readReport(await unpackReport(payload)) };
  } catch (thrown) {
    return { status: "refused", error: asIngleError(thrown) };
  }
}
