import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../../src/engine/wgsl/formats/byte-source";
import { openFile } from "../../../src/engine/wgsl/formats/file-source";
import { readGguf } from "../../../src/engine/wgsl/formats/gguf";
import type { ModelFile } from "../../../src/engine/wgsl/formats/model-file";
import { writeGguf, type GgufContent, type MetadataEntry } from "../../helpers/gguf-writer";
import { refused } from "../../helpers/refused";
import { QUANTS, tensorOf, tinyContent, tinyGguf, type TinyModel } from "../../helpers/tiny-gguf";

const never = new AbortController().signal;

const open = (bytes: Uint8Array<ArrayBuffer>, name = "tiny.gguf"): ByteSource => openFile(new Blob([bytes]), name);
const read = (model: TinyModel = {}): Promise<ModelFile> => readGguf([open(tinyGguf(model))], never);

const Q3_K = { type: 11, weights: 256, bytes: 110 };

describe("what this engine does not run", () => {
  it.each<[string, TinyModel]>([
    ['"gemma3"', { metadata: { "general.architecture": "gemma3" } }],
    ['"mmproj"', { metadata: { "general.type": "mmproj" } }],
    ["8 experts", { metadata: { "llama.expert_count": 8 } }],
    ["window of 1024", { metadata: { "llama.attention.sliding_window": 1024 } }],
    ["turns 32 of", { metadata: { "llama.rope.dimension_count": 32 } }],
    ["values 32", { metadata: { "llama.attention.value_length": 32 } }],
    ["both ways", { metadata: { "llama.attention.causal": false } }],
    ["attention by 0.5", { metadata: { "llama.attention.scale": 0.5 } }],
    ["layers differ", { metadata: { "llama.attention.head_count_kv": { list: "u32", values: [2, 4] } } }],
    ["no vocabulary", { metadata: { "tokenizer.ggml.model": "no_vocab" } }],
    [
      '"blk.0.attn_q.weight" is of type Q3_K',
      { matrixType: (name) => (name === "blk.0.attn_q.weight" ? Q3_K : QUANTS.f32) },
    ],
    ["of type number 77", { matrixType: () => ({ ...Q3_K, type: 77 }) }],
    ["of type Q8_0", { tensors: { "output_norm.weight": tensorOf("output_norm.weight", QUANTS.q8_0, [256]) } }],
    [
      'unknown use, "blk.0.attn_output.bias"',
      { tensors: { b: tensorOf("blk.0.attn_output.bias", QUANTS.f32, [256]) } },
    ],
  ])("is refused with %s", async (message, model) => {
    await expect(read(model)).rejects.toMatchObject(refused("model-unsupported", message));
  });

  it("reads a window as long as the context, and layers that all say the same", async () => {
    const heads: MetadataEntry = { list: "u32", values: [2, 2] };
    const metadata = { "llama.attention.sliding_window": 2048, "llama.attention.head_count_kv": heads };
    expect((await read({ metadata })).config.kvHeads).toBe(2);
  });

  it.each([1, 4, 65_536])("refuses version %i", async (version) => {
    const bytes = writeGguf({ ...tinyContent(), version });
    await expect(readGguf([open(bytes)], never)).rejects.toMatchObject({ code: "model-unsupported" });
  });
});

describe("what can't be", () => {
  const tokens = (count: number) => ({ list: "string" as const, values: Array.from({ length: count }, () => "t") });

  it.each<[string, TinyModel]>([
    ['"general.architecture" is missing', { metadata: { "general.architecture": undefined } }],
    ['"llama.block_count" is missing', { metadata: { "llama.block_count": undefined } }],
    ['"llama.block_count" can\'t be 0', { metadata: { "llama.block_count": 0 } }],
    ['"llama.block_count" can\'t be "two"', { metadata: { "llama.block_count": "two" } }],
    ['"llama.embedding_length" can\'t be 4294967295', { metadata: { "llama.embedding_length": 2 ** 32 - 1 } }],
    ["can't share", { metadata: { "llama.attention.head_count_kv": 3 } }],
    ['"llama.rope.freq_base" can\'t be 0', { metadata: { "llama.rope.freq_base": 0 } }],
    ['"blk.2.attn_norm.weight" is missing', { metadata: { "llama.block_count": 3 } }],
    ['"blk.1.ffn_up.weight" is missing', { tensors: { "blk.1.ffn_up.weight": undefined } }],
    ['"token_embd.weight" has 40 rows for 41 tokens', { metadata: { "tokenizer.ggml.tokens": tokens(41) } }],
    ['"tokenizer.ggml.tokens" can\'t be a list of 0', { metadata: { "tokenizer.ggml.tokens": tokens(0) } }],
    ['"tokenizer.ggml.tokens" is missing', { metadata: { "tokenizer.ggml.tokens": undefined } }],
    ['"general.alignment" is 33', { metadata: { "general.alignment": 33 } }],
    ['"general.alignment" is 0', { metadata: { "general.alignment": 0 } }],
    [
      "shape 256 × 99, not 256 × 128",
      { tensors: { "blk.0.attn_k.weight": tensorOf("blk.0.attn_k.weight", QUANTS.f32, [256, 99]) } },
    ],
  ])("is refused: %s", async (message, model) => {
    await expect(read(model)).rejects.toMatchObject(refused("model-invalid", message));
  });

  it.each<[string, (content: GgufContent) => GgufContent]>([
    ["overlap", (content) => ({ ...content, tensors: content.tensors.map((tensor) => ({ ...tensor, offset: 0 })) })],
    ["would end at byte", (content) => withOffset(content, 2 ** 40)],
    ["off its place", (content) => withOffset(content, 2n ** 64n - 32n)],
    ["off its place, at 33", (content) => withOffset(content, 33)],
    ["is there twice", (content) => ({ ...content, metadata: [...content.metadata, ["general.name", "again"]] })],
    ["is there twice", (content) => ({ ...content, tensors: [...content.tensors, ...content.tensors.slice(-1)] })],
  ])("is refused: %s", async (message, change) => {
    const bytes = writeGguf(change(tinyContent()));
    await expect(readGguf([open(bytes)], never)).rejects.toMatchObject(refused("model-invalid", message));
  });

  function withOffset(content: GgufContent, offset: number | bigint): GgufContent {
    return { ...content, tensors: content.tensors.map((tensor, i) => (i === 3 ? { ...tensor, offset } : tensor)) };
  }

  it("is another file", async () => {
    const other = open(new TextEncoder().encode("<!DOCTYPE html><html></html>"), "model.gguf");
    await expect(readGguf([other], never)).rejects.toMatchObject(refused("model-invalid", "no GGUF file"));
  });
});
