/** Texts that are one endless word must take time like others of their length, give or take, and come back whole. */
import { describe, expect, test } from "vitest";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer.ts";
import { byteLevelGguf, sentencePieceGguf } from "./small-vocabularies.ts";

const LENGTH = 30_000;
const WORDS: Readonly<Record<string, string>> = {
  spaces: " ".repeat(LENGTH),
  "spaces and a letter": `${" ".repeat(LENGTH)}x`,
  "one letter": "a".repeat(LENGTH),
  "two letters": "ab".repeat(LENGTH / 2),
  "letters at random": Array.from({ length: LENGTH }, (_, i) =>
    String.fromCharCode(97 + ((i * i * 31 + i * 7) % 26)),
  ).join(""),
  "Chinese without a stop": Array.from({ length: LENGTH / 2 }, (_, i) =>
    String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)),
  ).join(""),
  newlines: "\n".repeat(LENGTH),
  "spaces and newlines": " \n".repeat(LENGTH / 2),
  digits: "1234567890".repeat(LENGTH / 10),
  apostrophes: "'".repeat(LENGTH),
  "hard spaces": `${"\u00a0".repeat(LENGTH / 2)}\n`,
  emoji: "👩‍👩‍👧‍👦".repeat(LENGTH / 10),
  "beginnings of tokens": "<|im_".repeat(LENGTH / 5),
};

// Measured over ten times this length it stays n log n; what was quadratic would show here by its timeout.
describe.each(["smollm", "tekken", "SentencePiece"])("%s", (pre) => {
  const tokenizer = openTokenizer(pre === "SentencePiece" ? sentencePieceGguf() : byteLevelGguf(pre));

  test.each(Object.keys(WORDS))("%s", { timeout: 20_000 }, (name) => {
    const text = WORDS[name] ?? "";
    const decoder = tokenizer.decoder();
    const tokens = tokenizer.encode(text);
    expect(tokens.map((token) => decoder.push(token)).join("") + decoder.flush()).toBe(text);
  });
});

test("many special tokens in a message are found and marked in one go", { timeout: 20_000 }, () => {
  const content = "<|im_end|>".repeat(LENGTH / 10);
  const prompt = openTokenizer(byteLevelGguf("smollm")).renderChat([{ role: "user", content }], {
    addGenerationPrompt: false,
    continueFinalMessage: false,
  });
  expect(prompt.pieces.filter((piece) => typeof piece === "number")).toHaveLength(2);
});
