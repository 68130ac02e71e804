/**
 * What of a message is more than its HTML: code with its button, and formulas. The sanitised HTML has a plain `<pre>` or
 * `<code class="math">` in their place, and `partFor` makes the part of it.
 */
import { CodePart } from "./code-part";
import { MathPart } from "./math-part";
import type { MarkdownWords } from "./words";

export interface Part {
  readonly node: HTMLElement;
  /** Takes on what a newer drawing has in this place; false where that is something else. */
  accept(fresh: Node): boolean;
}

const parts = new WeakMap<Node, Part>();

export function partOf(node: Node): Part | undefined {
  return parts.get(node);
}

/** The node to stand in the page for a freshly drawn one: itself, with every placeholder in it made a part. */
export function withParts(fresh: Node, words: MarkdownWords): Node {
  if (!(fresh instanceof Element)) return fresh;
  const part = partFor(fresh, words);
  if (part !== undefined) return part.node;
  for (const placeholder of fresh.querySelectorAll("pre, code.math")) {
    const inner = partFor(placeholder, words);
    if (inner !== undefined) placeholder.replaceWith(inner.node);
  }
  return fresh;
}

function partFor(element: Element, words: MarkdownWords): Part | undefined {
  const part = CodePart.from(element, words) ?? MathPart.from(element);
  if (part !== undefined) parts.set(part.node, part);
  return part;
}
