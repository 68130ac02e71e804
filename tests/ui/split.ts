/** What the tests of Markdown in Node share. */
import { makeParser } from "../../src/ui/markdown/parser";
import { BlockSplitter, type Block } from "../../src/ui/markdown/splitter";

export const parser = makeParser({
  linkAway: (address) => address,
  imageLink: (alternative) => `Image: ${alternative}`,
  table: "Table",
  taskDone: "Done",
  taskOpen: "To do",
  code: "Code",
  codeIn: (language) => language,
  copyCode: "Copy",
  copyCodeLabel: (language) => language,
  copiedCode: "Copied",
  copyCodeFailed: "Failed",
});

/** All blocks once a text is whole, given in these pieces. */
export function split(pieces: readonly string[], maxBlockLength?: number): Block[] {
  const splitter = new BlockSplitter(parser, maxBlockLength);
  let text = "";
  for (const piece of pieces) {
    text += piece;
    if (!splitter.update(text, true)) throw new Error("The splitter did not know its own text again.");
  }
  splitter.update(text, false);
  return [...splitter.blocks, ...(splitter.open === undefined ? [] : [splitter.open])];
}
