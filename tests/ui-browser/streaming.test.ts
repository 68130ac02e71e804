import fc from "fast-check";
import { afterEach, beforeAll, expect, test } from "vitest";
import { MessageText } from "../../src/ui/markdown/message-text";
import { MAX_HIGHLIGHTED_LENGTH } from "../../src/ui/markdown/code-part";
import { MAX_BLOCK_LENGTH } from "../../src/ui/markdown/splitter";
import { chunksOf, draw, drawPieces, isDrawn, loadLibraries, newDrawing, showMessage, until } from "./helpers";

beforeAll(loadLibraries);
afterEach(() => document.body.replaceChildren());

/** Ordinary Markdown, a part of each kind. */
const SECTION = `## A heading [with a reference][ref]

A paragraph with **bold**, *italic*, \`code\`, $x^2$ and a [link](https://example.com/a).

1. First
   - nested
   \`\`\`js
   let x = 1;
   \`\`\`
2. Second

   loose

- [x] done
- [ ] open

| a | b |
|---|--:|
| 1 | $y$ |

> Quoted
> text

\`\`\`python
def f(x):
    """Doc
    string"""
    return x  # comment
\`\`\`

$$
\\frac{a}{b}
$$

[ref]: https://example.com/ref

`;

test("however a text comes, it ends as the same elements", () => {
  const pieces = SECTION.split(/(?<=\n\n)|(?<= )/);
  fc.assert(
    fc.property(fc.shuffledSubarray(pieces, { maxLength: 40 }), fc.integer({ min: 1, max: 25 }), (shuffled, length) => {
      const text = shuffled.join("");
      expect(drawPieces(chunksOf(text, length)).innerHTML).toBe(drawPieces([text]).innerHTML);
    }),
    { numRuns: 60 },
  );
  expect(drawPieces(chunksOf(SECTION, 1)).innerHTML).toBe(drawPieces([SECTION]).innerHTML);
});

test("an update draws the open block alone, and finished blocks keep their nodes", () => {
  const { root, drawing } = newDrawing();
  const section = SECTION.replace("[with a reference][ref]", "").replace(/\[ref\].*\n\n/, "");
  const text = section.repeat(20);
  let sofar = "";
  let most = 0;
  const nodes: Element[] = [];
  const inner: (Element | null)[] = [];
  for (const piece of chunksOf(text, 4)) {
    const before = drawing.drawCount;
    draw(drawing, (sofar += piece), true);
    most = Math.max(most, drawing.drawCount - before);
    const finished = [...root.children].slice(0, -1);
    for (const [index, node] of finished.entries()) {
      nodes[index] ??= node;
      inner[index] ??= node.lastElementChild;
      if (nodes[index] !== node || inner[index] !== node.lastElementChild)
        throw new Error("A finished node was replaced.");
    }
  }
  // Four characters finish one block at most, and begin another.
  expect(most).toBeLessThanOrEqual(2);
  expect(nodes.length).toBeGreaterThan(150);
});

test("a selection in a finished paragraph lives on while text comes", () => {
  const { root, drawing } = newDrawing();
  document.body.append(root);
  draw(drawing, "Selected words.\n\nNext", true);
  const text = root.querySelector("p")?.firstChild;
  if (text === null || text === undefined) throw new Error("There is no paragraph.");
  getSelection()?.setBaseAndExtent(text, 0, text, 8);
  let sofar = "Selected words.\n\nNext";
  for (const piece of chunksOf(SECTION, 7)) draw(drawing, (sofar += piece), true);
  expect(getSelection()?.toString()).toBe("Selected");
});

test("20,000 tokens: what is parsed and drawn stays in proportion to the text", () => {
  const { root, drawing } = newDrawing();
  const tokens = chunksOf(SECTION.repeat(180), 4).slice(0, 20_000);
  let text = "";
  // A frame takes what came since the one before.
  for (let index = 0; index < tokens.length; index += 10) {
    text += tokens.slice(index, index + 10).join("");
    draw(drawing, text, true);
  }
  draw(drawing, text);
  expect(drawing.drawCount).toBeLessThan((tokens.length / 10) * 2.5);
  expect(root.childElementCount).toBeGreaterThan(1_000);
}, 240_000);

test("a reference that comes later is drawn in the blocks that name it, and in no other", () => {
  const { root, drawing } = newDrawing();
  draw(drawing, "One [label].\n\nTwo [other].\n\nThree.\n\n", true);
  const before = drawing.drawCount;
  const [one, two] = root.children;
  draw(drawing, "One [label].\n\nTwo [other].\n\nThree.\n\n[label]: https://example.com/\n\nFour.\n\n", true);
  expect(one?.querySelector("a")?.href).toBe("https://example.com/");
  expect(two?.querySelector("a")).toBeNull();
  expect([...root.children].slice(0, 2)).toEqual([one, two]);
  expect(drawing.drawCount - before).toBeLessThanOrEqual(4); // it, Three, its definition, Four
});

test("a long block of code is coloured up to a size, and grows by what comes", () => {
  const { root, drawing } = newDrawing();
  const line = 'const value = "text"; // and a comment\n';
  let text = "```js\n";
  draw(drawing, text, true);
  while (text.length < 200_000) draw(drawing, (text += line.repeat(50)), true);
  const code = root.querySelector("code");
  const coloured = code?.querySelectorAll(":scope > span").length ?? 0;
  expect(coloured).toBeGreaterThan(100);
  expect(coloured).toBeLessThanOrEqual(MAX_HIGHLIGHTED_LENGTH / line.length + 1);
  const rest = code?.lastChild;
  draw(drawing, (text += line), true);
  expect(code?.lastChild).toBe(rest);
  draw(drawing, text + "```\n");
  expect(root.querySelectorAll("code")).toHaveLength(1);
  expect(root.querySelector("code")?.textContent).toBe(text.slice("```js\n".length, -1));
});

test("a paragraph, a list and a table without an end are cut into blocks that are bounded", () => {
  for (const part of ["word ", "- item\n", "| a | b |\n|---|---|\n".concat("| 1 | 2 |\n"), "> quote\n"]) {
    const { root, drawing } = newDrawing();
    draw(drawing, part.repeat(Math.ceil(120_000 / part.length)));
    const longest = Math.max(...[...root.children].map((block) => block.textContent.length));
    expect(longest).toBeLessThanOrEqual(MAX_BLOCK_LENGTH);
    if (part.startsWith("|")) expect(root.querySelectorAll("table > thead").length).toBe(root.childElementCount);
  }
});

test("what is not closed yet is drawn as what it will be", () => {
  const { root, drawing } = newDrawing();
  draw(drawing, "Text\n\n```js\nlet a;\n``", true);
  expect(root.querySelector("pre")?.textContent).toBe("let a;");
  draw(drawing, "Text\n\n```js\nlet a;\n```\n\n$$\n\\frac{a}{b", true);
  expect(root.querySelector(".raw")?.textContent).toContain("\\frac{a}{b");
  const { root: other, drawing: heading } = newDrawing();
  draw(heading, "Not a heading\n-", true);
  expect(other.querySelector("h2")).toBeNull();
});

test("the element shows plain text first, draws it, and follows it", async () => {
  const message = await showMessage("Some **bold** text");
  expect(message.renderRoot.querySelector("strong")?.textContent).toBe("bold");
  message.isStreaming = true;
  message.text = "Some **bold** text\n\nand more";
  await until(() => message.renderRoot.querySelectorAll(".blocks p").length === 2);
  message.text = "Another";
  message.isStreaming = false;
  await until(() => message.renderRoot.querySelector(".blocks")?.textContent.trim() === "Another");
  message.text = "";
  await until(() => message.renderRoot.querySelector(".blocks")?.textContent === "");
});

test("a long finished text is all there at once, and drawn in slices", async () => {
  const message = new MessageText();
  const text = SECTION.repeat(60);
  message.text = text;
  document.body.append(message);
  while (!(await message.updateComplete)); // what is left to draw is known only then
  const shown = message.renderRoot.querySelector(".blocks")?.textContent.length ?? 0;
  expect(shown + (message.renderRoot.querySelector(".plain")?.textContent.length ?? 0)).toBeGreaterThan(
    text.length / 2,
  );
  await until(() => isDrawn(message));
  expect(message.renderRoot.querySelector(".blocks")?.innerHTML).toBe(drawPieces([text]).innerHTML);
});
