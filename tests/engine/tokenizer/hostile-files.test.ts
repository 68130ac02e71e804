/** Whatever a file holds, opening it ends in a tokenizer that works or in an error of ours. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TokenizerSource } from "../../../src/engine/wgsl/formats/model-file.ts";
import { openTokenizer } from "../../../src/engine/wgsl/tokenizer/open-tokenizer.ts";
import { IngleError } from "../../../src/shared/errors.ts";
import { byteLevelGguf, sentencePieceGguf, sentencePieceJson } from "./small-vocabularies.ts";

const CODES = ["model-invalid", "model-unsupported", "chat-invalid"];
/** Values of the right type are the ones that get furthest. */
const likely = [
  fc.constantFrom(null, -1, 0, 1e9, "", "▁", "llama", "gpt2", "{{ messages }}", "BPE", "ByteLevel", "Prepend", "Split"),
  fc.array(fc.string()),
  fc.array(fc.integer()),
];
const fieldValue = fc.oneof(fc.anything({ maxDepth: 2, withBigInt: true, withNullPrototype: true }), ...likely);
const jsonValue = fc.oneof(fc.jsonValue({ maxDepth: 2 }), ...likely);

function use(source: TokenizerSource): void {
  try {
    const tokenizer = openTokenizer(source);
    const text = "Hello <|im_end|> 12\n\ud800 你";
    for (const token of tokenizer.encode(text)) tokenizer.bytesOfToken(token);
    const prompt = tokenizer.renderChat([{ role: "user", content: text }], {
      addGenerationPrompt: true,
      continueFinalMessage: false,
    });
    const tokens = tokenizer.encodePrompt(prompt);
    expect(tokens.every((token) => Number.isInteger(token) && token >= 0 && token < tokenizer.vocabularySize)).toBe(
      true,
    );
    const decoder = tokenizer.decoder();
    for (const token of tokens) decoder.push(token);
  } catch (thrown) {
    if (!(thrown instanceof IngleError && CODES.includes(thrown.code))) throw thrown;
  }
}

/** Puts a value in some place of a tree, copying what is above it. */
function planted(tree: unknown, path: readonly number[], seed: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined || typeof tree !== "object" || tree === null) return seed;
  const keys = Object.keys(tree);
  const key = keys[first % Math.max(1, keys.length)] ?? "x";
  const copy: Record<string, unknown> | unknown[] = Array.isArray(tree) ? [...(tree as unknown[])] : { ...tree };
  (copy as Record<string, unknown>)[key] = planted((tree as Record<string, unknown>)[key], rest, seed);
  return copy;
}

test.each([
  ["byte-level", byteLevelGguf("smollm")],
  ["SentencePiece", sentencePieceGguf()],
] as const)("GGUF, %s", { timeout: 60_000 }, (_name, source) => {
  if (source.kind !== "gguf") throw new Error("GGUF only");
  const path = fc.array(fc.nat(), { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(fc.array(fc.tuple(path, fieldValue), { minLength: 1, maxLength: 3 }), (changes) => {
      const metadata = changes.reduce<unknown>((tree, [place, seed]) => planted(tree, place, seed), source.metadata);
      use({ kind: "gguf", metadata: metadata as Record<string, unknown> });
    }),
    { numRuns: 200 },
  );
});

test("tokenizer.json", { timeout: 60_000 }, () => {
  const config = { bos_token: "<s>", chat_template: "{{ messages[0].content }}", eos_token: { content: "</s>" } };
  const source = sentencePieceJson("first", config);
  if (source.kind !== "json") throw new Error("JSON only");
  const path = fc.array(fc.nat(), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(path, jsonValue), { minLength: 1, maxLength: 3 }),
      jsonValue,
      (changes, generation) => {
        const files = { tokenizer: source.tokenizer, config };
        const changed = changes.reduce<unknown>((tree, [place, seed]) => planted(tree, place, seed), files);
        use({ kind: "json", ...(changed as typeof files), generation });
      },
    ),
    { numRuns: 200 },
  );
});
