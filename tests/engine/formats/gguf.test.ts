import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../../src/engine/wgsl/formats/byte-source";
import { openFile } from "../../../src/engine/wgsl/formats/file-source";
import { readGguf } from "../../../src/engine/wgsl/formats/gguf";
import type { LayerTensors, MatrixTensor, ModelFile, VectorTensor } from "../../../src/engine/wgsl/formats/model-file";
import { bytesPerRow } from "../../../src/engine/wgsl/formats/repack";
import { readBytes } from "../../../src/engine/wgsl/formats/byte-source";
import { writeGguf, type MetadataEntry } from "../../helpers/gguf-writer";
import { refused } from "../../helpers/refused";
import { QUANTS, TINY, tensorOf, tinyContent, tinyGguf, type TinyModel } from "../../helpers/tiny-gguf";

const never = new AbortController().signal;

const open = (bytes: Uint8Array<ArrayBuffer>, name = "tiny.gguf"): ByteSource => openFile(new Blob([bytes]), name);
const read = (model: TinyModel = {}): Promise<ModelFile> => readGguf([open(tinyGguf(model))], never);

function allOf(layer: LayerTensors): (MatrixTensor | VectorTensor)[] {
  return [
    layer.attentionNorm,
    ...layer.qkv,
    ...layer.qkvBias,
    layer.attentionOutput,
    layer.feedForwardNorm,
    ...layer.gateUp,
    layer.down,
  ];
}

describe("a model", () => {
  it("of the Llama architecture", async () => {
    const model = await read();
    expect(model.config).toEqual({
      architecture: "llama",
      layers: 2,
      width: 256,
      heads: 4,
      kvHeads: 2,
      headDim: 64,
      feedForward: 512,
      vocabulary: 40,
      contextLength: 2048,
      rmsEpsilon: Math.fround(1e-5),
      rope: { base: 10_000, pairs: "adjacent", factors: undefined },
    });
    expect(model.name).toBe("Tiny");
    expect(model.tensors.layers).toHaveLength(2);
    const [layer] = model.tensors.layers;
    expect(layer?.qkv.map(({ name, rows, columns }) => [name, rows, columns])).toEqual([
      ["blk.0.attn_q.weight", 256, 256],
      ["blk.0.attn_k.weight", 128, 256],
      ["blk.0.attn_v.weight", 128, 256],
    ]);
    expect(layer?.qkvBias).toEqual([]);
    expect(layer?.down).toMatchObject({ rows: 256, columns: 512, type: "f32" });
    expect(model.tensors.head).toMatchObject({ name: "output.weight", rows: 40 });
    expect(model.sampling).toEqual({});
  });

  it("of the Qwen2 architecture, with biases, and the embedding for a head", async () => {
    const model = await read({ architecture: "qwen2", tied: true });
    expect(model.config.rope.pairs).toBe("halves");
    expect(model.tensors.head).toBeUndefined();
    expect(model.tensors.layers[1]?.qkvBias.map(({ name, length }) => [name, length])).toEqual([
      ["blk.1.attn_q.bias", 256],
      ["blk.1.attn_k.bias", 128],
      ["blk.1.attn_v.bias", 128],
    ]);
  });

  it("says where each tensor's bytes lie", async () => {
    const content = tinyContent();
    const marked = content.tensors.map((tensor, i) => ({
      ...tensor,
      data: new Uint8Array(tensor.data as number).fill(i + 1),
    }));
    const model = await readGguf([open(writeGguf({ ...content, tensors: marked }))], never);
    const marks = new Map(marked.map(({ name }, i) => [name, i + 1]));
    const { embedding, head, layers, outputNorm } = model.tensors;
    const all = [embedding, head, outputNorm, ...layers.flatMap(allOf)].filter((tensor) => tensor !== undefined);
    expect(all).toHaveLength(marked.length);
    for (const { name, data } of all) {
      const source = model.sources[data.source];
      if (!source) throw new Error("no source");
      const bytes = await readBytes(source, data.offset, data.offset + data.bytes, never);
      expect(
        bytes.every((byte) => byte === marks.get(name)),
        name,
      ).toBe(true);
    }
  });

  it.each(Object.keys(QUANTS) as (keyof typeof QUANTS)[])("with matrices of type %s", async (type) => {
    const model = await read({ matrixType: () => QUANTS[type] });
    const { embedding } = model.tensors;
    expect(embedding.type).toBe(type);
    expect(embedding.data.bytes).toBe(40 * bytesPerRow(type, 256));
  });

  it("with several types among one layer's matrices", async () => {
    const model = await read({ matrixType: (name) => (name.includes("attn_v") ? QUANTS.q6_k : QUANTS.q4_k) });
    expect(model.tensors.layers[0]?.qkv.map(({ type }) => type)).toEqual(["q4_k", "q4_k", "q6_k"]);
  });

  it("with more rows than tokens: the rest is left out", async () => {
    const padded = (name: string) => tensorOf(name, QUANTS.q8_0, [256, 64]);
    const tensors = Object.fromEntries(["token_embd.weight", "output.weight"].map((name) => [name, padded(name)]));
    const model = await read({ tensors });
    expect(model.config.vocabulary).toBe(40);
    expect(model.tensors.embedding).toMatchObject({ rows: 40, data: { bytes: 40 * 8 * 34 } });
    expect(model.tensors.head).toMatchObject({ rows: 40 });
  });

  it("with heads that together are not as wide as the model", async () => {
    const matrix = (name: string, columns: number, rows: number) => [name, tensorOf(name, QUANTS.f16, [columns, rows])];
    const tensors = Object.fromEntries(
      [0, 1].flatMap((i) => [
        matrix(`blk.${i}.attn_q.weight`, 256, 4 * 32),
        matrix(`blk.${i}.attn_k.weight`, 256, 2 * 32),
        matrix(`blk.${i}.attn_v.weight`, 256, 2 * 32),
        matrix(`blk.${i}.attn_output.weight`, 4 * 32, 256),
      ]),
    ) as NonNullable<TinyModel["tensors"]>;
    const lengths = { "llama.attention.key_length": 32, "llama.attention.value_length": 32 };
    const model = await read({ tensors, metadata: lengths });
    expect(model.config.headDim).toBe(32);
    expect(model.tensors.layers[0]?.attentionOutput).toMatchObject({ rows: 256, columns: 128 });
  });

  it("named after its file when it has no name", async () => {
    const bytes = tinyGguf({ metadata: { "general.name": undefined } });
    expect((await readGguf([open(bytes, "SmolLM2-Q4_0.gguf")], never)).name).toBe("SmolLM2-Q4_0");
    // Ollama's files are named after their hash.
    expect((await readGguf([open(bytes, "sha256-0123")], never)).name).toBe("sha256-0123");
  });

  it("with its tokenizer's metadata as it stands", async () => {
    const model = await read({ metadata: { "tokenizer.ggml.bos_token_id": 1, "tokenizer.chat_template": "{{ x }}" } });
    expect(model.tokenizer).toEqual({
      kind: "gguf",
      metadata: {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": Array.from({ length: TINY.tokens }, (_, i) => `t${i}`),
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.chat_template": "{{ x }}",
      },
    });
  });

  it("with its own sampling defaults, where they make sense", async () => {
    const f32 = (value: number): MetadataEntry => ({ type: "f32", value });
    const model = await read({
      metadata: {
        "general.sampling.temp": f32(0.5),
        "general.sampling.top_k": { type: "i32", value: 20 },
        "general.sampling.top_p": f32(0.75),
        "general.sampling.min_p": f32(NaN),
        "general.sampling.penalty_repeat": f32(-3),
      },
    });
    expect(model.sampling).toEqual({ temperature: 0.5, topK: 20, topP: 0.75 });
  });
});

describe("RoPE", () => {
  const freqs = (...values: number[]) => ({
    "rope_freqs.weight": {
      ...tensorOf("rope_freqs.weight", QUANTS.f32, [values.length]),
      data: new Uint8Array(new Float32Array(values).buffer),
    },
  });
  const halfHead = Array.from({ length: 32 }, (_, i) => 1 + i / 4);

  it("has the factors of rope_freqs.weight", async () => {
    const model = await read({ tensors: freqs(...halfHead) });
    expect(model.config.rope.factors).toEqual(Float32Array.from(halfHead));
  });

  it.each([
    { "llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": { type: "f32", value: 4 } },
    { "llama.rope.scaling.factor": { type: "f32", value: 4 } },
    { "llama.rope.scale_linear": { type: "f32", value: 4 } },
  ] as Record<string, MetadataEntry>[])("scales linearly: %j", async (metadata) => {
    const model = await read({ metadata });
    expect(model.config.rope.factors).toEqual(new Float32Array(32).fill(4));
  });

  it("scales the tensor's factors too", async () => {
    const metadata: Record<string, MetadataEntry> = { "llama.rope.scaling.factor": { type: "f32", value: 2 } };
    const model = await read({ metadata, tensors: freqs(...halfHead) });
    expect(model.config.rope.factors).toEqual(Float32Array.from(halfHead, (factor) => 2 * factor));
  });

  it.each(["yarn", "longrope", "llama9"])("of scaling type %s is refused", async (type) => {
    const metadata = { "llama.rope.scaling.type": type };
    await expect(read({ metadata })).rejects.toMatchObject(refused("model-unsupported", `"${type}"`));
  });

  it("is not scaled where the type says none", async () => {
    const metadata = { "llama.rope.scaling.type": "none", "llama.rope.scaling.factor": 4 };
    expect((await read({ metadata })).config.rope.factors).toBeUndefined();
  });

  it.each([0, -1, NaN, Infinity])("with a factor of %d is refused", async (factor) => {
    const tensors = freqs(...halfHead.with(3, factor));
    await expect(read({ tensors })).rejects.toMatchObject(refused("model-invalid", `"rope_freqs.weight" holds`));
  });
});
