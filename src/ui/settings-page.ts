/** `#/settings`: how the page looks, what models may take, what it may reach, what it keeps, and the way to be rid of all. */
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import type { Shell } from "../app";
import { measureKept, type KeptAmount } from "../chat/kept-amount";
import type { ModelDesk } from "../desk/desk";
import type { DeskState } from "../desk/entries";
import "./appearance-settings";
import "./delete-everything";
import "./desk-settings";
import "./host-list";
import { messages } from "./messages";
import { sayProblem } from "./said";
import "./storage-settings";
import { controls, shared } from "./styles";

export class SettingsPage extends LitElement {
  static override properties = {
    openDesk: { attribute: false },
    shell: { attribute: false },
    desk: { state: true },
    state: { state: true },
    kept: { state: true },
    problem: { state: true },
  };
  declare openDesk: (() => Promise<ModelDesk>) | undefined;
  declare shell: Shell | undefined;
  declare private desk: ModelDesk | undefined;
  declare private state: DeskState | undefined;
  declare private kept: KeptAmount | undefined;
  declare private problem: string;
  #unsubscribe: () => void = () => undefined;

  constructor() {
    super();
    this.problem = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.#measure);
    this.#measure();
  }

  override disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#measure);
    this.#unsubscribe();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("openDesk") || this.openDesk === undefined) return;
    this.openDesk().then(
      (opened) => this.#watch(opened),
      // The next visit of this page tries again.
      (thrown: unknown) => (this.problem = messages.modelsOpenFailed(sayProblem(thrown))),
    );
  }

  #watch(opened: ModelDesk): void {
    if (!this.isConnected) return;
    this.desk = opened;
    this.state = opened.state;
    this.#unsubscribe = opened.subscribe(() => (this.state = opened.state));
    void opened.refresh().catch((thrown: unknown) => (this.problem = sayProblem(thrown)));
  }

  /** Another tab may have written something meanwhile. */
  readonly #measure = (): void => {
    if (document.visibilityState === "hidden") return;
    measureKept().then(
      (kept) => (this.kept = kept),
      (thrown: unknown) => (this.problem = sayProblem(thrown)),
    );
  };

  protected override render() {
    const { desk, state, kept } = this;
    return html`
      <h1>${messages.settingsTitle}</h1>
      <section class="sheet" aria-labelledby="appearance">
        <h2 id="appearance">${messages.settingsAppearance}</h2>
        <appearance-settings></appearance-settings>
      </section>
      <section class="sheet" aria-labelledby="models">
        <h2 id="models">${messages.settingsModels}</h2>
        <p class="error" role="alert">${this.problem}</p>
        ${
          desk !== undefined && state !== undefined
            ? html`<desk-settings .desk=${desk} .state=${state} .isOpen=${true}></desk-settings>`
            : this.problem === ""
              ? html`<p role="status">${messages.modelsOpening}</p>`
              : nothing
        }
      </section>
      <section class="sheet" aria-labelledby="privacy">
        <h2 id="privacy">${messages.settingsPrivacy}</h2>
        <p>${messages.settingsPrivacyIntro}</p>
        <host-list .shell=${this.shell} .isNested=${true}></host-list>
      </section>
      ${
        desk === undefined
          ? nothing
          : html`<storage-settings .desk=${desk} .usage=${state?.usage} .kept=${kept}></storage-settings>`
      }
      <delete-everything .usage=${state?.usage} .kept=${kept}></delete-everything>
    `;
  }

  static override styles = [
    shared,
    controls,
    css`
      .sheet,
      delete-everything {
        margin-top: 1rem;
      }
      p.error:empty {
        margin: 0;
      }
    `,
  ];
}
customElements.define("settings-page", SettingsPage);
