/** The files that go with a message that is being written, each with its size and its cost. */
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { MOST_ATTACHMENTS, readAttachment } from "../chat/attachment";
import type { Attachment } from "../chat/message";
import { formatBytes, formatNumber } from "../shared/units";
import { browserMemory } from "../talk/memory";
import { messages } from "./messages";
import { refocus } from "./refocus";
import { sayProblem } from "./said";
import { controls, shared } from "./styles";

/** Why files were not taken is said of so many: a folder full of pictures would cover the page. */
const MOST_PROBLEMS = 3;

interface AttachedFile {
  readonly attachment: Attachment;
  /** [tokens] Undefined until they are counted. */
  readonly tokens: number | undefined;
}

/** By conversation: they stay while another page is looked at, those that are not too large through a reload. */
const allFiles = new Map<string, readonly AttachedFile[]>();
const memory = browserMemory();

function filesOf(conversation = ""): readonly AttachedFile[] {
  let files = allFiles.get(conversation);
  if (files === undefined) {
    files = memory.files(conversation).map((attachment) => ({ attachment, tokens: undefined }));
    allFiles.set(conversation, files);
  }
  return files;
}

export class ChatFiles extends LitElement {
  static override properties = {
    conversation: { attribute: false },
    room: { attribute: false },
    costOf: { attribute: false },
    problems: { state: true },
  };
  /** Its id: each has files of its own. */
  declare conversation: string | undefined;
  /** [tokens] of context that are left; undefined where that is not known. */
  declare room: number | undefined;
  /** [tokens] of a file. */
  declare costOf: ((attachment: Attachment) => Promise<number | undefined>) | undefined;
  /** Why files were not taken, one each. */
  declare private problems: readonly string[];

  constructor() {
    super();
    this.problems = [];
  }

  /** A model that has become ready counts in its own tokens. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    const isOther = changed.has("costOf");
    if ((!isOther && !changed.has("conversation")) || this.costOf === undefined) return;
    for (const { attachment, tokens } of this.#shown) {
      if (isOther || tokens === undefined) void this.#count(this.conversation, attachment);
    }
  }

  get attachments(): readonly Attachment[] {
    return this.#shown.map(({ attachment }) => attachment);
  }

  /** These were sent. What was attached since stays. */
  drop(sent: readonly Attachment[]): void {
    this.problems = [];
    this.#keep(
      this.conversation,
      this.#shown.filter(({ attachment }) => !sent.includes(attachment)),
    );
  }

  /** Takes files in, as far as they are text. */
  async take(files: readonly File[]): Promise<void> {
    const { conversation } = this;
    this.problems = [];
    for (const file of files) {
      if (filesOf(conversation).length >= MOST_ATTACHMENTS) {
        this.problems = [...this.problems, messages.chatFilesTooMany(MOST_ATTACHMENTS, file.name)];
        return;
      }
      try {
        const attachment = await readAttachment(file);
        this.#keep(conversation, [...filesOf(conversation), { attachment, tokens: undefined }]);
        await this.#count(conversation, attachment);
      } catch (thrown) {
        this.problems = [...this.problems, sayProblem(thrown)];
      }
    }
  }

  async #count(conversation: string | undefined, attachment: Attachment): Promise<void> {
    const tokens = await this.costOf?.(attachment);
    this.#enter(
      conversation,
      filesOf(conversation).map((each) => (each.attachment === attachment ? { ...each, tokens } : each)),
    );
  }

  get #shown(): readonly AttachedFile[] {
    return filesOf(this.conversation);
  }

  #keep(conversation: string | undefined, files: readonly AttachedFile[]): void {
    memory.keepFiles(
      conversation ?? "",
      files.map(({ attachment }) => attachment),
    );
    this.#enter(conversation, files);
  }

  #enter(conversation: string | undefined, files: readonly AttachedFile[]): void {
    allFiles.set(conversation ?? "", files);
    this.requestUpdate();
  }

  protected override render() {
    const files = this.#shown;
    const tokens = files.reduce((sum, file) => sum + (file.tokens ?? 0), 0);
    const isTooMuch = this.room !== undefined && tokens > this.room;
    return html`${
        files.length === 0
          ? nothing
          : html`<ul aria-label=${messages.chatFiles}>
              ${files.map((file) => this.#renderFile(file))}
            </ul>`
      }
      <p class="small" role="status">${isTooMuch ? messages.chatFilesTooMuch : nothing}</p>
      <div class="small error" role="alert">
        ${this.problems.slice(0, MOST_PROBLEMS).map((problem) => html`<p>${problem}</p>`)}
        ${
          this.problems.length > MOST_PROBLEMS
            ? html`<p>${messages.chatFilesMore(this.problems.length - MOST_PROBLEMS)}</p>`
            : nothing
        }
      </div>`;
  }

  #remove(file: AttachedFile): void {
    const { parentNode: box } = this;
    refocus(
      () =>
        this.renderRoot.querySelector<HTMLElement>("li:last-child button") ??
        box?.querySelector<HTMLElement>(".attach") ??
        null,
    );
    this.#keep(
      this.conversation,
      this.#shown.filter((each) => each !== file),
    );
  }

  #renderFile(file: AttachedFile) {
    const { attachment, tokens } = file;
    const { name, text } = attachment;
    const size = formatBytes(new Blob([text]).size);
    return html`<li>
      <span dir="auto">${name}</span>
      <span class="soft">${tokens === undefined ? size : messages.chatFileCost(size, formatNumber(tokens))}</span>
      <button
        type="button"
        class="plain"
        aria-label=${messages.chatFileRemove(name)}
        @click=${() => this.#remove(file)}
      >
        ✕
      </button>
    </li>`;
  }

  static override styles = [
    shared,
    controls,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem;
        list-style: none;
        margin: 0 0 0.3rem;
        padding: 0;
        font-size: 0.875rem;
      }
      li {
        display: flex;
        align-items: center;
        gap: 0.4rem;
        max-width: 100%;
        padding-inline-start: 0.6rem;
        border: 1px solid var(--rule);
        border-radius: 8px;
        background: var(--sheet);
      }
      li > :first-child {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      li > .soft {
        white-space: nowrap;
      }
      p {
        margin: 0 0 0.3rem;
      }
      p:empty {
        margin: 0;
      }
      button {
        min-width: 2rem;
        min-height: 2rem;
      }
    `,
  ];
}
customElements.define("chat-files", ChatFiles);
