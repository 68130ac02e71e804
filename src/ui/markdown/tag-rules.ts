/**
 * HTML in a message is shown as the text it is, so that nothing vanishes when a model speaks of `<input>`. But for a few
 * tags that only format, which people and models write where Markdown has nothing: they count where they have no
 * attributes and come in pairs.
 */
import type { MarkdownIt, StateCore, StateInline, Token } from "markdown-it";

const TAG = /^<(\/?)(br|b|i|u|s|em|strong|del|ins|sub|sup|kbd|mark|small) ?\/?>/i;

export function addTags(md: MarkdownIt): void {
  md.inline.ruler.before("autolink", "tag", tagRule);
  md.core.ruler.after("inline", "pair_tags", (state: StateCore) => {
    for (const token of state.tokens) if (token.children !== null) pairTags(token.children);
  });
  md.renderer.rules["tag"] = (tokens, index) => tokens[index]?.content ?? "";
}

function tagRule(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== "<") return false;
  const match = TAG.exec(state.src.slice(state.pos, state.pos + 12));
  if (match === null) return false;
  const [text, slash = "", name = ""] = match;
  if (!silent) {
    const token = state.push("tag", name.toLowerCase(), 0);
    token.markup = text;
    token.info = name.toLowerCase() === "br" ? "alone" : slash === "" ? "opens" : "closes";
    token.content = token.info === "alone" ? "<br>" : `<${slash}${name.toLowerCase()}>`;
  }
  state.pos += text.length;
  return true;
}

/** What has no partner is text: an open `<b>` would go on through every paragraph after it. */
function pairTags(tokens: readonly Token[]): void {
  const open: Token[] = [];
  const asText = (token: Token): void => {
    token.type = "text";
    token.content = token.markup;
  };
  for (const token of tokens) {
    if (token.type !== "tag") continue;
    if (token.info === "opens") open.push(token);
    if (token.info !== "closes") continue;
    if (open.at(-1)?.tag === token.tag) open.pop();
    else asText(token);
  }
  open.forEach(asText);
}
