/**
 * What WebLLM's list does not say of its models, from their publishers' config.json and model cards. A model is taken
 * into the catalogue by having a line here.
 */
import type { CatalogueModel, Licence, ModelShape } from "../../src/catalogue/model-facts";

/** What is typed here; the rest is derived. */
export interface ModelFacts extends Omit<CatalogueModel, "id" | "parameters" | "builds"> {
  /** How WebLLM's names of it begin, before "-q4f16_1-MLC". */
  readonly id: string;
  /** [bytes] of tokenizer and configuration: rounded, from the published files. */
  readonly tokenizerBytes: number;
}

const APACHE = (url: string): Licence => ({ name: "Apache-2.0", url, limits: null });
const QWEN_RESEARCH = (url: string): Licence => ({
  name: "Qwen Research",
  url,
  limits: "Not for commercial use.",
});
const LLAMA = (version: "3.1" | "3.2"): Licence => ({
  name: `Llama ${version} Community`,
  url: `https://www.llama.com/llama${version.replace(".", "_")}/license/`,
  limits: 'Asks for "Built with Llama" where it is offered to others, and has a policy of acceptable use.',
});
const MIT = (url: string): Licence => ({ name: "MIT", url, limits: null });

const card = (repository: string) => `https://huggingface.co/${repository}`;
const licenceFile = (repository: string) => `${card(repository)}/blob/main/LICENSE`;

const QWEN_LANGUAGES = ["en", "zh", "fr", "es", "pt", "de", "it", "ru", "ja", "ko", "vi", "th", "ar"];
const LLAMA_LANGUAGES = ["en", "de", "fr", "it", "pt", "hi", "es", "th"];

type Numbers = Omit<ModelShape, "architecture" | "vocabulary" | "isTied">;
const qwen = (numbers: Numbers, isTied = true): ModelShape => ({
  architecture: "qwen2",
  ...numbers,
  vocabulary: isTied ? 151_936 : 152_064,
  isTied,
});
const llama = (numbers: Numbers, isTied = true): ModelShape => ({
  architecture: "llama",
  ...numbers,
  vocabulary: 128_256,
  isTied,
});
const smol = (numbers: Numbers): ModelShape => ({
  architecture: "llama",
  ...numbers,
  vocabulary: 49_152,
  isTied: true,
});

const QWEN_SHAPES = {
  "0.5B": qwen({ layers: 24, width: 896, heads: 14, kvHeads: 2, headDim: 64, feedForward: 4864 }),
  "1.5B": qwen({ layers: 28, width: 1536, heads: 12, kvHeads: 2, headDim: 128, feedForward: 8960 }),
  "3B": qwen({ layers: 36, width: 2048, heads: 16, kvHeads: 2, headDim: 128, feedForward: 11_008 }),
  "7B": qwen({ layers: 28, width: 3584, heads: 28, kvHeads: 4, headDim: 128, feedForward: 18_944 }, false),
} as const;
type QwenSize = keyof typeof QWEN_SHAPES;
const QWEN_SIZES = Object.keys(QWEN_SHAPES) as QwenSize[];

const LLAMA_8B = llama({ layers: 32, width: 4096, heads: 32, kvHeads: 8, headDim: 128, feedForward: 14_336 }, false);
const QWEN_TOKENIZER = 11_500_000;
const LLAMA_TOKENIZER = 9_100_000;
const SMOL_TOKENIZER = 3_500_000;

const QWEN_DESCRIPTIONS: Readonly<Record<QwenSize, string>> = {
  "0.5B": "Very small and quick; short answers and simple rewriting, often wrong about facts.",
  "1.5B": "A small all-rounder: chat, summaries and translation on modest devices.",
  "3B": "A good middle: follows instructions well and fits most laptops.",
  "7B": "The strongest all-rounder here that a good laptop or a gaming PC runs.",
};

function qwenModel(size: QwenSize): ModelFacts {
  const repository = `Qwen/Qwen2.5-${size}-Instruct`;
  return {
    id: `Qwen2.5-${size}-Instruct`,
    family: "Qwen2.5",
    shape: QWEN_SHAPES[size],
    contextLength: 32_768,
    licence: (size === "3B" ? QWEN_RESEARCH : APACHE)(licenceFile(repository)),
    languages: QWEN_LANGUAGES,
    strengths: size === "7B" ? ["chat", "code", "maths"] : ["chat"],
    isGeneral: true,
    description: QWEN_DESCRIPTIONS[size],
    tokenizerBytes: QWEN_TOKENIZER,
  };
}

function coderModel(size: QwenSize): ModelFacts {
  const repository = `Qwen/Qwen2.5-Coder-${size}-Instruct`;
  return {
    ...qwenModel(size),
    id: `Qwen2.5-Coder-${size}-Instruct`,
    family: "Qwen2.5-Coder",
    licence: (size === "3B" ? QWEN_RESEARCH : APACHE)(licenceFile(repository)),
    strengths: ["code"],
    isGeneral: false,
    description: `Made for writing, explaining and repairing code; ${size === "0.5B" ? "short pieces only" : size === "7B" ? "the best coder here" : "small enough to sit beside an editor"}.`,
  };
}

export const FACTS: readonly ModelFacts[] = [
  ...(
    [
      ["135M", { layers: 30, width: 576, heads: 9, kvHeads: 3, headDim: 64, feedForward: 1536 }],
      ["360M", { layers: 32, width: 960, heads: 15, kvHeads: 5, headDim: 64, feedForward: 2560 }],
      ["1.7B", { layers: 24, width: 2048, heads: 32, kvHeads: 32, headDim: 64, feedForward: 8192 }],
    ] as const
  ).map(([size, numbers]): ModelFacts => ({
    id: `SmolLM2-${size}-Instruct`,
    family: "SmolLM2",
    shape: smol(numbers),
    contextLength: 8192,
    licence: APACHE(card(`HuggingFaceTB/SmolLM2-${size}-Instruct`)),
    languages: ["en"],
    strengths: ["chat"],
    isGeneral: size !== "1.7B",
    description:
      size === "1.7B"
        ? "A small English all-rounder; its context takes much memory."
        : size === "360M"
          ? "Very small: simple conversation in English, not for facts."
          : "Tiny: a first taste in English, not for facts.",
    tokenizerBytes: SMOL_TOKENIZER,
  })),
  {
    id: "TinyLlama-1.1B-Chat-v1.0",
    family: "TinyLlama",
    shape: {
      architecture: "llama",
      layers: 22,
      width: 2048,
      heads: 32,
      kvHeads: 4,
      headDim: 64,
      feedForward: 5632,
      vocabulary: 32_000,
      isTied: false,
    },
    contextLength: 2048,
    licence: APACHE(card("TinyLlama/TinyLlama-1.1B-Chat-v1.0")),
    languages: ["en"],
    strengths: ["chat"],
    isGeneral: false,
    description: "An early small model, kept for comparison: newer ones of its size answer better.",
    tokenizerBytes: 2_400_000,
  },
  ...QWEN_SIZES.map(qwenModel),
  ...QWEN_SIZES.map(coderModel),
  {
    ...qwenModel("1.5B"),
    id: "Qwen2.5-Math-1.5B-Instruct",
    family: "Qwen2.5-Math",
    contextLength: 4096,
    licence: APACHE(licenceFile("Qwen/Qwen2.5-Math-1.5B-Instruct")),
    languages: ["en", "zh"],
    strengths: ["maths"],
    isGeneral: false,
    description: "Solves school and contest maths step by step; little else.",
  },
  ...(
    [
      ["1B", { layers: 16, width: 2048, heads: 32, kvHeads: 8, headDim: 64, feedForward: 8192 }],
      ["3B", { layers: 28, width: 3072, heads: 24, kvHeads: 8, headDim: 128, feedForward: 8192 }],
    ] as const
  ).map(([size, numbers]): ModelFacts => ({
    id: `Llama-3.2-${size}-Instruct`,
    family: "Llama 3.2",
    shape: llama(numbers),
    contextLength: 131_072,
    licence: LLAMA("3.2"),
    languages: LLAMA_LANGUAGES,
    strengths: ["chat"],
    isGeneral: true,
    description:
      size === "1B"
        ? "Small, with a friendly tone; summaries and simple questions."
        : "Writes well and keeps to its instructions; for laptops.",
    tokenizerBytes: LLAMA_TOKENIZER,
  })),
  {
    id: "Llama-3.1-8B-Instruct",
    family: "Llama 3.1",
    shape: LLAMA_8B,
    contextLength: 131_072,
    licence: LLAMA("3.1"),
    languages: LLAMA_LANGUAGES,
    strengths: ["chat", "code"],
    isGeneral: true,
    description: "A well-known all-rounder for machines with a large graphics memory.",
    tokenizerBytes: LLAMA_TOKENIZER,
  },
  {
    id: "Llama-3.1-70B-Instruct",
    family: "Llama 3.1",
    shape: llama({ layers: 80, width: 8192, heads: 64, kvHeads: 8, headDim: 128, feedForward: 28_672 }, false),
    contextLength: 131_072,
    licence: LLAMA("3.1"),
    languages: LLAMA_LANGUAGES,
    strengths: ["chat", "code", "maths"],
    isGeneral: true,
    description: "The largest here: only for machines with 40 GB of graphics memory or more.",
    tokenizerBytes: LLAMA_TOKENIZER,
  },
  {
    id: "DeepSeek-R1-Distill-Qwen-7B",
    family: "DeepSeek-R1",
    shape: QWEN_SHAPES["7B"],
    contextLength: 131_072,
    licence: MIT(card("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B")),
    languages: ["en", "zh"],
    strengths: ["reasoning", "maths", "code"],
    isGeneral: false,
    description: "Thinks aloud before it answers: strong at maths and logic, slow to the point.",
    tokenizerBytes: 7_000_000,
  },
  {
    id: "DeepSeek-R1-Distill-Llama-8B",
    family: "DeepSeek-R1",
    shape: LLAMA_8B,
    contextLength: 131_072,
    licence: {
      ...MIT(card("deepseek-ai/DeepSeek-R1-Distill-Llama-8B")),
      limits: "Made from Llama 3.1, whose licence applies as well.",
    },
    languages: ["en", "zh"],
    strengths: ["reasoning", "maths", "code"],
    isGeneral: false,
    description: "Thinks aloud before it answers; the larger of the two.",
    tokenizerBytes: LLAMA_TOKENIZER,
  },
];
