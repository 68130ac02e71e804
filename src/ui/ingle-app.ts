/** The frame: header, the page that the address names, and the word of a new version. */
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import type { App, Shell } from "../app";
import type { ModelDesk } from "../desk/desk";
import type { CapabilityReport } from "../probe/report";
import { startAnew } from "../shared/erasure";
import type { IngleError } from "../shared/errors";
import type { OpenTalk } from "../talk/open-talk";
import "./check-page";
import { flame } from "./flame";
import { messages } from "./messages";
import { sayProblem } from "./said";
import { parseRoute, type Route } from "./router";
import { controls, shared } from "./styles";
import "./update-bar";

/** Chromium's offer to install; no other browser has the event. */
interface BeforeInstallPromptEvent extends Event {
  prompt(): Promise<unknown>;
}

/** Everything is being deleted, or was: nothing else is started. */
export type Erasure =
  { readonly phase: "erasing" | "gone" | "blocked" } | { readonly phase: "failed"; readonly error: IngleError };

const TITLES: Readonly<Record<Route["page"], string>> = {
  chat: messages.chatTitle,
  check: messages.checkTitle,
  shared: messages.sharedTitle,
  models: messages.modelsTitle,
  network: messages.networkTitle,
  settings: messages.settingsTitle,
};

/** Pages in chunks of their own. */
const LOADERS: Readonly<Partial<Record<Route["page"], () => Promise<unknown>>>> = {
  chat: () => import("./chat-page"),
  models: () => import("./models-page"),
  network: () => import("./network-page"),
  settings: () => import("./settings-page"),
};

export class IngleApp extends LitElement {
  static override properties = {
    app: { attribute: false },
    shell: { attribute: false },
    openDesk: { attribute: false },
    openTalk: { attribute: false },
    settle: { attribute: false },
    ungated: { attribute: false },
    erasure: { attribute: false },
    route: { state: true },
    loadFailed: { state: true },
    installOffer: { state: true },
  };

  declare app: App | undefined;
  declare shell: Shell | undefined;
  /** The models' part, fetched when its page is opened, and kept while the page is. */
  declare openDesk: (() => Promise<ModelDesk>) | undefined;
  /** The conversation's part, likewise. */
  declare openTalk: (() => Promise<OpenTalk>) | undefined;
  /** Ends what is being written, so that the page can be loaded anew without a loss. It does not take long. */
  declare settle: (() => Promise<void>) | undefined;
  /** The connect gate is missing, so nothing was started. */
  declare ungated: boolean;
  declare erasure: Erasure | undefined;
  declare private route: Route;
  /** A page's code could not be loaded: no network, or an old version's. */
  declare private loadFailed: boolean;
  declare private installOffer: BeforeInstallPromptEvent | undefined;

  constructor() {
    super();
    this.ungated = false;
    this.loadFailed = false;
    this.route = parseRoute(location.hash);
  }

  /** The report as it stands, for programs: the command line asks for it here. Resolves when its facts are in. */
  async report({ measure = false } = {}): Promise<CapabilityReport> {
    const { app } = this;
    if (app === undefined) throw new Error("The page has not started.");
    const facts = await (measure ? app.measure() : app.probe());
    return app.state.phase === "probing" ? facts : app.state.report;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("hashchange", this.#onHashChange);
    addEventListener("beforeinstallprompt", this.#onInstallOffer);
    addEventListener("appinstalled", this.#onInstalled);
  }

  override disconnectedCallback(): void {
    removeEventListener("hashchange", this.#onHashChange);
    removeEventListener("beforeinstallprompt", this.#onInstallOffer);
    removeEventListener("appinstalled", this.#onInstalled);
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (this.erasure !== undefined) {
      document.title = `${messages.erasedTitle} · Ingle`;
      return;
    }
    if (!changed.has("route")) return;
    document.title = `${TITLES[this.route.page]} · Ingle`;
    this.loadFailed = false;
    LOADERS[this.route.page]?.().catch(() => (this.loadFailed = true));
    this.toggleAttribute("chat", this.route.page === "chat");
  }

  readonly #onHashChange = (): void => {
    this.route = parseRoute(location.hash);
    // A keyboard or a screen reader goes on from the new page's top, not from a link that led to it.
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("main")?.focus());
  };

  readonly #onInstallOffer = (event: Event): void => {
    event.preventDefault(); // no banner of the browser's own: the button is enough
    this.installOffer = event as BeforeInstallPromptEvent;
  };

  readonly #onInstalled = (): void => {
    this.installOffer = undefined;
  };

  /** Some part of the page needs it loaded anew. */
  readonly #reload = async (): Promise<void> => {
    await this.settle?.();
    location.reload();
  };

  #install(): void {
    void this.installOffer?.prompt();
    this.installOffer = undefined; // an offer holds once
  }

  /** A button and no link to `#content`: the address must not change, since it names the page. */
  #skip(): void {
    this.renderRoot.querySelector<HTMLElement>("main")?.focus();
  }

  protected override render() {
    const link = (page: Route["page"], href: string, text: string) =>
      html`<a href=${href} aria-current=${this.route.page === page ? "page" : nothing}>${text}</a>`;
    return html`
      <header>
        <button class="skip" @click=${this.#skip}>${messages.skipToContent}</button>
        <a class="brand" href="#/">${flame}<span>Ingle</span></a>
        <nav aria-label=${messages.navigation}>
          ${link("chat", "#/", messages.chat)} ${link("models", "#/models", messages.models)}
          ${link("check", "#/check", messages.check)} ${link("settings", "#/settings", messages.settings)}
        </nav>
        ${this.installOffer === undefined ? nothing : html`<button @click=${this.#install}>${messages.install}</button>`}
      </header>
      <main id="content" tabindex="-1" @reload=${this.#reload}>${this.#renderPage()}</main>
      ${this.shell === undefined ? nothing : html`<update-bar .shell=${this.shell} .settle=${this.settle}></update-bar>`}
    `;
  }

  #renderPage() {
    if (this.ungated) return html`<p role="alert">${messages.ungated}</p>`;
    if (this.erasure !== undefined) return this.#renderErasure(this.erasure);
    if (this.loadFailed) {
      return html`<p role="alert">${messages.loadFailed}</p>
        <button @click=${() => location.reload()}>${messages.reload}</button>`;
    }
    if (this.app === undefined) return nothing;
    switch (this.route.page) {
      case "chat":
        return html`<chat-page .openTalk=${this.openTalk}></chat-page>`;
      case "check":
        return html`<check-page .app=${this.app} .payload=${undefined}></check-page>`;
      case "shared":
        return html`<check-page .app=${this.app} .payload=${this.route.payload}></check-page>`;
      case "models":
        return html`<models-page .openDesk=${this.openDesk}></models-page>`;
      case "network":
        return html`<network-page .shell=${this.shell}></network-page>`;
      case "settings":
        return html`<settings-page .openDesk=${this.openDesk} .shell=${this.shell}></settings-page>`;
      default:
        return this.route satisfies never;
    }
  }

  #renderErasure(erasure: Erasure) {
    const anew = html`<p>
      <button @click=${() => startAnew(() => localStorage)}>${messages.erasedStart}</button>
    </p>`;
    switch (erasure.phase) {
      case "erasing":
        return html`<p role="status">${messages.erasing}</p>`;
      case "failed":
        return html`<p role="alert">${messages.erasureFailed(sayProblem(erasure.error))}</p>
          <p>
            <button class="primary" @click=${() => location.reload()}>${messages.erasureRetry}</button>
          </p>
          ${anew}`;
      default:
        return html`<h1>${messages.erasedTitle}</h1>
          <p role="status">${erasure.phase === "gone" ? messages.erased : messages.erasedBlocked}</p>
          ${anew}`;
    }
  }

  static override styles = [
    shared,
    controls,
    css`
      /* The conversation has the window to itself, and scrolls within it. */
      :host([chat]) {
        display: flex;
        flex-direction: column;
        height: max(100dvh, 26rem);
      }
      :host([chat]) main {
        flex: 1;
        min-height: 0;
        width: 100%;
        max-width: none;
        padding: 0;
      }
      :host([chat]) header {
        width: 100%;
        max-width: none;
        border-bottom: 1px solid var(--rule);
        padding-block: 0.25rem;
      }
      header,
      main {
        max-width: 68rem;
        margin: 0 auto;
        padding: 0.75rem 1.25rem;
      }
      main:focus {
        outline: none;
      }
      header {
        display: flex;
        align-items: center;
        gap: 0 1.5rem;
        flex-wrap: wrap;
      }
      /* Where the pages' names have a line of their own, it is at the same height on all pages. */
      @media (max-width: 40rem) {
        header {
          padding-block: 0.25rem;
        }
      }
      .brand {
        display: inline-flex;
        align-items: center;
        gap: 0.4rem;
        font-size: 1.2rem;
        font-weight: 600;
        color: var(--ink);
        text-decoration: none;
      }
      .brand svg {
        width: 1.6rem;
        height: 1.6rem;
        color: var(--ember);
      }
      nav {
        display: flex;
        flex-wrap: wrap;
        gap: 0 clamp(0.5rem, 3vw, 1rem);
        flex: 1 1 auto;
        min-width: 0;
      }
      nav a {
        color: var(--ink-soft);
        text-decoration: none;
        padding: 0.4rem 0;
      }
      nav a[aria-current] {
        color: var(--ink);
        box-shadow: inset 0 -2px var(--ember);
      }
      @media (max-width: 22rem) {
        nav {
          font-size: 0.9375rem;
        }
      }
      .skip {
        position: absolute;
        left: -100vw;
      }
      .skip:focus {
        left: 0.5rem;
        top: 0.5rem;
        z-index: 1;
      }
    `,
  ];
}
