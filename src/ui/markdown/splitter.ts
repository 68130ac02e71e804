/**
 * Cuts a growing Markdown text into blocks, so that what is finished is never looked at again. Pure.
 *
 * A block is finished once the first line of another one after it is whole, or its second where that may make a table of
 * it: nothing that follows can change where it ends. At any time one block at most, the last, is still open. Where the
 * cuts lie follows from the text alone, however it came: in letters, in lines or at once.
 */
import type { MarkdownIt, Token } from "markdown-it";
import { languageOf, parseBlocks, type References } from "./parser";

export interface Block {
  readonly source: string;
  /** What goes before the source: the header of a table that was cut. */
  readonly header?: string;
  /** Set where the block is a fence of code and nothing else. */
  readonly code?: { readonly language: string; readonly text: string };
}

/** A block without an end in this many characters is cut, at a line where there is one: work on it stays bounded. */
export const MAX_BLOCK_LENGTH = 8_192;

interface OpenFence {
  readonly language: string;
  /** What its content's lines are indented by, like the fence itself. */
  readonly indent: number;
  readonly closing: RegExp;
  readonly contentFrom: number;
  /** The line that is to be looked at next. */
  scanFrom: number;
}

export class BlockSplitter {
  /** The finished ones, in their order. */
  readonly blocks: Block[] = [];
  open: Block | undefined;
  /** What finished blocks define, the first of a name. */
  readonly references: References = Object.create(null) as References;
  /** How many characters were given to the parser so far: what an update costs. */
  parsedLength = 0;

  readonly #md: MarkdownIt;
  readonly #maxBlockLength: number;
  readonly #blank: RegExp;
  #text = "";
  /** Where the open block begins. */
  #start = 0;
  #fence: OpenFence | undefined;
  /** Of the table that the open block goes on with, if it does. */
  #header = "";

  constructor(md: MarkdownIt, maxBlockLength = MAX_BLOCK_LENGTH) {
    this.#md = md;
    this.#maxBlockLength = maxBlockLength;
    // Here and for fences, what is longer is cut before its line has an end.
    this.#blank = new RegExp(`(?:[ \\t]{0,${maxBlockLength - 1}}\\n)+`, "y");
  }

  /**
   * @param text the whole text so far, with "\n" for line ends
   * @param isStreaming whether more may come: a last line that may turn out to be a marker is held back then
   * @returns false where it does not go on from the text before: a new splitter is needed
   */
  update(text: string, isStreaming: boolean): boolean {
    if (!text.startsWith(this.#text)) return false;
    this.#text = text;
    while (this.#takeBlock());
    this.open = this.#openBlock(isStreaming);
    return true;
  }

  /** @returns whether a block was finished, so that another one may follow */
  #takeBlock(): boolean {
    this.#skipBlankLines();
    this.#fence ??= openFence(this.#text, this.#start, this.#maxBlockLength);
    if (this.#fence !== undefined) this.#header = "";
    return this.#fence === undefined ? this.#takeParsed() : this.#takeFence(this.#fence);
  }

  #skipBlankLines(): void {
    this.#blank.lastIndex = this.#start;
    if (!this.#blank.test(this.#text)) return;
    this.#start = this.#blank.lastIndex;
    this.#header = ""; // a table ends with a blank line
  }

  #takeFence(fence: OpenFence): boolean {
    for (;;) {
      const lineEnd = this.#text.indexOf("\n", fence.scanFrom);
      if (lineEnd < 0) return false;
      if (fence.closing.test(this.#text.slice(fence.scanFrom, lineEnd))) {
        this.#finish(lineEnd + 1, codeOf(this.#text, fence, fence.scanFrom));
        return true;
      }
      fence.scanFrom = lineEnd + 1;
    }
  }

  #takeParsed(): boolean {
    const header = this.#header;
    const window = header + this.#text.slice(this.#start, this.#start + this.#maxBlockLength - header.length);
    const tops = this.#parse(window);
    const ends = boundaries(window, tops);
    if (header !== "" && ends[0] === header.length) {
      this.#header = ""; // no row followed
      return true;
    }
    if (ends.length > 0) {
      const from = this.#start - header.length;
      for (const end of ends) {
        this.#finish(from + end);
        // What begins as a fence is taken as one, which needs no parser.
        if (openFence(this.#text, from + end, this.#maxBlockLength) !== undefined) break;
      }
      return true;
    }
    if (window.length < this.#maxBlockLength) return false;
    this.#finish(this.#start - header.length + emergencyCut(window));
    const again = tops[0]?.type === "table_open" ? (/^.*\n.*\n/.exec(window)?.[0] ?? "") : "";
    if (again.length <= this.#maxBlockLength / 4) this.#header = again;
    return true;
  }

  /** The tokens that blocks begin with. */
  #parse(source: string): Token[] {
    this.parsedLength += source.length;
    const { tokens } = parseBlocks(this.#md, source);
    return tokens.filter(({ level, nesting, map }) => level === 0 && nesting >= 0 && map !== null);
  }

  #finish(end: number, code?: Block["code"]): void {
    const source = this.#text.slice(this.#start, end);
    this.#start = end;
    this.#fence = undefined;
    this.blocks.push(code === undefined ? { source, ...this.#takeHeader() } : { source, code });
    if (code !== undefined || !source.includes("]:")) return;
    this.parsedLength += source.length;
    for (const [label, reference] of Object.entries(parseBlocks(this.#md, source).references)) {
      this.references[label] ??= reference;
    }
  }

  #takeHeader(): { readonly header?: string } {
    const header = this.#header;
    this.#header = "";
    return header === "" ? {} : { header };
  }

  #openBlock(isStreaming: boolean): Block | undefined {
    const rest = this.#text.slice(this.#start);
    if (this.#fence !== undefined) {
      const end = this.#fence.scanFrom;
      const last = this.#text.slice(end);
      const isClosed = this.#fence.closing.test(last);
      const isMarker = isClosed || (isStreaming && /^ {0,3}(?:`+|~+)[ \t]*$/.test(last));
      return { source: rest, code: codeOf(this.#text, this.#fence, isMarker ? end : this.#text.length) };
    }
    const source = isStreaming ? withoutHalfMarker(rest) : rest;
    if (source.trim() === "") return undefined;
    return this.#header === "" ? { source } : { source, header: this.#header };
  }
}

/** Offsets at which a block is finished for good. */
function boundaries(source: string, tops: readonly Token[]): number[] {
  const lines = lineStarts(source);
  const ends: number[] = [];
  tops.forEach(({ map, type }, index) => {
    const [line = 0] = map ?? [];
    const previous = tops[index - 1];
    const previousEnd = previous?.map?.[1];
    const at = lines[line];
    if (previousEnd === undefined || at === undefined || line < previousEnd) return;
    const before = source.slice(lines[line - 1], at);
    const isApart = before.trim() === "";
    // Lines between that are not blank define links, and a definition's title may go on in this block's lines.
    if (!isApart && (line !== previousEnd || previous?.type === "reference_definition")) return;
    // A second line makes a table; and what looks like one ends a list's paragraph, even where nothing comes of it.
    const mayBeTable = type === "table_open" || (!isApart && source.slice(at, lines[line + 1]).includes("|"));
    const decidedIn = mayBeTable ? line + 1 : line;
    if (source.includes("\n", lines[decidedIn] ?? source.length)) ends.push(at);
  });
  return ends;
}

/** Whether a text has a fence's whole first line there. Blank lines before it are no part of it. */
function openFence(text: string, at: number, maxLength: number): OpenFence | undefined {
  const line = /( {0,3})(?:(`{3,})([^`\n]*)|(~{3,})([^\n]*))\n/y;
  line.lastIndex = at;
  const match = line.exec(text);
  if (match === null || match[0].length > maxLength) return undefined;
  const [, indent = "", ticks, tickInfo, tildes = "", tildeInfo] = match;
  const marker = ticks ?? tildes;
  return {
    language: languageOf(unescapeInfo(tickInfo ?? tildeInfo ?? "")),
    indent: indent.length,
    closing: new RegExp(`^ {0,3}${marker[0] ?? ""}{${marker.length},}[ \\t]*$`),
    contentFrom: line.lastIndex,
    scanFrom: line.lastIndex,
  };
}

/** "c\+\+" is how some write it. */
function unescapeInfo(info: string): string {
  return info.replaceAll("\\", "");
}

function codeOf(text: string, fence: OpenFence, end: number): NonNullable<Block["code"]> {
  const content = text.slice(fence.contentFrom, end);
  const straight = fence.indent === 0 ? content : content.replace(new RegExp(`^ {1,${fence.indent}}`, "gm"), "");
  return { language: fence.language, text: straight.endsWith("\n") ? straight.slice(0, -1) : straight };
}

/** Where a block that is too long is cut: before a list's next item, else at a line, else at a space. */
function emergencyCut(source: string): number {
  const tail = Math.floor(source.length / 2);
  const item = lastMatch(source, /\n(?=(?:[-*+]|\d{1,9}[.)]) )/g, tail);
  const end = item ?? lastMatch(source, /\n(?=\S)/g, tail) ?? lastMatch(source, /\s/g, tail) ?? source.length;
  return /[\uD800-\uDBFF]/.test(source[end - 1] ?? "") ? end - 1 : end; // not between the halves of a character
}

function lastMatch(source: string, pattern: RegExp, from: number): number | undefined {
  let end: number | undefined;
  pattern.lastIndex = from;
  for (const match of source.matchAll(pattern)) end = match.index + 1;
  return end;
}

function lineStarts(source: string): number[] {
  const starts = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/**
 * Without a last line of nothing but a marker's beginning. Drawn at once it would flash: "-" under a paragraph is a
 * heading's underline until the rest of the list's item comes.
 */
function withoutHalfMarker(source: string): string {
  const from = source.lastIndexOf("\n") + 1;
  return /^[ \t>]*(?:[-=_*+#`~$|:\\[]+|\d{1,9}[.)]?)[ \t]*$/.test(source.slice(from)) ? source.slice(0, from) : source;
}
