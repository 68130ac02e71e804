/** A request's sampling: completed from the model's defaults and Ingle's, and checked. */
import { IngleError } from "../../../shared/errors";
import type { Sampling } from "../../engine";

/** For models that say nothing: lively, and short of the tail where small models lose the thread. */
const DEFAULTS: Omit<Sampling, "seed"> = {
  temperature: 0.7,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
};

interface Range {
  readonly least: number;
  readonly most: number;
  readonly isWhole?: boolean;
}

export const SAMPLING_RANGES: Readonly<Record<keyof Sampling, Range>> = {
  temperature: { least: 0, most: 100 },
  topK: { least: 0, most: 2 ** 31, isWhole: true },
  topP: { least: 0, most: 1 },
  minP: { least: 0, most: 1 },
  repetitionPenalty: { least: 0.01, most: 100 },
  frequencyPenalty: { least: -100, most: 100 },
  presencePenalty: { least: -100, most: 100 },
  seed: { least: 0, most: 2 ** 32 - 1, isWhole: true },
};

/** @param own What the model's files say. */
export function samplingDefaults(own: Partial<Sampling>): Omit<Sampling, "seed"> {
  // A model that gives some of its settings was tuned with the others off.
  const rest = Object.keys(own).length === 0 ? DEFAULTS : { ...DEFAULTS, topK: 0, topP: 1, minP: 0 };
  return { ...rest, ...own };
}

/** @throws IngleError "request-invalid" naming the setting and its range. */
export function completeSampling(asked: Partial<Sampling>, defaults: Omit<Sampling, "seed">): Sampling {
  const given = Object.fromEntries(
    Object.entries<number | undefined>(asked).filter(([, value]) => value !== undefined),
  );
  const sampling = { seed: randomSeed(), ...defaults, ...given } as Sampling;
  for (const [name, { least, most, isWhole = false }] of Object.entries(SAMPLING_RANGES)) {
    const value: unknown = sampling[name as keyof Sampling];
    const fits = typeof value === "number" && value >= least && value <= most;
    if (fits && (!isWhole || Number.isInteger(value))) continue;
    throw new IngleError(
      "request-invalid",
      `${name} is ${String(value)}; it can be ${isWhole ? "a whole number " : ""}from ${least} to ${most}.`,
    );
  }
  return sampling;
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
