import { expect, test } from "vitest";
import { findInlineMath } from "../../src/ui/markdown/find-math";
import { toHtml } from "../../src/ui/markdown/parser";
import { parser } from "./split";

/** The TeX of every formula in a text. */
function formulas(text: string): string[] {
  const html = toHtml(parser, text, {});
  return Array.from(html.matchAll(/<code class="math( display)?">([^<]*)<\/code>/g), ([, display, tex]) =>
    display === undefined ? (tex ?? "") : `display: ${tex ?? ""}`,
  );
}

test.each([
  ["$x$", ["x"]],
  ["so $a_b + c_d$, and $y$.", ["a_b + c_d", "y"]],
  ["$5$ and $10$", ["5", "10"]],
  ["$2x + 3$", ["2x + 3"]],
  ["($x$)", ["x"]],
  ["$\\$5$", ["\\$5"]],
  ["\\(x\\) and \\( y \\)", ["x", "y"]],
  ["\\[x\\]", ["display: x"]],
  ["text $$x$$ text", ["display: x"]],
  ["$$x$$", ["display: x"]],
  ["$$\nx\n$$", ["display: x"]],
  ["$$\nx\n- y\n# z\n$$", ["display: x\n- y\n# z"]],
  ["text\n$$\nx\n$$\ntext", ["display: x"]],
  ["\\[\nx\n\\]", ["display: x"]],
  ["1. item\n   $$\n   x\n   $$", ["display: x"]],
  ["- \\[x\\]", ["display: x"]],
  ["> $$\n> x\n> $$", ["display: x"]],
  ["| $x$ |\n|---|\n| $y$ |", ["x", "y"]],
  ["**$x$**", ["x"]],
  ["$$x$$ is a sentence", ["display: x"]],
])("math: %j", (text, expected) => {
  expect(formulas(text)).toEqual(expected);
});

test.each([
  "$5 and $10",
  "costs $5-$10",
  "from $5, or $6, to $7",
  "US$5 and A$6",
  "$5/month or $50/year",
  "$5 per month (or $)",
  "$HOME and $PATH",
  "$HOME/$USER",
  "between $1,000 and $2,000.",
  "$ x $",
  "$",
  "$$",
  "$$ $$",
  "\\$x\\$",
  "`$x$`",
  "    $x$",
  "```\n$x$\n```",
  "\\\\(x\\\\)",
  "\\(unclosed",
  "$unclosed",
  "$$\nunclosed",
  "$$\nunclosed\n\n# A heading",
])("no math: %j", (text) => {
  expect(formulas(text)).toEqual([]);
});

test("what is left over is neither lost nor swallowed", () => {
  expect(toHtml(parser, "$$\nx\n$$ and *more*", {})).toContain("<p>and <em>more</em></p>");
  expect(toHtml(parser, "$$\nunclosed **x**\n\n# A heading", {})).toMatch(/<strong>x<\/strong>.*\n<h2/);
  expect(toHtml(parser, "$5 and *more*", {})).toBe("<p>$5 and <em>more</em></p>\n");
});

test("no text makes the search long: it looks at a formula's length and no further", () => {
  const text = "$a ".repeat(50_000);
  let found = 0;
  for (let at = 0; at < text.length; at += 3) if (findInlineMath(text, at) !== undefined) found++;
  expect(found).toBe(0);
  expect(findInlineMath(`$${"x".repeat(3_000)}$`, 0)).toBeUndefined();
});
