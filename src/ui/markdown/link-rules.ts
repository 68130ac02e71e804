/**
 * Links and images: all lead out of the page, so all say where. Only absolute addresses of the web and of mail become
 * links; any other stays in the text as the model wrote it. No image is fetched: it becomes a link to itself.
 */
import type { MarkdownIt, Token } from "markdown-it";
import type { MarkdownWords } from "./words";

export const ALLOWED_SCHEMES = /^(?:https?:\/\/|mailto:)/i;

export function addLinks(md: MarkdownIt, words: MarkdownWords): void {
  const { escapeHtml } = md.utils;
  md.validateLink = (address) => ALLOWED_SCHEMES.test(address) && placeOf(address) !== undefined;
  // Without a scheme, "main.py" would be taken for a host in Paraguay.
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

  const opening = (address: string): string =>
    `<a href="${escapeHtml(address)}" class="away" title="${escapeHtml(words.linkAway(address))}" target="_blank" rel="noopener noreferrer nofollow">`;
  const closing = (address: string, text: string): string => {
    const place = placeOf(address) ?? address;
    const said = text === address || text === place;
    return said ? "</a>" : ` <bdi class="host">${escapeHtml(place)}</bdi></a>`;
  };

  md.renderer.rules["link_open"] = (tokens, index) => opening(addressIn(tokens[index], "href"));
  md.renderer.rules["link_close"] = (tokens, index) => {
    const from = openLinkBefore(tokens, index) ?? index;
    const text = tokens.slice(from + 1, index).map((token) => token.content);
    return closing(addressIn(tokens[from], "href"), text.join(""));
  };
  md.renderer.rules["image"] = (tokens, index, options, env, renderer) => {
    const token = tokens[index];
    const alternative = renderer.renderInlineAsText(token?.children ?? [], options, env).trim();
    const text = escapeHtml(words.imageLink(alternative));
    if (openLinkBefore(tokens, index) !== undefined) return text;
    const address = addressIn(token, "src");
    return `${opening(address)}${text}${closing(address, "")}`;
  };
}

function addressIn(token: Token | undefined, attribute: string): string {
  return String(token?.attrGet(attribute) ?? "");
}

/** What a person is to see of an address: the host as the network knows it, or who gets the mail. */
function placeOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, host, pathname } = new URL(address);
  return protocol === "mailto:" ? pathname : host;
}

function openLinkBefore(tokens: readonly Token[], index: number): number | undefined {
  for (let at = index - 1; at >= 0; at--) {
    if (tokens[at]?.type === "link_close") return undefined;
    if (tokens[at]?.type === "link_open") return at;
  }
  return undefined;
}
