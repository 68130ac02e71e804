/** One conversation in the list, and what can be done with it. Tells "open", and "remove". */
import { css, html, LitElement, nothing } from "lit";
import type { Summary } from "../chat/history";
import type { Shelf } from "../talk/shelf";
import { messages } from "./messages";
import { saveFile } from "./save-file";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { refocus } from "./refocus";
import { controls, shared } from "./styles";

export class ChatRow extends LitElement {
  static override properties = {
    shelf: { attribute: false },
    summary: { attribute: false },
    isShown: { attribute: false },
    isMore: { state: true },
    isRenaming: { state: true },
  };
  declare shelf: Shelf;
  declare summary: Summary;
  declare isShown: boolean;
  /** Whether all that can be done is shown. */
  declare private isMore: boolean;
  declare private isRenaming: boolean;
  /** While the menu is open: ends what is listened to for it. */
  #menu: AbortController | undefined;

  constructor() {
    super();
    this.isMore = false;
    this.isRenaming = false;
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>(".open")?.focus();
  }

  override disconnectedCallback(): void {
    this.#closeMenu();
    super.disconnectedCallback();
  }

  protected override render() {
    const { title, isPinned } = this.summary;
    const name = title || messages.chatUntitled;
    if (this.isRenaming) return this.#renderRename(title);
    return html`<div class="line">
        <button
          class="open"
          dir="auto"
          aria-current=${this.isShown ? "true" : nothing}
          @click=${() => this.dispatchEvent(new CustomEvent("open"))}
        >
          ${isPinned ? html`<span class="pin" role="img" aria-label=${messages.chatPinned}>◆</span>` : nothing}${name}
        </button>
        <button
          class="more"
          aria-label=${messages.chatMore(name)}
          aria-expanded=${String(this.isMore)}
          @click=${() => (this.isMore ? this.#closeMenu() : this.#openMenu())}
        >
          ⋯
        </button>
      </div>
      ${this.isMore ? this.#renderMore() : nothing}`;
  }

  #renderMore() {
    const { shelf, summary } = this;
    const { id, isPinned } = summary;
    const button = (text: string, act: () => unknown) => html`<button @click=${act}>${text}</button>`;
    const done = (act: () => unknown) => () => {
      refocus(this.#more);
      this.#closeMenu();
      void act();
    };
    return html`<div class="menu">
      ${button(messages.chatRename, () => void this.#rename())}
      ${button(
        isPinned ? messages.chatUnpin : messages.chatPin,
        done(() => shelf.change(id, { isPinned: !isPinned })),
      )}
      ${button(
        messages.chatExportMarkdown,
        done(() => this.#export("md")),
      )}
      ${button(
        messages.chatExportJson,
        done(() => this.#export("json")),
      )}
      ${button(messages.chatDelete, () => {
        this.dispatchEvent(new CustomEvent("remove"));
        this.#closeMenu();
      })}
    </div>`;
  }

  #renderRename(title: string) {
    return html`<form
      class="rename"
      action=${QUIET_FORM_ACTION}
      @submit=${this.#submitTitle}
      @keydown=${this.#pressInRename}
    >
      <label for="title" class="visually-hidden">${messages.chatRenameLabel}</label>
      <input id="title" type="text" dir="auto" maxlength="200" autocomplete="off" spellcheck="false" .value=${title} />
      <button>${messages.chatRenameSave}</button>
    </form>`;
  }

  readonly #pressInRename = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault(); // neither a drawer is closed by it nor a reply stopped
    event.stopPropagation();
    this.#endRename(false);
  };

  readonly #submitTitle = (event: Event): void => {
    event.preventDefault();
    this.#endRename(true);
  };

  readonly #more = (): HTMLElement | null => this.renderRoot.querySelector<HTMLElement>(".more");

  #openMenu(): void {
    this.isMore = true;
    const { signal } = (this.#menu = new AbortController());
    const close = () => this.#closeMenu();
    // Before the page, for which Escape stops a reply, and before a drawer, which it would close.
    const press = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      close();
      this.#more()?.focus();
    };
    document.addEventListener("keydown", press, { capture: true, signal });
    // What is pressed elsewhere must not move away under the pointer, so a click closes it and not its beginning.
    const click = (event: Event) => event.composedPath().includes(this) || close();
    document.addEventListener("click", click, { capture: true, signal });
    document.addEventListener("keyup", () => this.matches(":focus-within") || close(), { capture: true, signal });
    void this.updateComplete.then(() => this.renderRoot.querySelector(".menu")?.scrollIntoView({ block: "nearest" }));
  }

  #closeMenu(): void {
    this.isMore = false;
    this.#menu?.abort();
  }

  async #rename(): Promise<void> {
    this.#closeMenu();
    this.isRenaming = true;
    await this.updateComplete;
    this.renderRoot.querySelector("input")?.select();
  }

  #endRename(isToKeep: boolean): void {
    const title = this.renderRoot.querySelector("input")?.value.trim() ?? "";
    this.isRenaming = false;
    if (isToKeep && title !== "" && title !== this.summary.title) void this.shelf.change(this.summary.id, { title });
    void this.updateComplete.then(() => this.focus());
  }

  async #export(as: "md" | "json"): Promise<void> {
    const text = await this.shelf.exportOne(
      this.summary.id,
      as === "json" ? "json" : { markdown: messages.chatMarkdown },
    );
    if (text === undefined) return;
    const name =
      (this.summary.title || messages.chatUntitled).replace(/[^\p{L}\p{N} _-]/gu, "").trim() || "conversation";
    saveFile(`${name}.${as}`, text, as === "json" ? "application/json" : "text/markdown");
  }

  static override styles = [
    shared,
    controls,
    css`
      .line {
        display: flex;
        align-items: center;
      }
      button {
        border-color: transparent;
        background: none;
        min-height: 2.25rem;
      }
      .open {
        flex: 1;
        min-width: 0;
        text-align: start;
        padding-inline: 0.5rem;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .open[aria-current] {
        background: var(--sheet);
        box-shadow: inset 2px 0 var(--ember);
      }
      .pin {
        color: var(--ember);
        margin-inline-end: 0.35rem;
        font-size: 0.75rem;
      }
      .more {
        color: var(--ink-soft);
        padding-inline: 0.5rem;
      }
      .menu {
        display: grid;
        margin: 0 0.5rem 0.5rem;
        scroll-margin-block: 0.5rem;
        border: 1px solid var(--rule);
        border-radius: var(--round);
        background: var(--sheet);
      }
      .menu button {
        text-align: start;
        font-size: 0.875rem;
      }
      .rename {
        display: flex;
        gap: 0.25rem;
        padding: 0.15rem 0.25rem;
      }
      .rename button {
        border-color: var(--rule);
      }
    `,
  ];
}
customElements.define("chat-row", ChatRow);
