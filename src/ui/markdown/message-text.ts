/**
 * A message's text: Markdown, drawn as far as it has come. Until what draws it is loaded, and where that can't be, the
 * plain text is shown.
 */
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { messages } from "../messages";
import { shared } from "../styles";
import { codeStyles } from "./code-styles";
import type { Drawing } from "./drawing";
import { Lazy } from "./lazy";
import { mathStyles } from "./math-styles";
import { messageStyles } from "./message-styles";

const library = new Lazy(() => import("./drawing"));

/** What drawing may take of one frame. */
const SLICE_MS = 10;
/** While text streams in, drawing rests this many times as long as it took, so that it never has most of the thread. */
const REST_FACTOR = 3;

export class MessageText extends LitElement {
  static override properties = {
    text: { type: String },
    isStreaming: { attribute: false },
    rest: { state: true },
  };
  declare text: string;
  /** Whether more of the text may come. */
  declare isStreaming: boolean;
  /** What is not drawn yet. */
  declare private rest: string;

  #drawing: Drawing | undefined;
  #frame: number | undefined;
  #notBefore = 0;

  constructor() {
    super();
    this.text = "";
    this.isStreaming = false;
    this.rest = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#schedule(); // what changed while it was elsewhere
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (library.value === undefined && changed.has("text")) this.rest = this.text;
  }

  protected override render() {
    return html`<div class="blocks"></div>
      ${this.rest === "" ? nothing : html`<div class="plain" dir="auto">${this.rest}</div>`}`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has("text") && !changed.has("isStreaming")) return;
    // A finished message is drawn before it is seen, as far as the slice goes.
    if (library.value !== undefined && !this.isStreaming) this.#draw(performance.now());
    else this.#schedule();
  }

  #schedule(): void {
    if (library.value === undefined) {
      void library.get().then((loaded) => {
        if (loaded !== undefined && this.isConnected) this.#schedule();
      });
      return;
    }
    this.#frame ??= requestAnimationFrame((now) => {
      this.#frame = undefined;
      if (now < this.#notBefore) this.#schedule();
      else this.#draw(now);
    });
  }

  #draw(now: number): void {
    const root = this.renderRoot.querySelector<HTMLElement>(".blocks");
    if (root === null || library.value === undefined) return;
    this.#drawing ??= new library.value.Drawing(root, messages.markdown);
    this.#drawing.update(this.text, this.isStreaming);
    const start = performance.now();
    const isDone = this.#drawing.draw(() => performance.now() - start > SLICE_MS);
    this.rest = isDone ? "" : this.#drawing.rest;
    this.#notBefore = this.isStreaming ? now + REST_FACTOR * (performance.now() - start) : 0;
    if (!isDone) this.#schedule();
  }

  static override styles = [shared, messageStyles, codeStyles, mathStyles];
}
customElements.define("message-text", MessageText);

declare global {
  interface HTMLElementTagNameMap {
    "message-text": MessageText;
  }
}
