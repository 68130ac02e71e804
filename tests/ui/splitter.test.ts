import fc from "fast-check";
import { expect, test } from "vitest";
import { parseBlocks, toHtml } from "../../src/ui/markdown/parser";
import { BlockSplitter, MAX_BLOCK_LENGTH } from "../../src/ui/markdown/splitter";
import { parser, split } from "./split";

/** Whole and half pieces of Markdown: what changes its meaning with what comes after. */
const PIECES = [
  "word ",
  "text",
  "\n",
  "\n\n",
  "\n\n\n",
  "    ",
  "  ",
  "\t",
  "# ",
  "#",
  "- ",
  "-",
  "* ",
  "+ ",
  "1. ",
  "2) ",
  "10. ",
  "> ",
  ">",
  "```",
  "```js\n",
  "````",
  "~~~",
  "`",
  "| a | b |\n",
  "|---|---|\n",
  "| 1 | 2 |\n",
  "| 1 | 2 |\n".repeat(8),
  "|",
  "---",
  "===",
  "***",
  "$$",
  "$",
  "\\[",
  "\\]",
  "\\(x\\)",
  "[label]",
  "[label]: ",
  "https://example.com/a",
  "'title",
  "[a]: /u\\n",
  "'x\\n",
  "z'\\n",
  "'\n",
  "[x] ",
  "<div>",
  "</div>\n",
  "<!-- ",
  "-->",
  "<script>\n",
  "<details>\n",
  "**",
  "_",
  "\\",
  "&amp;",
  "é",
  "🙂",
  "שלום",
];
const RUNS = 1_500;
const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 });

/** A text with the places to cut it at. */
const cutTexts = fc.tuple(texts, fc.array(fc.nat(200), { maxLength: 12 })).map(([pieces, places]) => {
  const text = pieces.join("");
  const cuts = [0, ...places.filter((place) => place < text.length).sort((a, b) => a - b), text.length];
  return { text, pieces: cuts.slice(1).map((end, index) => text.slice(cuts[index], end)) };
});

test("however a text comes, its blocks are the same", () => {
  fc.assert(
    fc.property(cutTexts, ({ text, pieces }) => {
      expect(split(pieces)).toEqual(split([text]));
      expect(split(Array.from(text))).toEqual(split([text]));
    }),
    { numRuns: RUNS },
  );
});

test("so they are where blocks are too long, and nothing is lost or said twice", () => {
  fc.assert(
    fc.property(cutTexts, fc.integer({ min: 12, max: 160 }), ({ text, pieces }, maxBlockLength) => {
      const blocks = split([text], maxBlockLength);
      expect(split(pieces, maxBlockLength)).toEqual(blocks);
      expect(split(Array.from(text), maxBlockLength)).toEqual(blocks);
      expect(
        blocks
          .map(({ source }) => source)
          .join("")
          .replace(/\s/g, ""),
      ).toBe(text.replace(/\s/g, ""));
    }),
    { numRuns: RUNS },
  );
});

test.each([
  ["half a table's second line does not end the list before it", "1. | 1 | 2 |\n|<details>\n    |---|---|\n", 34],
  ["a definition's title may have many lines", "[a]: /u\n'x\ny\nz'\n\nAfter.\n", MAX_BLOCK_LENGTH],
])("%s", (_, text, maxBlockLength) => {
  expect(split(Array.from(text), maxBlockLength)).toEqual(split([text], maxBlockLength));
});

test("what follows a text at once is decided with its own first line", () => {
  expect(split(["Text:\n```js\n"])).toHaveLength(2);
  expect(split(["Text\n# Heading\n"])).toHaveLength(2);
  expect(split(["- a\n\n```js\n"])).toHaveLength(2);
});

test("a table that is cut goes on with its header", () => {
  const rows = "| 1 | 2 |\n".repeat(40);
  const blocks = split([`| a | b |\n|---|---|\n${rows}\nAfter.\n`], 160);
  expect(blocks.length).toBeGreaterThan(3);
  const inside = blocks.slice(1, -1);
  expect(inside.map(({ header }) => header)).toEqual(inside.map(() => "| a | b |\n|---|---|\n"));
  expect(blocks.at(-1)).toEqual({ source: "After.\n" });
});

test("block by block the HTML is that of the whole text", () => {
  fc.assert(
    fc.property(texts, (pieces) => {
      const text = pieces.join("");
      const { references } = parseBlocks(parser, text);
      const whole = toHtml(parser, text, references);
      // Definitions are known to all blocks, as they are in the whole.
      const parts = split([text]).map(({ source }) => toHtml(parser, source, references));
      expect(squeeze(parts.join(""))).toBe(squeeze(whole));
    }),
    { numRuns: RUNS },
  );
});

/** Line ends between blocks show nowhere. */
function squeeze(html: string): string {
  return html.replace(/\n+/g, "\n").trim();
}

test.each([
  ["blocks", "# Heading\n\nSome *text* in a paragraph, [and][r] more.\n\n- a\n- b\n\n[r]: https://example.com\n\n"],
  ["one list", "- an item of a list\n"],
  ["one table", "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n"],
  ["one paragraph", "word "],
  ["one line", "letters"],
  ["one quote", "> word\n"],
])("20,000 tokens of %s: an update parses a bounded part of the text", (_, part) => {
  const whole = part.repeat(Math.ceil(80_000 / part.length));
  const splitter = new BlockSplitter(parser);
  let most = 0;
  for (let end = 200; end <= whole.length; end += 200) {
    const before = splitter.parsedLength;
    splitter.update(whole.slice(0, end), true);
    most = Math.max(most, splitter.parsedLength - before);
  }
  // Once to find the end of a block, once for what it defines, and once for the next.
  expect(most).toBeLessThanOrEqual(3 * MAX_BLOCK_LENGTH);
});

test("an open fence is not parsed at all, however long it gets", () => {
  const splitter = new BlockSplitter(parser);
  let text = "```js\n";
  splitter.update(text, true);
  while (text.length < 200_000) splitter.update((text += "let x = 1;\n".repeat(20)), true);
  expect(splitter.parsedLength).toBe(0);
  expect(splitter.open?.code?.text).toBe(text.slice("```js\n".length, -1));
});
