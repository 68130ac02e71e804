/** Math in Markdown: rules for markdown-it that leave a formula's TeX in the text as a marked `<code>`, drawn later. */
import type { MarkdownIt, StateBlock, StateInline } from "markdown-it";
import { findInlineMath } from "./find-math";

/** How a formula stands on lines of its own: what opens it, and what closes it. */
const FENCES = [
  ["$$", "$$"],
  ["\\[", "\\]"],
] as const;

export function addMath(md: MarkdownIt): void {
  // Before "escape", which would take the backslash of "\(".
  md.inline.ruler.before("escape", "math_inline", inlineRule);
  md.block.ruler.before("fence", "math_block", blockRule, { alt: ["paragraph", "reference", "blockquote", "list"] });
  const { escapeHtml } = md.utils;
  md.renderer.rules["math_inline"] = (tokens, index) => {
    const token = tokens[index];
    return `<code class="math${token?.markup === "display" ? " display" : ""}">${escapeHtml(token?.content ?? "")}</code>`;
  };
  md.renderer.rules["math_block"] = (tokens, index) =>
    `<p><code class="math display">${escapeHtml(tokens[index]?.content ?? "")}</code></p>\n`;
  md.renderer.rules["math_unclosed"] = (tokens, index) =>
    `<p class="raw">${escapeHtml(tokens[index]?.content ?? "")}</p>\n`;
}

function inlineRule(state: StateInline, silent: boolean): boolean {
  const character = state.src[state.pos];
  if (character !== "$" && character !== "\\") return false;
  const found = findInlineMath(state.src, state.pos);
  if (found === undefined || found.end > state.posMax) return false;
  if (!silent) {
    const token = state.push("math_inline", "code", 0);
    token.content = found.tex;
    token.markup = found.isDisplay ? "display" : "";
  }
  state.pos = found.end;
  return true;
}

/**
 * A formula from a line that begins with "$$" or "\[" to the line that closes it, at most up to the next blank line.
 * Whether it begins here is decided by this first line alone: what comes later must never undo a block before it.
 */
function blockRule(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  // Asked for every line of every block, so most are told by their first character.
  const initial = state.src[(state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0)];
  if (initial !== "$" && initial !== "\\") return false;
  if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  const first = lineText(state, startLine).trimStart();
  const fence = FENCES.find(([opening]) => first.startsWith(opening));
  if (fence === undefined) return false;
  const [opening, closing] = fence;
  const after = first.slice(opening.length);
  if (after.startsWith("$")) return false;
  const closesAt = after.indexOf(closing);
  // "$$x$$ is…" is a sentence that begins with a formula.
  if (
    (closesAt >= 0 && after.slice(0, closesAt).trim() === "") ||
    (closesAt > 0 && after.slice(closesAt + closing.length).trim() !== "")
  )
    return false;
  if (silent) return true;
  if (closesAt > 0) {
    push(state, "math_block", after.slice(0, closesAt), startLine, startLine + 1);
    return true;
  }
  const lines = [after];
  for (let line = startLine + 1; line < endLine && !endsBlock(state, line); line++) {
    const text = lineText(state, line);
    const at = text.indexOf(closing);
    if (at >= 0) {
      lines.push(text.slice(0, at));
      push(state, "math_block", lines.join("\n"), startLine, line + 1);
      pushParagraph(state, text.slice(at + closing.length), line, line + 1);
      return true;
    }
    lines.push(text);
  }
  const end = startLine + lines.length;
  const source = [first, ...lines.slice(1)].join("\n");
  if (end < endLine && state.isEmpty(end)) pushParagraph(state, source, startLine, end);
  // Perhaps still on its way: as it is, since half a formula would be drawn another way with every letter.
  else push(state, "math_unclosed", source, startLine, end);
  state.line = end;
  return true;
}

function lineText(state: StateBlock, line: number): string {
  return state.getLines(line, line + 1, state.blkIndent, false);
}

function endsBlock(state: StateBlock, line: number): boolean {
  return state.isEmpty(line) || (state.sCount[line] ?? 0) < state.blkIndent;
}

function push(state: StateBlock, type: string, content: string, from: number, to: number): void {
  const token = state.push(type, "", 0);
  token.block = true;
  token.content = content.trim();
  token.map = [from, to];
  state.line = to;
}

function pushParagraph(state: StateBlock, text: string, from: number, to: number): void {
  if (text.trim() === "") return;
  state.push("paragraph_open", "p", 1).map = [from, to];
  const inline = state.push("inline", "", 0);
  inline.content = text.trim();
  inline.map = [from, to];
  inline.children = [];
  state.push("paragraph_close", "p", -1);
}
