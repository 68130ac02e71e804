/** From Markdown to HTML, by markdown-it: GitHub's Markdown with math. What comes out is still to be sanitised. */
import Parser from "markdown-it";
import type { MarkdownIt, Token } from "markdown-it";
import { addLinks } from "./link-rules";
import { addMath } from "./math-rules";
import { addTags } from "./tag-rules";
import type { MarkdownWords } from "./words";

/** What `[label]: address` defines, by normalised label. */
export type References = Record<string, { readonly href: string; readonly title: string }>;

const ALIGNMENT = /^text-align:(left|center|right)$/;
/** Of blocks within blocks. */
const MAX_DEPTH = 60;
const TASK = /^\[([ xX])\]\s/;

export function makeParser(words: MarkdownWords): MarkdownIt {
  // A single line break is one: people type them, and models mean them.
  const md = new Parser({ html: false, linkify: true, breaks: true, maxNesting: MAX_DEPTH + 5 });
  addMath(md);
  addLinks(md, words);
  addTags(md);
  md.core.ruler.push("adapt", ({ tokens }) => adapt(tokens, words));
  md.renderer.rules["fence"] = (tokens, index) => code(md, tokens[index]?.content ?? "", tokens[index]?.info ?? "");
  md.renderer.rules["code_block"] = (tokens, index) => code(md, tokens[index]?.content ?? "", "");
  md.renderer.rules["table_open"] = () =>
    `<div class="table" role="group" tabindex="0" aria-label="${md.utils.escapeHtml(words.table)}"><table>\n`;
  md.renderer.rules["table_close"] = () => "</table></div>\n";
  return md;
}

/**
 * @param references what is defined outside of this source
 * @returns HTML, still to be sanitised
 */
export function toHtml(md: MarkdownIt, source: string, references: References): string {
  // What this source defines itself is added to a layer of its own.
  const env = { references: Object.create(references) as References };
  const tokens = md.parse(source, env);
  // Past its depth the parser drops what follows, so a text nested that deeply is shown as it is.
  if (tokens.some(({ level }) => level >= MAX_DEPTH)) return `<p class="raw">${md.utils.escapeHtml(source)}</p>\n`;
  return md.renderer.render(tokens, md.options, env);
}

/** The first word after a fence, if it may be a language's name. */
export function languageOf(info: string): string {
  return /^[\w+#.-]{1,30}/.exec(info.trim())?.[0] ?? "";
}

/** Block tokens alone, which is all it takes to see where blocks begin. */
export function parseBlocks(md: MarkdownIt, source: string): { tokens: Token[]; references: References } {
  const env = { references: Object.create(null) as References };
  const tokens: Token[] = [];
  md.block.parse(source, md, env, tokens);
  return { tokens, references: env.references };
}

function code(md: MarkdownIt, text: string, info: string): string {
  const language = languageOf(info);
  const name = language === "" ? "" : ` class="language-${language}"`;
  return `<pre><code${name}>${md.utils.escapeHtml(text)}</code></pre>\n`;
}

/** Says in classes what markdown-it says in styles, which the page's policy refuses, and marks task lists. */
function adapt(tokens: readonly Token[], words: MarkdownWords): void {
  tokens.forEach((token, index) => {
    const alignment = ALIGNMENT.exec(String(token.attrGet("style") ?? ""))?.[1];
    if (alignment !== undefined) token.attrs = [["class", alignment]];
    if (token.type === "heading_open" || token.type === "heading_close") {
      // All of one rank, their looks aside: a message's headings stand in a page whose outline they know nothing of.
      token.attrSet("class", `rank-${token.tag.slice(1)}`);
      token.tag = "h2";
    }
    if (token.type !== "inline" || tokens[index - 2]?.type !== "list_item_open") return;
    const text = token.children?.[0];
    const task = text?.type === "text" ? TASK.exec(text.content) : null;
    if (text === undefined || task === null) return;
    text.content = text.content.slice(task[0].length);
    tokens[index - 2]?.attrSet("class", "task");
    token.children?.unshift(taskMark(text, task[1] !== " ", words));
  });
}

/** A sign and no checkbox: forms are nothing a message may bring, and this one could not be ticked. */
function taskMark(like: Token, isDone: boolean, words: MarkdownWords): Token {
  const mark = Object.assign(Object.create(Object.getPrototypeOf(like) as object) as Token, like);
  mark.type = "tag";
  mark.content = `<span class="mark" role="img" aria-label="${isDone ? words.taskDone : words.taskOpen}">${isDone ? "☑" : "☐"}</span> `;
  return mark;
}
