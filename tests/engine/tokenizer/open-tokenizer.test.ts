/** What files say of begin, end and form, and files that say nonsense. */
import { describe, expect, test } from "vitest";
import type { TokenizerSource } from "../../../src/engine/wgsl/formats/model-file.ts";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer.ts";
import { IngleError } from "../../../src/shared/errors.ts";
import { readFixture } from "../../fixtures/tokenizer/read-fixtures.ts";
import { byteLevelGguf, byteLevelJson, sentencePieceGguf, sentencePieceJson } from "./small-vocabularies.ts";

const letters = readFixture("small-byte-level.json").tokens;
const id = (token: string) => letters.indexOf(token);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof IngleError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return "nothing thrown";
}

function change(source: TokenizerSource, more: Record<string, unknown>): TokenizerSource {
  if (source.kind !== "gguf") throw new Error("GGUF only");
  return { kind: "gguf", metadata: { ...source.metadata, ...more } };
}

describe("the begin token", () => {
  const begin = (more: Record<string, unknown>) => openTokenizer(byteLevelGguf("gpt-2", more)).beginToken;

  test("is there where the file says so", () => {
    expect(begin({ "tokenizer.ggml.add_bos_token": true })).toBe(id("<s>"));
    expect(begin({ "tokenizer.ggml.add_bos_token": false })).toBeUndefined();
  });

  test("is there by default for SentencePiece and Llama 3", () => {
    const unsaid = { "tokenizer.ggml.add_bos_token": undefined };
    expect(begin(unsaid)).toBeUndefined();
    expect(openTokenizer(byteLevelGguf("llama-bpe", unsaid)).beginToken).toBe(id("<s>"));
    expect(openTokenizer(sentencePieceGguf(unsaid)).beginToken).toBe(1);
  });

  test("comes once, whether the template writes it or not", () => {
    const tokenizer = openTokenizer(byteLevelGguf("gpt-2", { "tokenizer.ggml.add_bos_token": true }));
    expect(tokenizer.encodePrompt("a")).toEqual([id("<s>"), id("a")]);
    expect(tokenizer.encodePrompt("<s>a")).toEqual([id("<s>"), id("a")]);
    expect(tokenizer.encodePrompt("")).toEqual([id("<s>")]);
    expect(tokenizer.encode("a")).toEqual([id("a")]);
  });

  test("is read from tokenizer.json's template unless the config says otherwise", () => {
    const names = { bos_token: { content: "<s>" }, eos_token: "</s>" };
    expect(openTokenizer(sentencePieceJson("legacy", names)).beginToken).toBe(1);
    expect(openTokenizer(sentencePieceJson("legacy", undefined)).beginToken).toBe(1);
    expect(openTokenizer(sentencePieceJson("legacy", { ...names, add_bos_token: false })).beginToken).toBeUndefined();
    expect(openTokenizer(byteLevelJson(names)).beginToken).toBeUndefined();
    expect(openTokenizer(byteLevelJson({ ...names, add_bos_token: true })).beginToken).toBe(id("<s>"));
  });
});

describe("tokens that end a reply", () => {
  const known = ["<|endoftext|>", "<|im_end|>", "</s>"].map(id);

  test("are those the file names and those known by their text", () => {
    const source = byteLevelGguf("gpt-2", {
      "tokenizer.ggml.eos_token_id": id("<|endoftext|>"),
      "tokenizer.ggml.eot_token_id": id("<|im_start|>"),
      "tokenizer.ggml.eom_token_id": 2 ** 32 - 1,
    });
    expect(openTokenizer(source).stopTokens).toEqual(new Set([...known, id("<|im_start|>")]));
  });

  test("are those of generation_config.json too", () => {
    const names = { eos_token: "<|im_end|>" };
    const begin = id("<|im_start|>");
    expect(openTokenizer(byteLevelJson(names, { eos_token_id: begin })).stopTokens).toEqual(new Set([...known, begin]));
    expect(openTokenizer(byteLevelJson(names, { eos_token_id: [begin, 1e9, "x"] })).stopTokens).toEqual(
      new Set([...known, begin]),
    );
    expect(openTokenizer(byteLevelJson(names, "nonsense")).stopTokens).toEqual(new Set(known));
  });

  test("are never text that happens to read so", () => {
    const types = letters.map(() => 1);
    const source = byteLevelGguf("gpt-2", { "tokenizer.ggml.token_type": types });
    expect(openTokenizer(source).stopTokens).toEqual(new Set([id("</s>")])); // the file's own eos
  });
});

describe("the way of cutting", () => {
  const encode = (pre: string | undefined, more: Record<string, unknown> = {}) =>
    openTokenizer(byteLevelGguf(pre, more)).encode("abc  1234 x");

  test("that nobody knows is refused by name", () => {
    expect(codeOf(() => encode("grail-9"))).toBe(
      'model-unsupported: The model\'s text is cut into words in a way this engine does not know: "grail-9".',
    );
  });

  test("that is not named is told by the tokens, or llama.cpp's default", () => {
    expect(encode(undefined)).toEqual(encode("default"));
    const tokens = letters.with(-1, "<|begin_of_text|>").with(-2, "<|eot_id|>");
    expect(encode(undefined, { "tokenizer.ggml.tokens": tokens })).toEqual(encode("llama-bpe"));
  });
});

test("a chat template is one, or the default of a list", () => {
  const render = (chat_template: unknown) =>
    openTokenizer(byteLevelJson({ chat_template })).renderChat([{ role: "user", content: "x" }], {
      addGenerationPrompt: true,
      continueFinalMessage: false,
    }).text;
  expect(render("A{{ messages[0].content }}")).toBe("Ax");
  const list = [
    { name: "tool_use", template: "B" },
    { name: "default", template: "C" },
  ];
  expect(render(list)).toBe("C");
  expect(render(list.slice(0, 1))).toBe("B");
  // None: ChatML, whose tokens are there.
  expect(render([])).toBe("<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n");
});

test("a vocabulary without turns gets a plain form", () => {
  const types = letters.map((token) => (token === "</s>" ? 3 : 1));
  const source = change(byteLevelGguf("gpt-2"), { "tokenizer.ggml.token_type": types });
  const prompt = openTokenizer(source).renderChat(
    [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
    ],
    { addGenerationPrompt: true, continueFinalMessage: false },
  );
  expect(prompt).toEqual({
    text: "Be brief.\n\nUser: Hi\n\nAssistant:",
    pieces: ["Be brief.\n\nUser: Hi\n\nAssistant:"],
  });
});

test("tokens swallow the white space their flags say", () => {
  const source = byteLevelJson({});
  if (source.kind !== "json") throw new Error("JSON only");
  const file = source.tokenizer as { added_tokens: Record<string, unknown>[] };
  const added_tokens = file.added_tokens.map((token) =>
    token["content"] === "<s>" ? { ...token, lstrip: true, rstrip: true } : token,
  );
  const tokenizer = openTokenizer({ ...source, tokenizer: { ...file, added_tokens } });
  expect(tokenizer.encodePrompt("a \n<s>  b </s> a")).toEqual(
    [["a"], id("<s>"), ["b "], id("</s>"), [" a"]].flatMap((part) =>
      typeof part === "number" ? part : tokenizer.encode(part[0] ?? ""),
    ),
  );
});

describe("GGUF that says nonsense", () => {
  const byteLevel = byteLevelGguf("gpt-2");
  test.each([
    [{ "tokenizer.ggml.model": undefined }, "model-invalid: The file says nothing of its tokens."],
    [{ "tokenizer.ggml.model": 7 }, "model-invalid: The file's tokenizer.ggml.model should be text and is not."],
    [
      { "tokenizer.ggml.model": "bert" },
      'model-unsupported: The model\'s tokens are of a kind this engine does not know: "bert".',
    ],
    [{ "tokenizer.ggml.tokens": undefined }, "model-invalid: The file has no list of tokens."],
    [{ "tokenizer.ggml.tokens": [] }, "model-invalid: The file has no list of tokens."],
    [
      { "tokenizer.ggml.tokens": ["a", 1] },
      "model-invalid: The file's tokenizer.ggml.tokens should be a list of texts and is not.",
    ],
    [
      { "tokenizer.ggml.token_type": [1] },
      `model-invalid: The file has ${letters.length} tokens and 1 kinds for them.`,
    ],
    [
      { "tokenizer.ggml.token_type": "1" },
      "model-invalid: The file's tokenizer.ggml.token_type should be a list of numbers and is not.",
    ],
    [{ "tokenizer.ggml.merges": undefined }, "model-invalid: The file has no merges for its tokens."],
    [{ "tokenizer.ggml.merges": ["ab"] }, "model-invalid: The file's merges are not pairs of tokens."],
    [{ "tokenizer.ggml.merges": ["a "] }, "model-invalid: The file's merges are not pairs of tokens."],
    [
      { "tokenizer.ggml.bos_token_id": "one" },
      "model-invalid: The file's tokenizer.ggml.bos_token_id should be a number and is not.",
    ],
    [
      { "tokenizer.chat_template": ["x"] },
      "model-invalid: The file's tokenizer.chat_template should be text and is not.",
    ],
  ])("%o", (more, expected) => {
    expect(codeOf(() => openTokenizer(change(byteLevel, more)))).toBe(expected);
  });

  test("scores are needed, one for each token", () => {
    const { length } = readFixture("small-sentencepiece.json").tokens;
    expect(codeOf(() => openTokenizer(change(sentencePieceGguf(), { "tokenizer.ggml.scores": [0] })))).toBe(
      `model-invalid: The file has ${length} tokens and 1 scores for them.`,
    );
  });

  test("kinds nobody knows are text, and ids outside the vocabulary none", () => {
    const tokenizer = openTokenizer(
      change(byteLevel, {
        "tokenizer.ggml.token_type": letters.map(() => 99),
        "tokenizer.ggml.bos_token_id": -1,
        "tokenizer.ggml.eos_token_id": 1e9,
        "tokenizer.ggml.add_bos_token": true,
      }),
    );
    expect(tokenizer.beginToken).toBeUndefined();
    expect(tokenizer.stopTokens.size).toBe(0);
  });

  test("names that objects have are tokens like others", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    const tokens = [...letters.slice(0, 256), ...names];
    const tokenizer = openTokenizer(
      byteLevelGguf("gpt-2", {
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": tokens.map(() => 1),
        "tokenizer.ggml.merges": ["constructo r", "_ _proto__"],
      }),
    );
    expect(tokenizer.encode("__proto__ constructor")).toHaveLength(21);
    expect(new TextDecoder().decode(tokenizer.bytesOfToken(257))).toBe("constructor");
  });

  test("tokens too long to be real are refused before they take an hour", () => {
    const tokens = ["<unk>", "a", "a".repeat(20_000)];
    const source: TokenizerSource = {
      kind: "gguf",
      metadata: {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [0, 0, 0],
        "tokenizer.ggml.token_type": [2, 1, 1],
      },
    };
    expect(codeOf(() => openTokenizer(source))).toBe("model-invalid: The model's tokens are too long to be real.");
  });
});

describe("tokenizer.json that says nonsense", () => {
  const source = byteLevelJson({});
  const file = source.kind === "json" ? (source.tokenizer as Record<string, unknown>) : {};
  const model = file["model"] as Record<string, unknown>;
  const split = (Regex: string) => ({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false });

  test.each([
    [7, "model-invalid: tokenizer.json should be an object and is not."],
    [{}, "model-invalid: tokenizer.json's model should be an object and is not."],
    [{ ...file, model: { ...model, vocab: [] } }, "model-invalid: The vocabulary should be an object and is not."],
    [{ ...file, model: { ...model, vocab: {} }, added_tokens: [] }, "model-invalid: The vocabulary is empty."],
    [
      { ...file, model: { ...model, vocab: { a: 4e9 } } },
      "model-invalid: The vocabulary's \"a\" should be a token's number and is not.",
    ],
    [{ ...file, model: { ...model, merges: [["a"]] } }, "model-invalid: The merges are not pairs of tokens."],
    [
      { ...file, model: { ...model, type: "Unigram" } },
      'model-unsupported: The model\'s tokens are of a kind this engine does not know: "Unigram".',
    ],
    [{ ...file, added_tokens: [{}] }, "model-invalid: An added token's content should be text and is not."],
    [
      { ...file, pre_tokenizer: { type: "Whitespace" } },
      'model-unsupported: The model cuts text in a way this engine does not know: "Whitespace".',
    ],
    [
      { ...file, pre_tokenizer: split("(a+)+$") },
      "model-unsupported: The model cuts text by a pattern this engine does not know: (a+)+$",
    ],
    [
      { ...file, normalizer: { type: "Precompiled" } },
      'model-unsupported: The model changes text in a way this engine does not know: "Precompiled".',
    ],
    [{ ...file, decoder: null }, "model-unsupported: The model's tokens are spelt in a way this engine does not know."],
  ])("%#", (tokenizer, expected) => {
    expect(codeOf(() => openTokenizer({ kind: "json", tokenizer, config: {}, generation: {} }))).toBe(expected);
  });

  test("a pattern that is none is the file's fault", () => {
    const tokenizer = { ...file, pre_tokenizer: split("(a") };
    const run = () => openTokenizer({ kind: "json", tokenizer, config: {}, generation: {} });
    expect(codeOf(run)).toMatch(/^model-invalid: /);
  });

  test("its tables are left as they are", () => {
    const before = JSON.stringify(file);
    openTokenizer(source);
    expect(JSON.stringify(file)).toBe(before);
  });
});
