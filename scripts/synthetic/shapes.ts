/** What synthetic models there are: real models' exact dimensions, and two tiny ones. Data only. */
import type { ModelConfig } from "../../src/engine/wgsl/formats/model-file";

export interface Shape extends Omit<ModelConfig, "rope"> {
  /** The embedding serves as the head. */
  readonly tied: boolean;
  readonly ropeBase: number;
  /** Llama 3's stretched frequencies, as the tensor rope_freqs.weight: [headDim / 2] divisors. */
  readonly ropeFactors?: readonly number[];
  /** llama.cpp's name for how text is split before BPE. */
  readonly split: "qwen2" | "llama-bpe" | "smollm";
  /** Ids of control tokens, where the real model has them. */
  readonly control: Readonly<Record<string, number>>;
  readonly begin?: number;
  readonly end: number;
}

/**
 * factor 32, low 1, high 4, original context 8192, base 500,000, head dimension 64, in float32. Written out, because
 * Math.pow and Math.cos may differ between browsers and the file may not.
 */
const LLAMA3_FACTORS: readonly number[] = [
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1.6513292789459229, 3.292262077331543, 9.666728973388672, 32, 32, 32, 32,
  32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
];

const qwen2 = (vocabulary: number, firstControl: number) =>
  ({
    architecture: "qwen2",
    vocabulary,
    ropeBase: 1e6,
    rmsEpsilon: 1e-6,
    split: "qwen2",
    control: { "<|endoftext|>": firstControl, "<|im_start|>": firstControl + 1, "<|im_end|>": firstControl + 2 },
    begin: firstControl,
    end: firstControl + 2,
  }) as const;

const llama3 = (vocabulary: number, firstControl: number) =>
  ({
    architecture: "llama",
    vocabulary,
    ropeBase: 5e5,
    rmsEpsilon: 1e-5,
    ropeFactors: LLAMA3_FACTORS,
    split: "llama-bpe",
    control: {
      "<|begin_of_text|>": firstControl,
      "<|end_of_text|>": firstControl + 1,
      "<|start_header_id|>": firstControl + 6,
      "<|end_header_id|>": firstControl + 7,
      "<|eot_id|>": firstControl + 9,
    },
    begin: firstControl,
    end: firstControl + 9,
  }) as const;

const qwen05b = {
  ...qwen2(151_936, 151_643),
  layers: 24,
  width: 896,
  heads: 14,
  kvHeads: 2,
  headDim: 64,
  feedForward: 4864,
  tied: true,
  contextLength: 32_768,
} as const;

const llama1b = {
  ...llama3(128_256, 128_000),
  layers: 16,
  width: 2048,
  heads: 32,
  kvHeads: 8,
  headDim: 64,
  feedForward: 8192,
  tied: true,
  contextLength: 131_072,
} as const;

export const SHAPES = {
  "qwen2.5-0.5b": qwen05b,
  "qwen2.5-1.5b": { ...qwen05b, layers: 28, width: 1536, heads: 12, headDim: 128, feedForward: 8960 },
  "llama-3.2-1b": llama1b,
  /** What Llama 3.2 1B would be with a head of its own. */
  "llama-3.2-1b-untied": { ...llama1b, tied: false },
  "smollm2-135m": {
    architecture: "llama",
    layers: 30,
    width: 576,
    heads: 9,
    kvHeads: 3,
    headDim: 64,
    feedForward: 1536,
    vocabulary: 49_152,
    tied: true,
    contextLength: 8192,
    ropeBase: 1e5,
    rmsEpsilon: 1e-5,
    split: "smollm",
    control: { "<|endoftext|>": 0, "<|im_start|>": 1, "<|im_end|>": 2 },
    begin: 1,
    end: 2,
  },
  /** A vocabulary that divides by nothing; rows of `ffn_down` that hold no whole K-quant block. */
  "tiny-qwen2": {
    ...qwen2(1003, 1000),
    layers: 2,
    width: 256,
    heads: 4,
    kvHeads: 2,
    headDim: 64,
    feedForward: 544,
    tied: true,
    contextLength: 2048,
  },
  "tiny-llama": {
    ...llama3(1003, 993),
    layers: 2,
    width: 256,
    heads: 4,
    kvHeads: 1,
    headDim: 64,
    feedForward: 768,
    tied: false,
    contextLength: 16_384,
  },
} as const satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;
