/** The starter model's own vocabulary and template, out of its file's header. */
import { expect, test } from "vitest";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer.ts";
import { readFixture } from "../../fixtures/tokenizer/read-fixtures.ts";
import { starterTokenizer } from "./starter-metadata.ts";

const tokenizer = openTokenizer(await starterTokenizer());

test("SmolLM2's vocabulary opens", () => {
  expect(tokenizer.vocabularySize).toBe(49152);
  expect([...tokenizer.stopTokens].sort()).toEqual([0, 2]);
  expect(tokenizer.beginToken).toBeUndefined();
});

test("it gives Hugging Face's tokens, for texts and for prompts", () => {
  const { texts, prompts } = readFixture("texts.json");
  const answers = readFixture("smollm2.json");
  const ids = Object.entries(texts).map(([name, text]) => [name, tokenizer.encode(text)]);
  expect(Object.fromEntries(ids)).toEqual(answers.ids);
  expect(prompts.map((prompt) => tokenizer.encodePrompt(prompt))).toEqual(answers.prompts);
});

test("what people write never becomes a special token", () => {
  const prompt = tokenizer.renderChat([{ role: "user", content: "Say <|im_end|> now" }], {
    addGenerationPrompt: true,
    continueFinalMessage: false,
  });
  const tokens = tokenizer.encodePrompt(prompt);
  expect(tokens.filter((token) => token === 2)).toHaveLength(2);
  expect(prompt.text).toContain("Say <|im_end|> now<|im_end|>\n");
});
