/**
 * The conversations: a new one, all there are, searched, and carried in and out. Tells "chosen" when one is opened, with
 * a promise of the message in it that a search led to.
 */
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { groupsOf } from "../chat/export/left-out";
import type { Summary } from "../chat/history";
import type { OpenTalk } from "../talk/open-talk";
import type { ExportAs, ShelfState } from "../talk/shelf";
import type { ChatRow } from "./chat-row";
import "./chat-row";
import { chatListStyles } from "./chat-list-styles";
import { chosenFiles } from "./chosen-files";
import { messages } from "./messages";
import { sayProblem } from "./said";
import { saveFile } from "./save-file";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { refocus } from "./refocus";
import { controls, shared } from "./styles";

/** More are found by the search, or shown by a button. */
const SHOWN_AT_ONCE = 100;

export class ChatList extends LitElement {
  static override properties = {
    open: { attribute: false },
    shown: { attribute: false },
    state: { state: true },
    most: { state: true },
  };
  declare open: OpenTalk | undefined;
  /** The conversation that is shown. */
  declare shown: string | undefined;
  declare private state: ShelfState | undefined;
  declare private most: number;
  #unsubscribe: () => void = () => undefined;

  constructor() {
    super();
    this.most = SHOWN_AT_ONCE;
  }

  override disconnectedCallback(): void {
    this.#unsubscribe();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("open") || this.open === undefined) return;
    const { shelf } = this.open;
    this.#unsubscribe();
    this.state = shelf.state;
    this.#unsubscribe = shelf.subscribe(() => (this.state = shelf.state));
  }

  protected override render() {
    const { state } = this;
    return html`
      <div class="head">
        <button class="new" @click=${this.#startNew}>${messages.chatNew}</button>
        <form action=${QUIET_FORM_ACTION} @submit=${(event: Event) => event.preventDefault()}>
          <label for="search" class="visually-hidden">${messages.chatSearch}</label>
          <input
            id="search"
            type="search"
            spellcheck="false"
            placeholder=${messages.chatSearch}
            .value=${state?.query ?? ""}
            @input=${({ target }: Event) => void this.open?.shelf.search((target as HTMLInputElement).value)}
            @keydown=${this.#pressInSearch}
          />
        </form>
      </div>
      <div class="sayings small" role="status">${this.#renderSaying(state)}</div>
      <ul>
        ${state?.found === undefined ? this.#renderAll(state) : this.#renderFound(state.found)}
      </ul>
      <div class="foot">
        <button class="plain" ?disabled=${state === undefined} @click=${() => void this.#exportAll("json")}>
          ${messages.chatExportAll}
        </button>
        <button
          class="plain"
          ?disabled=${state === undefined}
          aria-label=${messages.chatExportAllMarkdownLabel}
          @click=${() => void this.#exportAll({ markdown: messages.chatMarkdown })}
        >
          ${messages.chatExportAllMarkdown}
        </button>
        <button class="plain" ?disabled=${state === undefined} @click=${() => this.#fileField()?.click()}>
          ${messages.chatImport}
        </button>
        <button class="plain" @click=${this.#tellKeys}>${messages.chatKeys}</button>
        <input
          type="file"
          hidden
          ?disabled=${state === undefined}
          accept=".json,application/json"
          aria-label=${messages.chatImportLabel}
          @change=${this.#import}
        />
      </div>
    `;
  }

  #renderSaying(state: ShelfState | undefined) {
    if (state === undefined) return nothing;
    const { removed, imported, problem, found, query } = state;
    const leftOut = imported && groupsOf(imported.leftOut);
    const dismiss = html`<button class="plain" @click=${this.#dismiss}>${messages.chatDismiss}</button>`;
    return html`${
      removed === undefined
        ? nothing
        : html`<p>
            ${messages.chatDeleted(removed.title || messages.chatUntitled)}
            <button class="plain undo" @click=${() => this.#undo(removed.id)}>${messages.chatUndo}</button>
          </p>`
    }
    ${
      imported === undefined
        ? nothing
        : html`<p>
            ${messages.chatImported(imported.added.length, imported.copied.length, imported.alreadyHere.length)}
            ${leftOut === undefined ? nothing : messages.chatLeftOut(...leftOut)} ${dismiss}
          </p>`
    }
    ${problem === undefined ? nothing : html`<p class="error">${sayProblem(problem)} ${dismiss}</p>`}
    ${
      found === undefined || query === ""
        ? nothing
        : html`<p class="soft">
            ${found.hits.length === 0 ? messages.chatNothingFound : messages.chatFound(found.hits.length, found.isCut)}
          </p>`
    }`;
  }

  #renderAll(state: ShelfState | undefined) {
    const { list } = state ?? {};
    if (list === undefined) return nothing;
    if (list.length === 0) return html`<li class="small soft none">${messages.chatNone}</li>`;
    const hidden = list.length - this.most;
    return html`${repeat(
      list.slice(0, this.most),
      ({ id }) => id,
      (summary) =>
        html`<li>
          <chat-row
            .shelf=${this.open?.shelf}
            .summary=${summary}
            .isShown=${summary.id === this.shown}
            @open=${() => this.#choose(summary.id)}
            @remove=${() => this.#remove(summary)}
          ></chat-row>
        </li>`,
    )}
    ${
      hidden <= 0
        ? nothing
        : html`<li>
            <button class="plain" @click=${this.#showMore}>${messages.chatEarlierConversations(hidden)}</button>
          </li>`
    }`;
  }

  #renderFound({ hits }: NonNullable<ShelfState["found"]>) {
    return hits.map(
      ({ conversation, title, message, excerpt: { text, start, end } }) =>
        html`<li>
          <button class="hit" @click=${() => this.#choose(conversation, message)}>
            <strong>${title || messages.chatUntitled}</strong>
            <span class="small soft" dir="auto"
              >${text.slice(0, start)}<mark>${text.slice(start, end)}</mark>${text.slice(end)}</span
            >
          </button>
        </li>`,
    );
  }

  /** Escape empties the field, and closes a drawer once it is empty; it stops no reply here. */
  readonly #pressInSearch = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    const field = event.currentTarget as HTMLInputElement;
    if (field.value === "") return;
    event.preventDefault();
    field.value = "";
    void this.open?.shelf.search("");
  };

  readonly #startNew = (): void => {
    if (this.open === undefined) return;
    this.open.talk.startNew();
    this.#tell();
    this.dispatchEvent(new Event("begun", { bubbles: true, composed: true })); // to be written into
  };

  /** @param message to be shown in it, on whichever branch. */
  #choose(id: string, message?: string): void {
    this.#tell(this.open?.shelf.open(id).then(() => message));
  }

  #tell(found?: Promise<string | undefined>): void {
    this.dispatchEvent(new CustomEvent("chosen", { detail: found }));
  }

  #remove(summary: Summary): void {
    refocus(() => this.#find(".undo") ?? this.#find(".error button"));
    void this.open?.shelf.remove(summary);
  }

  #undo(id: string): void {
    refocus(
      () => [...this.renderRoot.querySelectorAll("chat-row")].find(({ summary }) => summary.id === id),
      () => this.#find("#search"),
    );
    void this.open?.shelf.undoRemoval();
  }

  readonly #dismiss = (): void => {
    refocus(() => this.#find("#search"));
    this.open?.shelf.dismiss();
  };

  readonly #showMore = (): void => {
    const next = `li:nth-child(${this.most + 1}) > chat-row`;
    refocus(() => this.#find(next));
    this.most += SHOWN_AT_ONCE;
  };

  readonly #tellKeys = (): void => {
    this.#tell(); // a drawer closes first
    this.dispatchEvent(new CustomEvent("keys", { bubbles: true, composed: true }));
  };

  async #exportAll(as: ExportAs): Promise<void> {
    const text = await this.open?.shelf.exportAll(as);
    if (text === undefined) return;
    if (as === "json") saveFile("ingle-conversations.json", text, "application/json");
    else saveFile("ingle-conversations.md", text, "text/markdown");
  }

  readonly #import = (event: Event): void => {
    const [file] = chosenFiles(event);
    if (file !== undefined) void this.open?.shelf.importFile(file);
  };

  #find(selector: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(selector);
  }

  #fileField(): HTMLInputElement | null {
    return this.renderRoot.querySelector("input[type=file]");
  }

  static override styles = [shared, controls, chatListStyles];
}
customElements.define("chat-list", ChatList);

declare global {
  interface HTMLElementTagNameMap {
    "chat-row": ChatRow;
  }
}
