/**
 * Draws one message's Markdown into an element, block by block. A finished block is drawn once and keeps its nodes; with
 * every update only the open one is done again. Loaded when a first message needs it.
 */
import type { MarkdownIt } from "markdown-it";
import { CodePart } from "./code-part";
import { morph } from "./morph";
import { makeParser, parseBlocks, toHtml, type References } from "./parser";
import { sanitiseText } from "./sanitise";
import { BlockSplitter, type Block } from "./splitter";
import type { MarkdownWords } from "./words";

interface DrawnBlock {
  readonly node: HTMLElement;
  block: Block;
  /** Set while the block is nothing but code. */
  code: CodePart | undefined;
}

export class Drawing {
  /** How many blocks were drawn or drawn again so far. */
  drawCount = 0;

  readonly #root: HTMLElement;
  readonly #words: MarkdownWords;
  readonly #md: MarkdownIt;
  #splitter: BlockSplitter;
  readonly #drawn: DrawnBlock[] = [];
  /** How many blocks from the first on are drawn as they stay. */
  #settled = 0;
  /** Blocks to draw again, because what their links refer to has come. */
  readonly #stale = new Set<DrawnBlock>();
  #references = Object.create(null) as References;

  constructor(root: HTMLElement, words: MarkdownWords) {
    this.#root = root;
    this.#words = words;
    this.#md = makeParser(words);
    this.#splitter = new BlockSplitter(this.#md);
  }

  /** Takes the whole text so far; `draw` puts it in the page. */
  update(text: string, isStreaming: boolean): void {
    const source = text.replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD");
    if (!this.#splitter.update(source, isStreaming)) {
      // Another text. What it shares with the one before is found equal, block by block.
      this.#splitter = new BlockSplitter(this.#md);
      this.#splitter.update(source, isStreaming);
      this.#settled = 0;
    }
    this.#collectReferences(isStreaming);
  }

  /**
   * @param isTimeUp asked after every block
   * @returns whether all is drawn
   */
  draw(isTimeUp: () => boolean): boolean {
    const blocks = this.#blocks();
    for (const stale of this.#stale) {
      this.#stale.delete(stale);
      this.#drawText(stale);
      if (isTimeUp()) return false;
    }
    for (let index = this.#settled; index < blocks.count; index++) {
      this.#drawBlock(index, blocks.at(index));
      if (index < this.#splitter.blocks.length) this.#settled = index + 1;
      if (isTimeUp() && index + 1 < blocks.count) return false;
    }
    for (const { node } of this.#drawn.splice(blocks.count)) node.remove();
    return true;
  }

  /** What is not drawn yet: shown as it is meanwhile. */
  get rest(): string {
    const blocks = this.#blocks();
    let rest = "";
    for (let index = this.#drawn.length; index < blocks.count; index++) rest += blocks.at(index).source;
    return rest;
  }

  #blocks(): { readonly count: number; at(index: number): Block } {
    const { blocks, open } = this.#splitter;
    return {
      count: blocks.length + (open === undefined ? 0 : 1),
      at: (index) => blocks[index] ?? open ?? { source: "" },
    };
  }

  #drawBlock(index: number, block: Block): void {
    let drawn = this.#drawn[index];
    if (drawn === undefined) {
      drawn = { node: document.createElement("div"), block, code: undefined };
      drawn.node.className = "block";
      this.#root.append(drawn.node);
      this.#drawn.push(drawn);
    } else if (isSame(drawn.block, block)) {
      return;
    }
    drawn.block = block;
    if (block.code === undefined) {
      this.#drawText(drawn);
      return;
    }
    this.drawCount++;
    if (drawn.code === undefined) {
      drawn.code = new CodePart(this.#words);
      drawn.node.dir = "ltr";
      drawn.node.replaceChildren(drawn.code.node);
    }
    drawn.code.update(block.code.language, block.code.text);
  }

  #drawText(drawn: DrawnBlock): void {
    this.drawCount++;
    if (drawn.code !== undefined) drawn.node.replaceChildren();
    drawn.code = undefined;
    drawn.node.dir = "auto";
    morph(drawn.node, sanitiseText(toHtml(this.#md, markdownOf(drawn.block), this.#references)), this.#words);
  }

  /** The last block's definitions count once it has its end: before, an address would change with every letter. */
  #collectReferences(isStreaming: boolean): void {
    const { references, open } = this.#splitter;
    const now = Object.assign(Object.create(null) as References, references);
    if (!isStreaming && open?.code === undefined && open?.source.includes("]:") === true) {
      for (const [label, reference] of Object.entries(parseBlocks(this.#md, open.source).references)) {
        now[label] ??= reference;
      }
    }
    const before = this.#references;
    const labels = [...Object.keys(now), ...Object.keys(before)];
    const changed = labels.filter(
      (label) => now[label]?.href !== before[label]?.href || now[label]?.title !== before[label]?.title,
    );
    if (changed.length === 0) return;
    this.#references = now;
    for (const drawn of this.#drawn) {
      if (drawn.block.code !== undefined || !drawn.block.source.includes("[")) continue;
      const source = this.#md.utils.normalizeReference(drawn.block.source);
      if (changed.some((label) => source.includes(label))) this.#stale.add(drawn);
    }
  }
}

function markdownOf(block: Block): string {
  return `${block.header ?? ""}${block.source}`;
}

function isSame(one: Block, other: Block): boolean {
  return (
    one.source === other.source &&
    one.header === other.header &&
    one.code?.text === other.code?.text &&
    one.code?.language === other.code?.language
  );
}
