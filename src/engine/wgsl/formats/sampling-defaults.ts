/** A model's own sampling defaults: what makes no sense is left out, for no model is refused for a bad default. */
import { BOUNDS, type Bound } from "./check-config";
import type { SamplingDefaults } from "./model-file";

const RANGES: Readonly<Record<keyof SamplingDefaults, Bound>> = {
  temperature: { least: 0, most: 10 },
  topK: { least: 0, most: BOUNDS.vocabulary.most },
  topP: { least: 0, most: 1 },
  minP: { least: 0, most: 1 },
  repetitionPenalty: { least: 0.01, most: 10 },
  frequencyPenalty: { least: -2, most: 2 },
  presencePenalty: { least: -2, most: 2 },
};

const NAMES = Object.keys(RANGES) as (keyof SamplingDefaults)[];

/** @param claimed as the file has them, of any type. */
export function sensibleDefaults(
  claimed: Readonly<Partial<Record<keyof SamplingDefaults, unknown>>>,
): Partial<SamplingDefaults> {
  const sensible = NAMES.flatMap((name) => {
    const value = claimed[name];
    const { least, most } = RANGES[name];
    const isWhole = name !== "topK" || Number.isInteger(value);
    return typeof value === "number" && value >= least && value <= most && isWhole ? [[name, value] as const] : [];
  });
  return Object.fromEntries(sensible);
}
