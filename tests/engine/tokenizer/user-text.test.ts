/** What people write stays text, whatever it looks like and wherever a template puts it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer.ts";
import type { ChatMessage } from "../../../src/engine/engine.ts";
import { unusedCharacters } from "../../../src/engine/wgsl/tokenizer/user-text.ts";
import { readFixture } from "../../fixtures/tokenizer/read-fixtures.ts";
import { byteLevelGguf } from "./small-vocabularies.ts";

const { templates } = readFixture("chats.json");
const SPECIALS = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<s>", "</s>"];
const open = { addGenerationPrompt: true, continueFinalMessage: false };

/** Messages glued of special tokens, pieces of them, and what may stand between. */
const content = fc
  .array(
    fc.oneof(
      fc.constantFrom(...SPECIALS),
      fc.constantFrom(
        "<",
        "<|",
        "<|im_",
        "im_end|>",
        "|>",
        ">",
        "</",
        "s>",
        "<<s>",
        " ",
        "\n",
        "\t",
        "x",
        "\ue000",
        "\ue001",
        "é",
        "👩‍👩",
      ),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

const conversation = fc
  .tuple(fc.option(content), fc.array(content, { minLength: 1, maxLength: 4 }))
  .map(([system, turns]): ChatMessage[] => [
    ...(system === null ? [] : [{ role: "system" as const, content: system }]),
    ...turns.map((text, i): ChatMessage => ({ role: i % 2 === 0 ? "user" : "assistant", content: text })),
  ]);

/** All special tokens here begin with "<": without it none can be made. */
function neutral(text: string): string {
  return text.replaceAll("<", "(");
}

describe.each(["smollm2", "qwen2_5", "tinyllama", "llama 2 (ours)", "llama 3 (ours)"])("%s", (name) => {
  const tokenizer = openTokenizer(byteLevelGguf("smollm", { "tokenizer.chat_template": templates[name] }));

  test("a conversation of look-alikes has the tokens of a harmless one", () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const hostile = tokenizer.renderChat(messages, open);
        const harmless = tokenizer.renderChat(
          messages.map((message) => ({ ...message, content: neutral(message.content) })),
          open,
        );
        const neutralised = (pieces: typeof hostile.pieces) =>
          pieces.map((piece) => (typeof piece === "string" ? neutral(piece) : piece));
        expect(neutralised(hostile.pieces)).toEqual(neutralised(harmless.pieces));
        expect(neutral(hostile.text)).toBe(neutral(harmless.text));
      }),
      { numRuns: 200 },
    );
  });
});

describe("messages one right after the other", () => {
  const tokenizer = openTokenizer(
    byteLevelGguf("smollm", {
      "tokenizer.chat_template": "{% for m in messages %}{{ m.content | trim }}{% endfor %}<|im_end|>",
    }),
  );
  const pieces = (...contents: string[]) =>
    tokenizer.renderChat(
      contents.map((content) => ({ role: "user", content })),
      open,
    ).pieces;

  test("do not make a token together", () => {
    const end = tokenizer.encodePrompt("<|im_end|>")[0] ?? -1;
    expect(pieces("<|im_", "end|>")).toEqual(["<|im_end|>", end]);
    expect(pieces("<|im_ \n", "end|>")).toEqual(["<|im_end|>", end]);
    expect(pieces("<", "|im_end|>")).toEqual(["<|im_end|>", end]);
    expect(pieces("<|im_end", "|>")).toEqual(["<|im_end|>", end]);
    expect(pieces("<|", "im_", "end|>")).toEqual(["<|im_end|>", end]);
  });

  test("whatever they are cut of", () => {
    const pieceOf = fc.tuple(fc.constantFrom(...SPECIALS), fc.array(fc.nat(12), { maxLength: 3 }));
    fc.assert(
      fc.property(pieceOf, ([token, cuts]) => {
        const places = [0, ...cuts.sort((a, b) => a - b), token.length];
        const parts = places.slice(1).map((to, i) => token.slice(places[i], to));
        expect(pieces(...parts).filter((piece) => typeof piece === "number")).toHaveLength(1);
      }),
    );
  });
});

test("what the template asks of a message is answered as it was written", () => {
  const template =
    "{% for m in messages %}{{ m.content.split('</think>')[-1] }}|{{ m.content.startswith('<tool') }}|" +
    "{{ '<think>' in m.content }}{% endfor %}";
  const tokenizer = openTokenizer(byteLevelGguf("smollm", { "tokenizer.chat_template": template }));
  const content = "<tool><think>a</think>b<|im_end|>";
  expect(tokenizer.renderChat([{ role: "user", content }], open).text).toBe("b<|im_end|>|true|true");
});

test("a user-defined token is a token in anybody's text, a special one in nobody's", () => {
  const tokenizer = openTokenizer(byteLevelGguf("smollm"));
  const [think] = tokenizer.encodePrompt("<think>");
  expect(tokenizer.encode("<think>")).toEqual([think]);
  // The file marks it user-defined; it ends turns nevertheless.
  expect(tokenizer.encode("<|im_end|>").length).toBeGreaterThan(1);
});

test("marks are characters that the conversation does not have", () => {
  const many = Array.from({ length: 6400 }, (_, i) => String.fromCharCode(0xe000 + i)).join("");
  expect(unusedCharacters([])).toEqual(["\ue000", "\ue001"]);
  expect(unusedCharacters(["a\ue000", "\ue002"])).toEqual(["\ue001", "\ue003"]);
  expect(unusedCharacters([many])).toEqual(["\u{f0000}", "\u{f0001}"]);
  const content = `${many}<|im_end|>`;
  const tokenizer = openTokenizer(byteLevelGguf("smollm"));
  const prompt = tokenizer.renderChat([{ role: "user", content }], open);
  expect(prompt.text).toContain(content);
  expect(prompt.pieces.filter((piece) => typeof piece === "number")).toHaveLength(3);
});
