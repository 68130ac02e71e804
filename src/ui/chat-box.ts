/** Where a message is written and sent, or the reply stopped. What is typed is remembered until it is sent. */
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import type { Draft } from "../chat/conversation";
import { formatNumber } from "../shared/units";
import type { ContextUse } from "../talk/state";
import type { ChatFiles } from "./chat-files";
import "./chat-files";
import { chosenFiles } from "./chosen-files";
import { messages } from "./messages";
import { QUIET_FORM_ACTION } from "./quiet-form";
import { controls, shared } from "./styles";

/** [ms] A second click so soon is a double click, and not a wish to stop. */
const DOUBLE_CLICK_MS = 400;

/** Tells "send" with a Draft, "stop", "edit-last", and "draft" with what is typed. */
export class ChatBox extends LitElement {
  static override properties = {
    conversation: { attribute: false },
    draft: { attribute: false },
    isWriting: { attribute: false },
    context: { attribute: false },
    costOf: { attribute: false },
  };
  /** Its id: each has what was typed for it. */
  declare conversation: string | undefined;
  /** What was typed before, to begin with. */
  declare draft: string;
  declare isWriting: boolean;
  declare context: ContextUse | undefined;
  /** [tokens] of a file. */
  declare costOf: ChatFiles["costOf"];
  #sentAt = 0;

  constructor() {
    super();
    this.draft = "";
    this.isWriting = false;
  }

  override focus(): void {
    this.#field()?.focus();
  }

  protected override updated(changed: PropertyValues<this>): void {
    const isOther = changed.has("conversation") && changed.get("conversation") !== undefined;
    const field = this.#field();
    if (field === null) return;
    // What is being typed is newer than what is kept of it.
    if (!isOther && (!changed.has("draft") || field.value !== "")) return;
    field.value = this.draft;
    this.#fit();
  }

  protected override render() {
    const { context } = this;
    return html`<chat-files
        .conversation=${this.conversation}
        .room=${context && context.length - context.used}
        .costOf=${this.costOf}
      ></chat-files>
      <form
        class="box"
        action=${QUIET_FORM_ACTION}
        @submit=${this.#submit}
        @dragover=${(event: DragEvent) => event.preventDefault()}
        @drop=${this.#drop}
      >
        <button
          type="button"
          class="plain attach"
          title=${messages.chatAttach}
          aria-label=${messages.chatAttach}
          @click=${() => this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click()}
        >
          +
        </button>
        <input type="file" multiple hidden aria-label=${messages.chatAttach} @change=${this.#choose} />
        <label for="message" class="visually-hidden">${messages.chatMessage}</label>
        <textarea
          id="message"
          rows="1"
          dir="auto"
          placeholder=${messages.chatPlaceholder}
          autocomplete="off"
          spellcheck="false"
          writingsuggestions="false"
          @input=${this.#type}
          @keydown=${this.#press}
          @paste=${this.#paste}
        ></textarea>
        <button class="primary">${this.isWriting ? messages.chatStop : messages.chatSend}</button>
      </form>
      ${this.#renderContext()}`;
  }

  #renderContext() {
    const { context } = this;
    if (context === undefined || context.used === 0) return nothing; // a conversation that has not begun
    const { used, length } = context;
    return html`<div class="context small soft" title=${messages.chatContextHint}>
      <meter
        aria-label=${messages.chatContext}
        min="0"
        max=${length}
        .value=${Math.min(used, length)}
        aria-valuetext=${messages.chatContextUse(formatNumber(used), formatNumber(length))}
      ></meter>
      <span>${messages.chatContextUse(formatNumber(used), formatNumber(length))}</span>
      ${used > 0.75 * length ? html`<span>${messages.chatContextHint}</span>` : nothing}
    </div>`;
  }

  readonly #type = (): void => {
    this.#fit();
    this.#tell("draft", this.text);
  };

  readonly #press = (event: KeyboardEvent): void => {
    // While an input method composes, Enter takes what it offers.
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (!this.isWriting) this.#send();
    } else if (event.key === "ArrowUp" && this.text === "" && !this.isWriting) {
      event.preventDefault();
      this.#tell("edit-last");
    }
  };

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    if (!this.isWriting) this.#send();
    else if (performance.now() - this.#sentAt > DOUBLE_CLICK_MS) this.#tell("stop");
  };

  #send(): void {
    const content = this.text;
    const attachments = this.#files()?.attachments ?? [];
    if (content.trim() === "" && attachments.length === 0) {
      this.focus();
      return;
    }
    this.#sentAt = performance.now();
    this.dispatchEvent(new CustomEvent<Draft>("send", { detail: { content, attachments } }));
  }

  readonly #choose = (event: Event): void => {
    void this.#files()?.take(chosenFiles(event));
  };

  readonly #drop = (event: DragEvent): void => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return; // text goes where it is dropped
    event.preventDefault();
    void this.#files()?.take(files);
  };

  readonly #paste = (event: ClipboardEvent): void => {
    const data = event.clipboardData;
    // What is copied from an office program is text with its picture.
    if (data === null || data.files.length === 0 || data.types.includes("text/plain")) return;
    event.preventDefault();
    void this.#files()?.take([...data.files]);
  };

  /** What was sent is not to be sent again. Text that was typed since stays, and so do files. */
  clear({ content, attachments = [] }: Draft): void {
    this.#files()?.drop(attachments);
    const field = this.#field();
    if (field?.value !== content) return;
    field.value = "";
    this.#type();
  }

  /** As tall as its text, as far as the style lets it. */
  #fit(): void {
    const field = this.#field();
    if (field === null) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  }

  /** What is typed. */
  get text(): string {
    return this.#field()?.value ?? "";
  }

  #files(): ChatFiles | null {
    return this.renderRoot.querySelector("chat-files");
  }

  #field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector("textarea");
  }

  #tell(type: string, detail?: string): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  static override styles = [
    shared,
    controls,
    css`
      .box {
        display: flex;
        gap: 0.5rem;
        align-items: flex-end;
        padding: 0.4rem;
        background: var(--sheet);
        border: 1px solid var(--ink-soft);
        border-radius: 10px;
      }
      .box:focus-within {
        border-color: var(--ember);
        box-shadow: 0 0 0 1px var(--ember);
      }
      textarea {
        flex: 1;
        min-width: 0;
        max-height: 40dvh;
        padding: 0.45rem 0.6rem;
        border: 0;
        background: none;
        resize: none;
        font-family: inherit;
        font-size: 1rem;
      }
      textarea:focus-visible {
        outline: none;
      }
      textarea::placeholder {
        color: var(--ink-soft);
        opacity: 1;
        overflow: hidden;
        white-space: nowrap;
        text-overflow: ellipsis;
      }
      button {
        min-width: 4.5rem;
      }
      button.attach {
        min-width: 2.5rem;
        font-size: 1.25rem;
        color: var(--ink-soft);
        text-decoration: none;
      }
      .context {
        display: flex;
        flex-wrap: wrap;
        gap: 0 0.6rem;
        align-items: center;
        margin-top: 0.3rem;
        font-size: 0.8125rem;
        font-variant-numeric: tabular-nums;
      }
      meter {
        inline-size: 5rem;
        block-size: 0.7rem;
      }
      meter::-webkit-meter-bar {
        block-size: 0.4rem;
        border: 1px solid var(--rule);
        background: var(--sheet);
      }
      meter::-webkit-meter-optimum-value {
        background: var(--ink-soft);
      }
      meter::-moz-meter-bar {
        background: var(--ink-soft);
      }
    `,
  ];
}
customElements.define("chat-box", ChatBox);
