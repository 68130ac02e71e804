/**
 * Makes drawn nodes what a newer drawing is, changing only what differs: nodes that stay keep the reader's selection,
 * and a list of a hundred items gains its next one alone.
 */
import { partOf, withParts } from "./parts";
import type { MarkdownWords } from "./words";

/** @param fresh its nodes are used up */
export function morph(target: Node, fresh: Node, words: MarkdownWords): void {
  let at: ChildNode | null = target.firstChild;
  for (const node of [...fresh.childNodes]) {
    if (at !== null && becomes(at, node, words)) {
      at = at.nextSibling;
      continue;
    }
    const made = withParts(node, words);
    if (at === null) {
      target.appendChild(made);
    } else {
      const next: ChildNode | null = at.nextSibling;
      target.replaceChild(made, at);
      at = next;
    }
  }
  while (at !== null) {
    const next: ChildNode | null = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** @returns false where the old node can't be made the new one */
function becomes(old: Node, fresh: Node, words: MarkdownWords): boolean {
  const part = partOf(old);
  if (part !== undefined) return part.accept(fresh);
  if (old instanceof Text && fresh instanceof Text) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return true;
  }
  if (!(old instanceof Element) || !(fresh instanceof Element) || old.nodeName !== fresh.nodeName) return false;
  if (fresh.matches("pre, code.math")) return false; // it is to become a part
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  morph(old, fresh, words);
  return true;
}
