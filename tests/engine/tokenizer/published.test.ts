/**
 * The vocabularies models are published with, as tokenizer.json and as GGUF has them. They are too large to commit:
 * tests/fixtures/tokenizer/make.py says how to get them. Without them the small ones of encode.test.ts must do.
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { TokenizerSource } from "../../../src/engine/wgsl/formats/model-file.ts";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer.ts";
import { readFixture } from "../../fixtures/tokenizer/read-fixtures.ts";

const CACHE = new URL("../../../.cache/tokenizers/", import.meta.url);
const { texts, prompts } = readFixture("texts.json");
const published = readFixture("published.json");

interface TokenizerJson {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly (string | [string, string])[] };
  readonly added_tokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
}

function readJson(name: string, file: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}/${file}`, CACHE), "utf8"));
}

function asJson(name: string): TokenizerSource {
  const config = { ...(readJson(name, "tokenizer_config.json") as object), add_bos_token: false };
  return { kind: "json", tokenizer: readJson(name, "tokenizer.json"), config, generation: undefined };
}

/** As llama.cpp's converter would write it. */
function asGguf(name: keyof typeof published): TokenizerSource {
  const { model, added_tokens } = readJson(name, "tokenizer.json") as TokenizerJson;
  const tokens: string[] = [];
  const types: number[] = [];
  for (const [token, id] of Object.entries(model.vocab)) [tokens[id], types[id]] = [token, 1];
  for (const { id, content, special } of added_tokens) [tokens[id], types[id]] = [content, special ? 3 : 4];
  const metadata: Record<string, unknown> = {
    "tokenizer.ggml.tokens": tokens,
    "tokenizer.ggml.token_type": types,
    "tokenizer.ggml.add_bos_token": false,
  };
  if (name !== "mistral") {
    metadata["tokenizer.ggml.model"] = "gpt2";
    metadata["tokenizer.ggml.pre"] = name === "qwen2_5" ? "qwen2" : "llama-bpe";
    metadata["tokenizer.ggml.merges"] = model.merges.map((merge) =>
      typeof merge === "string" ? merge : merge.join(" "),
    );
  } else {
    // Its model file scores tokens by their place, and runs of spaces below everything.
    types[0] = 2;
    types.fill(6, 3, 259);
    metadata["tokenizer.ggml.model"] = "llama";
    metadata["tokenizer.ggml.scores"] = tokens.map((token, id) =>
      id < 259 ? 0 : /^▁▁+$/.test(token) ? -1e9 : 259 - id,
    );
    metadata["tokenizer.ggml.unknown_token_id"] = 0;
  }
  return { kind: "gguf", metadata };
}

describe.each(["qwen2_5", "llama3_1", "mistral"] as const)("%s", (name) => {
  describe.skipIf(!existsSync(new URL(`${name}/tokenizer.json`, CACHE)))("from .cache/tokenizers", () => {
    test.each([
      ["tokenizer.json", asJson],
      ["GGUF", asGguf],
    ] as const)("%s gives Hugging Face's tokens", { timeout: 60_000 }, (_form, source) => {
      const tokenizer = openTokenizer(source(name));
      const ids = Object.entries(texts).map(([text, value]) => [text, tokenizer.encode(value)]);
      expect(Object.fromEntries(ids)).toEqual(published[name].ids);
      expect(prompts.map((prompt) => tokenizer.encodePrompt(prompt))).toEqual(published[name].prompts);
    });
  });
});
