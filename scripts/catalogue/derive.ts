/** Puts WebLLM's own list and the facts it lacks together. */
import type { ModelRecord } from "@mlc-ai/web-llm";
import {
  QUANTIZATIONS,
  type CatalogueModel,
  type ModelBuild,
  type Quantization,
} from "../../src/catalogue/model-facts";
import { countParameters, weightFileBytes } from "../../src/catalogue/memory";
import { FACTS, type ModelFacts } from "./facts";

const HUGGING_FACE = "https://huggingface.co/";
/** Configuration, manifest and WebLLM's compiled code. */
const OTHER_FILES_BYTES = 6_000_000;

/** @throws where a model has no build in the list: a name changed, or it was taken out. */
export function deriveCatalogue(list: readonly ModelRecord[]): CatalogueModel[] {
  return FACTS.map((facts) => {
    const { tokenizerBytes, ...known } = facts;
    const builds = list.flatMap((record) => buildOf(record, facts, tokenizerBytes) ?? []);
    if (builds.length === 0) throw new Error(`WebLLM's list has no ${facts.id}.`);
    return { ...known, parameters: countParameters(facts.shape), builds };
  }).sort((a, b) => a.parameters - b.parameters);
}

function buildOf(record: ModelRecord, { id, shape }: ModelFacts, tokenizerBytes: number): ModelBuild | undefined {
  const { model_id, model, model_lib, vram_required_MB } = record;
  // Those that end with "-1k" are the same files with a smaller context, which is a setting here.
  const quantization = QUANTIZATIONS.find((each) => model_id === `${id}-${each}-MLC`);
  if (quantization === undefined) return undefined;
  if (!model.startsWith(HUGGING_FACE)) throw new Error(`${model_id} is not on Hugging Face: ${model}`);
  const bytes = weightFileBytes(shape, quantization) + tokenizerBytes + OTHER_FILES_BYTES;
  return {
    id: model_id,
    quantization,
    repository: model.slice(HUGGING_FACE.length),
    library: model_lib,
    download: { bytes: roundUp(bytes), isEstimate: true },
    webllmBytes: Math.round((vram_required_MB ?? 0) * 1e6),
    engines: isOurs(quantization) ? ["webllm", "wgsl"] : ["webllm"],
  };
}

/** q3f16_1 is WebLLM's alone. */
const isOurs = (quantization: Quantization) => quantization !== "q3f16_1";

/** An estimate has no business being exact to the byte. */
const roundUp = (bytes: number) => Math.ceil(bytes / 1e6) * 1e6;
