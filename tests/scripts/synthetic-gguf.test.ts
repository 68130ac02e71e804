import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gguf } from "@huggingface/gguf";
import { afterAll, describe, expect, it } from "vitest";
import { f16ToNumber } from "../../src/engine/wgsl/kernels/float16";
import { readJsonFixture } from "../fixtures/read-fixtures";
import { readOracle } from "../fixtures/oracle/read-oracle";
import { type SyntheticGguf, syntheticGguf } from "../../scripts/synthetic/gguf";
import { toF16 } from "../../scripts/synthetic/blocks";
import { type Mix, MIXES } from "../../scripts/synthetic/mixes";
import { type ShapeName, SHAPES } from "../../scripts/synthetic/shapes";
import { writeSyntheticGguf } from "../../scripts/synthetic/write";

const folder = mkdtempSync(join(tmpdir(), "ingle-synthetic-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TINY = ["synthetic-tiny-qwen2-q4_k_m", "synthetic-tiny-qwen2-all-types", "synthetic-tiny-llama-all-types"];
const ORACLES = ["synthetic-qwen2.5-0.5b", ...TINY];

interface Made {
  readonly shape: ShapeName;
  readonly mix: Mix;
  readonly seed: number;
}

function bytesOf(model: SyntheticGguf, from?: number, to?: number): Buffer {
  return Buffer.concat([...model.stream(from, to)]);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function typesIn(model: SyntheticGguf, name: RegExp): readonly string[] {
  return model.tensors.filter((tensor) => name.test(tensor.name)).map(({ type }) => type);
}

function made(oracle: string) {
  const { model } = readOracle(readJsonFixture(`oracle/${oracle}.json`));
  const { shape, mix, seed } = model.synthetic as Made;
  return { model, file: syntheticGguf(shape, { mix, seed }) };
}

describe("the file that an oracle is about", () => {
  it.each(ORACLES)("is made again, in the ranges that %s sampled", (oracle) => {
    const { model, file } = made(oracle);
    expect(file.size).toBe(model.bytes);
    for (const { offset, bytes, sha256: want } of model.samples ?? []) {
      expect(sha256(bytesOf(file, offset, offset + bytes)), `at ${offset}`).toBe(want);
    }
    expect(model.samples?.length).toBeGreaterThan(10);
  });

  it.each(TINY)("is made again whole: %s", (oracle) => {
    const { model, file } = made(oracle);
    expect(writeSyntheticGguf(join(folder, "whole.gguf"), file)).toBe(model.sha256);
  });
});

describe("a synthetic file", () => {
  const tiny = syntheticGguf("tiny-llama", { mix: "all-types" });
  const whole = bytesOf(tiny);

  it("comes in any range", () => {
    const edges = [0, 1, 31, 4097, ...tiny.tensors.flatMap(({ offset, bytes }) => [offset, offset + bytes]), tiny.size];
    for (const [i, from] of edges.entries()) {
      for (const to of [from, from + 1, from + 33, edges[i + 1] ?? from]) {
        expect(bytesOf(tiny, from, to).equals(whole.subarray(from, to)), `${from} to ${to}`).toBe(true);
      }
    }
    expect(whole.length).toBe(tiny.size);
  });

  it("differs with the seed, in its weights only", () => {
    const other = bytesOf(syntheticGguf("tiny-llama", { mix: "all-types", seed: 2 }));
    const start = tiny.tensors[0]?.offset ?? 0;
    expect(other.subarray(0, start).equals(whole.subarray(0, start))).toBe(true);
    expect(other.subarray(start).equals(whole.subarray(start))).toBe(false);
  });

  it("reads as its shape says, by Hugging Face's reader", async () => {
    const path = join(folder, "read.gguf");
    writeSyntheticGguf(path, tiny);
    const { metadata, tensorInfos, tensorDataOffset } = await gguf(path, { allowLocalFile: true });
    expect(metadata).toMatchObject({
      "general.architecture": "llama",
      "llama.embedding_length": SHAPES["tiny-llama"].width,
      "llama.attention.head_count_kv": SHAPES["tiny-llama"].kvHeads,
      "tokenizer.ggml.model": "gpt2",
    });
    expect(metadata).toHaveProperty(["tokenizer.ggml.tokens", "length"], SHAPES["tiny-llama"].vocabulary);
    expect(tensorInfos.map((info) => [info.name, Number(tensorDataOffset) + Number(info.offset)])).toEqual(
      tiny.tensors.map(({ name, offset }) => [name, offset]),
    );
    expect(new Set(tiny.tensors.map(({ type }) => type)).size).toBe(11);
  });

  it.each(MIXES)("can be had in %s, each tensor a whole number of blocks", (mix) => {
    for (const shape of ["qwen2.5-0.5b", "smollm2-135m", "tiny-qwen2", "tiny-llama"] as const) {
      for (const { name, bytes } of syntheticGguf(shape, { mix }).tensors) {
        expect(Number.isInteger(bytes), `${shape} ${name}`).toBe(true);
      }
    }
  });
});

describe("q4_k_m of Qwen2.5-0.5B", () => {
  const qwen = syntheticGguf("qwen2.5-0.5b", { mix: "q4_k_m" });
  const moreBits = [0, 1, 2, 5, 8, 11, 14, 17, 20, 21, 22, 23];

  it("has llama.cpp's types", () => {
    expect(typesIn(qwen, /token_embd/)).toEqual(["q8_0"]);
    expect(new Set(typesIn(qwen, /(attn_[qk]|attn_output|ffn_gate|ffn_up)\.weight/))).toEqual(new Set(["q5_0"]));
    for (const [name, usual, more] of [
      ["ffn_down", "q4_k", "q6_k"],
      ["attn_v", "q5_0", "q8_0"],
    ] as const) {
      expect(typesIn(qwen, new RegExp(`${name}.weight`))).toEqual(
        Array.from({ length: 24 }, (_, layer) => (moreBits.includes(layer) ? more : usual)),
      );
    }
    expect(new Set(typesIn(qwen, /norm|bias/))).toEqual(new Set(["f32"]));
  });

  it("keeps six bits for the down projection and the values of half the layers, where rows allow", () => {
    const larger = syntheticGguf("qwen2.5-1.5b", { mix: "q4_k_m" });
    expect(new Set(larger.tensors.map(({ type }) => type))).toEqual(new Set(["q4_k", "q6_k", "f32"]));
    expect(typesIn(larger, /token_embd/)).toEqual(["q6_k"]);
  });
});

describe("toF16", () => {
  it("gives back every positive number that an f16 can be", () => {
    const changed = Array.from({ length: 0x7800 }, (_, bits) => bits).filter(
      (bits) => toF16(f16ToNumber(bits)) !== bits,
    );
    expect(changed).toEqual([]);
    expect(toF16(-f16ToNumber(77))).toBe(0x8000 | 77);
    expect(toF16((f16ToNumber(77) * 3 + f16ToNumber(78)) / 4)).toBe(77);
  });
});

describe.each(["smollm2-135m", ...ORACLES])("the oracle %s", (name) => {
  const oracle = readOracle(readJsonFixture(`oracle/${name}.json`));

  it("is whole, and agrees with itself", () => {
    expect(oracle.prompts.length).toBeGreaterThanOrEqual(4);
    expect(oracle.trace.layers.length).toBeGreaterThan(2);
    for (const prompt of oracle.prompts) {
      expect(prompt.greedy).toHaveLength(oracle.steps);
      expect(Math.min(...prompt.tokens, ...prompt.greedy)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...prompt.tokens, ...prompt.greedy)).toBeLessThan(oracle.model.vocabulary);
      for (const [index, token] of prompt.greedy.entries()) {
        const step = prompt.step(index);
        expect(step.topIds[0]).toBe(token);
        expect(step.topLogits[0]).toBe(step.max);
        expect([...step.topLogits]).toEqual([...step.topLogits].sort((a, b) => b - a));
        expect(step.probeLogits).toHaveLength(oracle.probeIds.length);
        for (const logit of step.probeLogits) expect(logit >= step.min && logit <= step.max).toBe(true);
        expect(step.gap).toBeGreaterThan(10 * prompt.float32Error.rms);
      }
      expect(prompt.fullLogits).toHaveLength(oracle.fullSteps);
      for (const [index, logits] of prompt.fullLogits.entries()) {
        expect(oracle.probeIds.map((id) => logits[id])).toEqual([...prompt.step(index).probeLogits]);
      }
    }
  });

  it("is not about nothing: logits spread, and several tokens are answered", () => {
    const answered = new Set(oracle.prompts.flatMap(({ greedy }) => greedy));
    expect(answered.size).toBeGreaterThan(10);
    for (const { spread, float32Error } of oracle.prompts) {
      expect(spread).toBeGreaterThan(1);
      expect(float32Error.max).toBeGreaterThan(0);
      expect(float32Error.max).toBeLessThan(spread / 1000);
    }
  });
});
