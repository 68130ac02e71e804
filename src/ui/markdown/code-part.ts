/**
 * A block of code: its language, a button that copies it, the code. While it grows, only lines that changed are made
 * again; past a size it goes on without colours, so that a line more costs no more than a line.
 */
import type { Run } from "./highlight";
import { Lazy } from "./lazy";
import type { MarkdownWords } from "./words";

const library = new Lazy(() => import("./highlight"));

/** What is coloured of a block's code, in characters. */
export const MAX_HIGHLIGHTED_LENGTH = 20_000;
/** How long the button says that it did. */
const SAID_FOR_MS = 2_000;

export class CodePart {
  readonly node = element("figure", "code");

  readonly #words: MarkdownWords;
  readonly #label = element("span", "language");
  readonly #button = element("button", "copy");
  readonly #status = element("span", "visually-hidden");
  readonly #scroller = element("pre");
  readonly #code = element("code");
  /** The coloured lines, each with the runs that it was made of; the rest of the code is the text after them. */
  #lines: { readonly key: string; readonly node: HTMLElement }[] = [];
  readonly #rest = document.createTextNode("");
  #language = "";
  #text = "";
  #highlighted = "";

  /** A `<pre><code>` as the parser leaves it. */
  static from(fresh: Node, words: MarkdownWords): CodePart | undefined {
    const code = readPlaceholder(fresh);
    if (code === undefined) return undefined;
    const part = new CodePart(words);
    part.update(code.language, code.text);
    return part;
  }

  constructor(words: MarkdownWords) {
    this.#words = words;
    this.node.dir = "ltr";
    this.#button.type = "button";
    this.#button.textContent = words.copyCode;
    this.#button.addEventListener("click", () => void this.#copy());
    this.#status.setAttribute("role", "status");
    const head = element("figcaption");
    head.append(this.#label, this.#button, this.#status);
    this.#scroller.tabIndex = 0; // it scrolls, and so has to be reached by the keyboard
    this.#scroller.setAttribute("role", "group");
    this.#code.append(this.#rest);
    this.#scroller.append(this.#code);
    this.node.append(head, this.#scroller);
  }

  accept(fresh: Node): boolean {
    const code = readPlaceholder(fresh);
    if (code === undefined) return false;
    this.update(code.language, code.text);
    return true;
  }

  update(language: string, text: string): void {
    if (language === this.#language && text === this.#text && this.#label.textContent !== "") return;
    this.#language = language;
    this.#text = text;
    this.#draw();
    if (library.value === undefined && language !== "") void library.get().then(() => this.#draw());
  }

  #draw(): void {
    const name = library.value?.nameOfLanguage(this.#language) ?? (this.#language || this.#words.code);
    this.#label.textContent = name;
    this.#button.ariaLabel = this.#words.copyCodeLabel(name);
    this.#scroller.ariaLabel = this.#language === "" ? this.#words.code : this.#words.codeIn(name);
    const coloured = this.#colourable();
    if (this.#highlighted !== `${this.#language}\n${coloured}`) {
      const lines = coloured === "" ? undefined : library.value?.highlight(coloured, this.#language);
      this.#setLines(lines ?? []);
      // Without the library, this is to be tried again.
      this.#highlighted = library.value === undefined ? "" : `${this.#language}\n${coloured}`;
    }
    setText(this.#rest, this.#text.slice(this.#lines.length === 0 ? 0 : coloured.length));
  }

  /** The part of the text that is to have colours: all of it, or whole lines up to the size. */
  #colourable(): string {
    if (this.#text.length <= MAX_HIGHLIGHTED_LENGTH) return this.#text;
    return this.#text.slice(0, this.#text.lastIndexOf("\n", MAX_HIGHLIGHTED_LENGTH) + 1);
  }

  #setLines(lines: readonly Run[][]): void {
    lines.forEach((runs, index) => {
      const isLast = index === lines.length - 1;
      const key = `${runs.map(({ kind, text }) => `${kind}\0${text}`).join("\0")}${isLast ? "" : "\n"}`;
      const old = this.#lines[index];
      if (old?.key === key) return;
      const node = element("span");
      node.append(...runs.map(nodeOf), isLast ? "" : "\n");
      if (old === undefined) this.#rest.before(node);
      else old.node.replaceWith(node);
      this.#lines[index] = { key, node };
    });
    for (const { node } of this.#lines.splice(lines.length)) node.remove();
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#text);
      this.#say(this.#words.copiedCode, this.#words.copiedCode);
    } catch {
      this.#say(this.#words.copyCode, this.#words.copyCodeFailed);
      this.#status.className = ""; // nothing else shows that it failed
    }
  }

  #say(onButton: string, status: string): void {
    this.#button.textContent = onButton;
    this.#status.textContent = status;
    setTimeout(() => {
      this.#button.textContent = this.#words.copyCode;
      if (this.#status.className !== "") this.#status.textContent = "";
    }, SAID_FOR_MS);
  }
}

function readPlaceholder(fresh: Node): { language: string; text: string } | undefined {
  const code = fresh.nodeName === "PRE" ? fresh.firstChild : null;
  if (!(code instanceof Element)) return undefined;
  const name = [...code.classList].find((name) => name.startsWith("language-"));
  const text = code.textContent;
  return { language: name?.slice("language-".length) ?? "", text: text.endsWith("\n") ? text.slice(0, -1) : text };
}

function nodeOf({ kind, text }: Run): Node {
  if (!/^[\w-]+$/.test(kind)) return document.createTextNode(text);
  const span = element("span", `t-${kind}`);
  span.textContent = text;
  return span;
}

/** Adds what is new where that is all that changed: a long text is not laid out and no selection lost for a word. */
function setText(node: Text, text: string): void {
  if (text.startsWith(node.data)) {
    if (text.length > node.length) node.appendData(text.slice(node.length));
  } else node.data = text;
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className?: string,
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (className !== undefined) made.className = className;
  return made;
}
