import { describe, expect, test } from "vitest";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer.ts";
import type { ModelTokenizer } from "../../../src/engine/wgsl/tokenizer/types.ts";
import { readFixture } from "../../fixtures/tokenizer/read-fixtures.ts";
import { byteLevelGguf, sentencePieceGguf } from "./small-vocabularies.ts";

const { texts } = readFixture("texts.json");
const byteLevel = openTokenizer(byteLevelGguf("gpt-2"));
const sentencePiece = openTokenizer(sentencePieceGguf());

function idOf(tokens: readonly string[], token: string): number {
  return tokens.indexOf(token);
}
const pieces = readFixture("small-sentencepiece.json").tokens;
const letters = readFixture("small-byte-level.json").tokens;

describe.each([
  ["byte-level", byteLevel],
  ["SentencePiece", sentencePiece],
] as const)("%s", (name, tokenizer) => {
  // After a user-defined token SentencePiece models get a space that was not there: see encode.test.ts.
  const keys = Object.keys(texts).filter((key) => name !== "SentencePiece" || key !== "like tools");

  test.each(keys)("%s comes back", (key) => {
    // SentencePiece's own sign for a space can't be told from one.
    const text = (texts[key] ?? "").replace(/\p{Surrogate}/gu, "\ufffd");
    const expected = name === "SentencePiece" ? text.replaceAll("▁", " ") : text;
    const decoder = tokenizer.decoder();
    const parts = tokenizer.encode(text).map((token) => decoder.push(token));
    expect(parts.join("") + decoder.flush()).toBe(expected);
    // Characters come whole: no part is text that only its neighbour mends.
    if (!text.includes("\ufffd")) expect(parts.join("")).not.toContain("\ufffd");
  });
});

test("a character waits until its last byte is there", () => {
  const decoder = sentencePiece.decoder();
  const bytes = ["<0xE4>", "<0xBD>", "<0xA0>"].map((token) => idOf(pieces, token));
  expect(bytes.map((token) => decoder.push(token))).toEqual(["", "", "你"]);
});

test("bytes that can't be text become U+FFFD at once, and unfinished ones at the end", () => {
  const decoder = sentencePiece.decoder();
  const push = (...tokens: string[]) => tokens.map((token) => decoder.push(idOf(pieces, token)));
  expect(push("<0xFF>", "<0xE4>", "▁a", "<0xF0>", "<0x9F>")).toEqual(["\ufffd", "", "\ufffd a", "", ""]);
  expect(decoder.flush()).toBe("\ufffd");
});

test("the space SentencePiece puts before a text is taken away, once, and not where the text goes on", () => {
  const [first = -1] = sentencePiece.encode("a");
  const decode = (tokenizer: ModelTokenizer, continues: boolean) => {
    const decoder = tokenizer.decoder({ continues });
    return decoder.push(first) + decoder.push(first);
  };
  expect(decode(sentencePiece, false)).toBe("a a");
  expect(decode(sentencePiece, true)).toBe(" a a");
  const bare = openTokenizer(sentencePieceGguf({ "tokenizer.ggml.add_space_prefix": false }));
  expect(decode(bare, false)).toBe(" a a");
});

test("special tokens write nothing, unknown ones neither", () => {
  const decoder = byteLevel.decoder();
  const special = idOf(letters, "<|im_start|>");
  expect([special, idOf(letters, "[PAD1]"), 1e6, -1, 0.5].map((token) => decoder.push(token)).join("")).toBe("");
  expect(decoder.push(idOf(letters, "<think>"))).toBe("<think>");
});

test("each token's bytes are its own", () => {
  expect(byteLevel.bytesOfToken(idOf(letters, "Ġ"))).toEqual(Uint8Array.of(0x20));
  expect(byteLevel.bytesOfToken(idOf(letters, "Ã"))).toEqual(Uint8Array.of(0xc3));
  expect(sentencePiece.bytesOfToken(idOf(pieces, "<0xE4>"))).toEqual(Uint8Array.of(0xe4));
  expect(sentencePiece.bytesOfToken(idOf(pieces, "▁a"))).toEqual(Uint8Array.of(0x20, 0x61));
  // All 256 are there, each once.
  const single = letters.map((_, token) => byteLevel.bytesOfToken(token)).filter((bytes) => bytes.length === 1);
  expect(new Set(single.map(([byte]) => byte)).size).toBe(256);
});

test("a byte order mark stays", () => {
  const decoder = byteLevel.decoder();
  const text = byteLevel.encode("\ufeffa").map((token) => decoder.push(token));
  expect(text.join("") + decoder.flush()).toBe("\ufeffa");
});
