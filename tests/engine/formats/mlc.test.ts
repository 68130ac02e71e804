import { describe, expect, it } from "vitest";
import { openFile } from "../../../src/engine/wgsl/formats/file-source";
import { readMlc, type OpenByName } from "../../../src/engine/wgsl/formats/mlc";
import type { ModelFile } from "../../../src/engine/wgsl/formats/model-file";
import { IngleError } from "../../../src/shared/errors";
import { refused } from "../../helpers/refused";
import { TINY_MLC, tinyMlc, type MlcTensor, type TinyMlc } from "../../helpers/tiny-mlc";

const never = new AbortController().signal;

function opener(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, asked: string[] = []): OpenByName {
  return (name) => {
    asked.push(name);
    const bytes = files.get(name);
    if (bytes) return Promise.resolve(openFile(new Blob([bytes]), name));
    return Promise.reject(new IngleError("source-failed", `${name}: the server answered 404`));
  };
}

const read = (model: TinyMlc = {}): Promise<ModelFile> => readMlc(opener(tinyMlc(model)), never);

const instead =
  (name: string, change: Partial<MlcTensor> | undefined) =>
  (record: MlcTensor): MlcTensor | undefined =>
    record.name === name ? change && { ...record, ...change } : record;

describe("a model", () => {
  it("of the Llama architecture", async () => {
    const model = await read();
    expect(model.config).toEqual({
      architecture: "llama",
      layers: 2,
      width: 128,
      heads: 4,
      kvHeads: 2,
      headDim: 32,
      feedForward: 192,
      vocabulary: 45,
      contextLength: 8192,
      rmsEpsilon: 1e-6,
      rope: { base: 500_000, pairs: "halves", factors: undefined },
    });
    const [layer] = model.tensors.layers;
    expect(layer?.qkv).toMatchObject([
      {
        name: "model.layers.0.self_attn.qkv_proj.q_weight",
        type: "mlc_q4_f16",
        rows: 256,
        columns: 128,
        data: { bytes: 256 * 64 },
        scales: { bytes: 256 * 4 * 2 },
      },
    ]);
    expect(layer?.qkvBias).toEqual([]);
    expect(layer?.gateUp).toMatchObject([{ rows: 384, columns: 128 }]);
    expect(model.sampling).toEqual({
      temperature: 0.6,
      topP: 0.9,
      presencePenalty: 0,
      frequencyPenalty: 0,
      repetitionPenalty: 1.1,
    });
  });

  it("of the Qwen2 architecture, with biases, and the embedding for a head", async () => {
    const model = await read({ architecture: "qwen2", tied: true });
    expect(model.config.rope).toEqual({ base: 1_000_000, pairs: "halves", factors: undefined });
    expect(model.tensors.head).toBeUndefined();
    expect(model.tensors.layers[1]?.qkv[0]?.name).toBe("model.layers.1.self_attn.c_attn.q_weight");
    expect(model.tensors.layers[1]?.qkvBias).toMatchObject([{ length: 256, type: "f16", data: { bytes: 512 } }]);
  });

  it.each([
    [{ quantization: "q4f16_1" }, "mlc_q4_f16", "f16"],
    [{ quantization: "q4f32_1" }, "mlc_q4_bf16", "bf16"],
    [{ quantization: "q4f32_1", rawFloat32: true }, "mlc_q4_f32", "f32"],
    [{ quantization: "q0f16" }, "f16", "f16"],
    [{ quantization: "q0f32" }, "bf16", "bf16"],
    [{ quantization: "q0f32", rawFloat32: true }, "f32", "f32"],
  ] as const)("quantised as %j", async (model, matrixType, vectorType) => {
    const { tensors } = await read(model);
    expect(tensors.layers[0]?.down.type).toBe(matrixType);
    expect(tensors.outputNorm.type).toBe(vectorType);
  });

  it("without the rows that are no tokens", async () => {
    const { tensors } = await read();
    const half = { rows: TINY_MLC.tokens, data: { bytes: 45 * 64 }, scales: { bytes: 45 * 4 * 2 } };
    expect(tensors.embedding).toMatchObject(half);
    expect(tensors.head).toMatchObject(half);
  });

  it("with its tokenizer's files, and the ids its configuration has from generation_config.json", async () => {
    const { tokenizer } = await read();
    expect(tokenizer).toMatchObject({
      kind: "json",
      tokenizer: { added_tokens: [{ id: 44 }] },
      config: { chat_template: "{{ messages }}" },
      generation: { bos_token_id: 1, eos_token_id: [2, 3] },
    });
  });

  it("with the manifest's older name", async () => {
    const files = tinyMlc();
    const manifest = files.get("tensor-cache.json") ?? new Uint8Array();
    files.delete("tensor-cache.json");
    files.set("ndarray-cache.json", manifest);
    expect((await readMlc(opener(files), never, "Tiny")).name).toBe("Tiny");
  });

  it("asks for what its files name, and nothing else", async () => {
    const files = tinyMlc();
    const asked: string[] = [];
    await readMlc(opener(files, asked), never);
    expect(new Set(asked)).toEqual(new Set(files.keys()));
  });
});

describe("RoPE", () => {
  it("is scaled as Llama 3.2's, by the factors of transformers 5.23 (ROPE_INIT_FUNCTIONS)", async () => {
    const scaling = {
      factor: 32,
      high_freq_factor: 4,
      low_freq_factor: 1,
      original_max_position_embeddings: 8192,
      rope_type: "llama3",
    };
    // Every other of the 32 of 64 dimensions a head: the model here has 32 dimensions, and 16 factors.
    const wanted = [1, 1, 1, 1, 1, 1, 1, 1, 3.29226, 32, 32, 32, 32, 32, 32, 32];
    const { config } = await read({ modelConfig: { rope_scaling: scaling } });
    expect(config.rope.factors).toHaveLength(16);
    for (const [i, factor] of config.rope.factors?.entries() ?? []) expect(factor).toBeCloseTo(wanted[i] ?? NaN, 4);
  });

  it.each([
    [{ rope_type: "linear", factor: 4 }, 4],
    [{ type: "linear", factor: 2 }, 2],
    [{ rope_type: "default" }, undefined],
    [null, undefined],
  ])("is scaled by %j", async (scaling, factor) => {
    const { config } = await read({ modelConfig: { rope_scaling: scaling } });
    expect(config.rope.factors).toEqual(factor === undefined ? undefined : new Float32Array(16).fill(factor));
  });
});

describe("what this engine does not run", () => {
  it.each<[string, TinyMlc]>([
    ['"gemma2"', { config: { model_type: "gemma2" } }],
    ['"q3f16_1"', { config: { quantization: "q3f16_1" } }],
    ['"q4f16_0"', { config: { quantization: "q4f16_0" } }],
    ['"yarn"', { modelConfig: { rope_scaling: { rope_type: "yarn", factor: 4 } } }],
    ['"gelu"', { modelConfig: { hidden_act: "gelu" } }],
    ["sliding window", { modelConfig: { sliding_window_size: 1024 } }],
    ["no tokenizer.json", { config: { tokenizer_files: ["tokenizer.model"] } }],
    ['unknown use, "lm_head.bias"', { more: [{ name: "lm_head.bias", shape: [48], dtype: "float16", nbytes: 96 }] }],
  ])("is refused with %s", async (message, model) => {
    await expect(read(model)).rejects.toMatchObject(refused("model-unsupported", message));
  });
});

describe("what can't be", () => {
  const norm = "model.norm.weight";
  const quants = "model.embed_tokens.q_weight";

  it.each<[string, TinyMlc]>([
    ['"model_config.hidden_size" can\'t be -1', { modelConfig: { hidden_size: -1 } }],
    ['"model_config.hidden_size" can\'t be 1e+300', { modelConfig: { hidden_size: 1e300 } }],
    ['"model_config.num_hidden_layers" can\'t be "2"', { modelConfig: { num_hidden_layers: "2" } }],
    ['"model_config.rms_norm_eps" can\'t be null', { modelConfig: { rms_norm_eps: null } }],
    ['"model_config" can\'t be "none"', { config: { model_config: "none" } }],
    ['"model_config.hidden_size" is missing', { config: { model_config: {} } }],
    ["can't share", { modelConfig: { num_key_value_heads: 3 } }],
    ["context_window_size", { modelConfig: { context_window_size: 2 ** 31 } }],
    ["rope_scaling.low_freq_factor", { modelConfig: { rope_scaling: { rope_type: "llama3", factor: 8 } } }],
    [`"${norm}" is missing`, { change: instead(norm, undefined) }],
    [`"${norm}" has the shape 64, not 128`, { change: instead(norm, { shape: [64], nbytes: 128 }) }],
    [`"${norm}" can't be "float16" of 128 in 512 bytes`, { change: instead(norm, { nbytes: 512 }) }],
    [`"${norm}" can't be "uint8" of 128`, { change: instead(norm, { dtype: "uint8" }) }],
    [`"${quants}" can't be "int32"`, { change: instead(quants, { dtype: "int32" }) }],
    ["has 47 rows for 48 tokens", { change: instead(quants, { shape: [47, 16] }) }],
    ["is there twice", { change: instead(norm, { name: quants }) }],
    ['"records.0.records.0.shape.0" can\'t be 0', { change: instead(quants, { shape: [0, 16] }) }],
    [".shape\" can't be a list of 5", { change: instead(quants, { shape: [1, 1, 1, 1, 1] }) }],
  ])("is refused: %s", async (message, model) => {
    await expect(read(model)).rejects.toMatchObject(refused("model-invalid", message));
  });

  const altered = (name: string, change: (text: string) => string | Uint8Array<ArrayBuffer>) => {
    const files = tinyMlc();
    const text = new TextDecoder().decode(files.get(name));
    const changed = change(text);
    files.set(name, typeof changed === "string" ? new TextEncoder().encode(changed) : changed);
    return readMlc(opener(files), never);
  };

  it.each<[string, string, (text: string) => string | Uint8Array<ArrayBuffer>]>([
    ["tensor-cache.json: it is no JSON", "tensor-cache.json", (text) => text.slice(0, -1)],
    ["tokenizer.json: it is nested over 64 deep", "tokenizer.json", () => "[".repeat(1_000_000)],
    ["tokenizer.json: it has over", "tokenizer.json", () => `[${"0,".repeat(5_000_000)}0]`],
    ["mlc-chat-config.json: it has 2 MiB", "mlc-chat-config.json", (text) => text.padEnd(2 ** 21)],
    ["it is no JSON", "mlc-chat-config.json", () => Uint8Array.of(0x22, 0xff, 0x22)],
    ["params_shard_1.bin: it has 1 bytes", "params_shard_1.bin", () => new Uint8Array(1)],
    ["overlap", "tensor-cache.json", (text) => text.replaceAll(/"byteOffset":\d+/g, '"byteOffset":0')],
    ["would end at byte", "tensor-cache.json", (text) => text.replace('"byteOffset":0', '"byteOffset":9000000')],
    ["dataPath\" can't be", "tensor-cache.json", (text) => text.replace("params_shard_0", "../params_shard_0")],
    ["dataPath\" can't be", "tensor-cache.json", (text) => text.replace("params_shard_0", "//a.test/params_shard_0")],
  ])("is refused: %s", async (message, name, change) => {
    await expect(altered(name, change)).rejects.toMatchObject(refused("model-invalid", message));
  });

  it("is a folder without one of its shards", async () => {
    const files = tinyMlc();
    files.delete("params_shard_1.bin");
    const read1 = readMlc(opener(files), never);
    await expect(read1).rejects.toMatchObject(refused("source-failed", "params_shard_1.bin"));
  });
});
