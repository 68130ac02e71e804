/** Which hosts the page may reach, and who is held to it; for a page of its own and for the settings. */
import { css, html, LitElement, nothing } from "lit";
import type { Shell } from "../app";
import { loadHosts, normaliseHost, saveHosts } from "../shared/hosts";
import { DEFAULT_HOSTS, MAX_HOSTS } from "../shared/policy";
import { messages } from "./messages";
import { sayProblem } from "./said";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { controls, shared } from "./styles";

type ServiceWorkerState = keyof typeof messages.networkServiceWorkerStates;

export class HostList extends LitElement {
  static override properties = {
    shell: { attribute: false },
    isNested: { attribute: false },
    hosts: { state: true },
    error: { state: true },
    serviceWorker: { state: true },
  };
  declare shell: Shell | undefined;
  /** Within a section that has a heading. */
  declare isNested: boolean;
  declare private hosts: readonly string[];
  declare private error: string;
  declare private serviceWorker: ServiceWorkerState;

  constructor() {
    super();
    this.isNested = false;
    this.hosts = loadHosts(() => localStorage);
    this.error = "";
    this.serviceWorker = "none";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("storage", this.#onStorage);
  }

  override disconnectedCallback(): void {
    removeEventListener("storage", this.#onStorage);
    super.disconnectedCallback();
  }

  /** Another tab changed the list. */
  readonly #onStorage = (): void => {
    this.hosts = loadHosts(() => localStorage);
  };

  protected override firstUpdated(): void {
    void this.shell?.policy().then((policy) => (this.serviceWorker = policy));
  }

  protected override render() {
    const changed = this.hosts.join() !== hostsAtLoad.join();
    const look = this.isNested ? "" : "sheet";
    return html`
      <section class=${look} aria-labelledby="hosts">
        ${this.#renderHeading("hosts", messages.networkHosts)}
        ${
          this.hosts.length === 0
            ? html`<p>${messages.networkNoHosts}</p>`
            : html`<ul>
                ${this.hosts.map((host) => this.#renderHost(host))}
              </ul>`
        }
        <form action=${QUIET_FORM_ACTION} @submit=${this.#add}>
          <label for="host">${messages.networkAddLabel}</label>
          <div class="row">
            <input
              id="host"
              class="code"
              type="text"
              autocomplete="off"
              autocapitalize="off"
              spellcheck="false"
              aria-describedby="hint error"
              aria-invalid=${this.error === "" ? nothing : "true"}
            />
            <button type="submit">${messages.networkAdd}</button>
          </div>
          <p id="hint" class="small soft">${messages.networkAddHint}</p>
          <p id="error" class="small error" role="alert">${this.error}</p>
        </form>
        <div class="row">
          <button class="plain" @click=${() => this.#edit(() => DEFAULT_HOSTS)}>${messages.networkDefaults}</button>
        </div>
        <div role="status">
          ${
            changed
              ? html`<p>${messages.networkChanged}</p>
                  <button class="primary" @click=${this.#reload}>${messages.networkReload}</button>`
              : nothing
          }
        </div>
      </section>
      <section class=${look} aria-labelledby="kept">
        ${this.#renderHeading("kept", messages.networkKept)}
        <dl>
          <dt>${messages.networkPage}</dt>
          <dd>${messages.networkEnforced}</dd>
          <dt>${messages.networkWorker}</dt>
          <dd>${messages.networkEnforced}</dd>
          <dt>${messages.networkServiceWorker}</dt>
          <dd data-testid="service-worker-policy">${messages.networkServiceWorkerStates[this.serviceWorker]}</dd>
        </dl>
      </section>
    `;
  }

  #renderHeading(id: string, text: string) {
    return this.isNested ? html`<h3 id=${id}>${text}</h3>` : html`<h2 id=${id}>${text}</h2>`;
  }

  #renderHost(host: string) {
    const remove = () => this.#edit((hosts) => hosts.filter((other) => other !== host));
    return html`<li>
      <code>${host}</code>
      <button class="plain" aria-label=${messages.networkRemoveHost(host)} @click=${remove}>
        ${messages.networkRemove}
      </button>
    </li>`;
  }

  #add(event: Event): void {
    event.preventDefault();
    const field = this.renderRoot.querySelector<HTMLInputElement>("#host");
    if (field === null) return;
    try {
      const host = normaliseHost(field.value);
      if (this.hosts.includes(host)) this.error = messages.networkListed(host);
      else if (this.hosts.length >= MAX_HOSTS) this.error = messages.networkTooMany(MAX_HOSTS);
      else {
        this.#edit((hosts) => [...hosts, host]);
        field.value = "";
        return;
      }
      field.focus();
    } catch (thrown) {
      this.error = sayProblem(thrown);
      field.focus();
    }
  }

  /** Edits the list as it is stored: another tab may have changed it since this page read it. */
  #edit(change: (hosts: readonly string[]) => readonly string[]): void {
    try {
      const hosts = change(loadHosts(() => localStorage));
      saveHosts(() => localStorage, hosts);
      this.hosts = hosts;
      this.error = "";
    } catch {
      this.error = messages.networkNotSaved;
    }
    // The button that was pressed may be gone with its host.
    void this.updateComplete.then(() => {
      if (this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement === null) {
        this.renderRoot.querySelector<HTMLElement>("#host")?.focus();
      }
    });
  }

  readonly #reload = (): void => {
    this.dispatchEvent(new Event("reload", { bubbles: true, composed: true }));
  };

  static override styles = [
    shared,
    controls,
    css`
      section {
        margin-top: 1rem;
      }
      ul {
        list-style: none;
        margin: 0.5rem 0 1rem;
        padding: 0;
      }
      li {
        display: flex;
        justify-content: space-between;
        align-items: center;
        border-top: 1px solid var(--rule);
      }
      code {
        font-family: var(--mono);
        font-size: 0.8125rem;
        overflow-wrap: anywhere;
      }
      form .row {
        flex-wrap: nowrap;
        max-width: 32rem;
      }
      form p {
        margin-top: 0.25rem;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(8rem, auto) 1fr;
        gap: 0.4rem 1.25rem;
        margin: 0.5rem 0 0;
      }
      @media (max-width: 32rem) {
        dl {
          grid-template-columns: 1fr;
          gap: 0;
        }
        dd + dt {
          margin-top: 0.5rem;
        }
      }
      dt {
        color: var(--ink-soft);
      }
      dd {
        margin: 0;
      }
    `,
  ];
}
customElements.define("host-list", HostList);

/** What the gate applied when this page was loaded; this module is loaded before anything can change it. */
const hostsAtLoad = loadHosts(() => localStorage);
