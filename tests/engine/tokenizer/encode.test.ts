import { describe, expect, test } from "vitest";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer.ts";
import { byteLevelPreTokenizer, preTokenizer } from "../../../src/engine/wgsl/tokenizer/pre-tokenizers.ts";
import type { ModelTokenizer } from "../../../src/engine/wgsl/tokenizer/types.ts";
import { type Answers, readFixture } from "../../fixtures/tokenizer/read-fixtures.ts";
import { byteLevelGguf, byteLevelJson, sentencePieceGguf, sentencePieceJson } from "./small-vocabularies.ts";

const { texts, prompts } = readFixture("texts.json");
const bytes = readFixture("small-byte-level.json");
const pieces = readFixture("small-sentencepiece.json");
const noBegin = { bos_token: "<s>", eos_token: "</s>", add_bos_token: false };

/** All texts in one expectation: what differs is shown by name. */
function expectIds(tokenizer: ModelTokenizer, ids: Answers["ids"]): void {
  expect(Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, tokenizer.encode(text)]))).toEqual(ids);
}

function expectPrompts(tokenizer: ModelTokenizer, answers: Answers["prompts"]): void {
  expect(prompts.map((prompt) => tokenizer.encodePrompt(prompt))).toEqual(answers);
}

describe.each(Object.keys(bytes.cuts))("byte-level GGUF cut as %s", (pre) => {
  const tokenizer = openTokenizer(byteLevelGguf(pre));
  const answers = bytes.cuts[pre];
  test("gives Hugging Face's tokens", () => expectIds(tokenizer, answers?.ids ?? {}));
  test("gives them for prompts", () => expectPrompts(tokenizer, answers?.prompts ?? []));
});

test("ways of cutting differ on these texts", () => {
  const all = Object.values(bytes.cuts).map(({ ids }) => JSON.stringify(ids));
  expect(new Set(all).size).toBe(all.length);
});

describe("byte-level tokenizer.json", () => {
  const tokenizer = openTokenizer(byteLevelJson(noBegin));
  test("gives Hugging Face's tokens", () => expectIds(tokenizer, bytes.cuts["smollm"]?.ids ?? {}));
  test("gives them for prompts", () => expectPrompts(tokenizer, bytes.cuts["smollm"]?.prompts ?? []));
});

test("tokenizer.json that composes characters and has a pattern of its own", () => {
  const source = byteLevelJson(noBegin);
  if (source.kind !== "json") throw new Error("JSON only");
  const steps = {
    normalizer: { type: "NFC" },
    pre_tokenizer: byteLevelPreTokenizer(preTokenizer("qwen2", new Set()).patterns),
  };
  const tokenizer = openTokenizer({ ...source, tokenizer: { ...(source.tokenizer as object), ...steps } });
  expectIds(tokenizer, bytes.cuts["qwen2"]?.ids ?? {});
});

describe("SentencePiece GGUF", () => {
  test("gives SentencePiece's tokens", () => {
    // After a user-defined token Hugging Face and llama.cpp begin anew, with a space; SentencePiece does not.
    const legacy = pieces.json["legacy"]?.ids["like tools"] ?? [];
    expectIds(openTokenizer(sentencePieceGguf()), { ...pieces.ids, "like tools": legacy });
  });
  test("gives Hugging Face's for prompts", () =>
    expectPrompts(openTokenizer(sentencePieceGguf()), pieces.json["legacy"]?.prompts ?? []));
  test("puts no space before texts where the file says so", () =>
    expectIds(
      openTokenizer(sentencePieceGguf({ "tokenizer.ggml.add_space_prefix": false })),
      pieces.json["never"]?.ids ?? {},
    ));
});

describe.each(Object.keys(pieces.json))("SentencePiece tokenizer.json, space before a text: %s", (form) => {
  const tokenizer = openTokenizer(sentencePieceJson(form, noBegin));
  const answers = pieces.json[form];
  test("gives Hugging Face's tokens", () => expectIds(tokenizer, answers?.ids ?? {}));
  test("gives them for prompts", () => expectPrompts(tokenizer, answers?.prompts ?? []));
});
