/** What is known of a model that is offered. Types and names only. */
import type { EngineName } from "../shared/engines";

/** What decides how much memory a model takes and how much of it a token reads. */
export interface ModelShape {
  readonly architecture: "llama" | "qwen2";
  readonly layers: number;
  /** Of the residual stream. */
  readonly width: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly feedForward: number;
  /** Rows of the embedding. */
  readonly vocabulary: number;
  /** Whether the embedding serves as the head too. */
  readonly isTied: boolean;
}

export const QUANTIZATIONS = ["q4f16_1", "q4f32_1", "q0f16", "q0f32", "q3f16_1"] as const;
export type Quantization = (typeof QUANTIZATIONS)[number];

export const STRENGTHS = ["chat", "code", "maths", "reasoning"] as const;
export type Strength = (typeof STRENGTHS)[number];

export interface Licence {
  /** As SPDX spells it, or its own name. */
  readonly name: string;
  readonly url: string;
  /** What it keeps people from that they might not expect. */
  readonly limits: string | null;
}

/** A model in one quantisation, as it is published. */
export interface ModelBuild {
  /** WebLLM's name of it. */
  readonly id: string;
  readonly quantization: Quantization;
  /** On Hugging Face. */
  readonly repository: string;
  /** WebLLM's compiled code for it. */
  readonly library: string;
  /** All files. An estimate is of the shape: what is downloaded is what the repository lists. */
  readonly download: { readonly bytes: number; readonly isEstimate: boolean };
  /** [bytes] What WebLLM says it takes on the GPU with the context below; known to be on the low side. */
  readonly webllmBytes: number;
  readonly engines: readonly EngineName[];
}

export interface CatalogueModel {
  /** "Qwen2.5-1.5B-Instruct" */
  readonly id: string;
  readonly family: string;
  readonly parameters: number;
  readonly shape: ModelShape;
  /** [tokens] It was made for. */
  readonly contextLength: number;
  readonly licence: Licence;
  /** By their codes, the best first. */
  readonly languages: readonly string[];
  readonly strengths: readonly Strength[];
  /** Whether it is a good answer to somebody who asks for nothing special. */
  readonly isGeneral: boolean;
  /** A plain line. */
  readonly description: string;
  readonly builds: readonly ModelBuild[];
}
