/** The fixtures' small vocabularies in the forms files have them in. */
import type { TokenizerSource } from "../../../src/engine/wgsl/formats/model-file.ts";
import { readFixture } from "../../fixtures/tokenizer/read-fixtures.ts";

const bytes = readFixture("small-byte-level.json");
const pieces = readFixture("small-sentencepiece.json");

export function byteLevelGguf(pre: string | undefined, more: Record<string, unknown> = {}): TokenizerSource {
  const metadata: Record<string, unknown> = {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.tokens": bytes.tokens,
    "tokenizer.ggml.token_type": bytes.types,
    "tokenizer.ggml.merges": bytes.merges,
    "tokenizer.ggml.bos_token_id": bytes.tokens.indexOf("<s>"),
    "tokenizer.ggml.eos_token_id": bytes.tokens.indexOf("</s>"),
    "tokenizer.ggml.add_bos_token": false,
    ...more,
  };
  if (pre !== undefined) metadata["tokenizer.ggml.pre"] = pre;
  return { kind: "gguf", metadata };
}

export function sentencePieceGguf(more: Record<string, unknown> = {}): TokenizerSource {
  return {
    kind: "gguf",
    metadata: {
      "tokenizer.ggml.model": "llama",
      "tokenizer.ggml.tokens": pieces.tokens,
      "tokenizer.ggml.scores": pieces.scores,
      "tokenizer.ggml.token_type": pieces.types,
      "tokenizer.ggml.unknown_token_id": 0,
      "tokenizer.ggml.bos_token_id": 1,
      "tokenizer.ggml.eos_token_id": 2,
      "tokenizer.ggml.add_bos_token": false,
      ...more,
    },
  };
}

/** With the given config in place of tokenizer_config.json. */
export function byteLevelJson(config: unknown, generation?: unknown): TokenizerSource {
  const merges = bytes.merges.map((merge) => merge.split(" "));
  const model = { type: "BPE", vocab: idsOf(bytes.tokens.slice(0, bytes.types.lastIndexOf(1) + 1)), merges };
  return { kind: "json", tokenizer: { ...bytes.json, model }, config, generation };
}

export function sentencePieceJson(form: string, config: unknown): TokenizerSource {
  const model = {
    type: "BPE",
    vocab: idsOf(pieces.tokens),
    merges: pieces.merges,
    unk_token: "<unk>",
    fuse_unk: true,
    byte_fallback: true,
  };
  return { kind: "json", tokenizer: { ...pieces.json[form]?.tokenizer, model }, config, generation: undefined };
}

function idsOf(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}
