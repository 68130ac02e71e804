/**
 * What a caller of the command line requires of an adapter: a feature (`shader-f16`) or a bound on a limit
 * (`maxStorageBufferBindingSize>=1GiB`). Pure.
 */
import { IngleError } from "../shared/errors";
import { formatBytes, formatNumber, GiB, KiB, MiB } from "../shared/units";
import { LIMITS } from "./limits";
import { type AdapterFacts, isKnown, valueOf, type Fact } from "./report";

const OPERATORS = {
  ">=": (a: number, b: number) => a >= b,
  "<=": (a: number, b: number) => a <= b,
  "==": (a: number, b: number) => a === b,
  ">": (a: number, b: number) => a > b,
  "<": (a: number, b: number) => a < b,
} as const;
type Operator = keyof typeof OPERATORS;

const UNITS = { "": 1, B: 1, KiB, MiB, GiB } as const;
type Unit = keyof typeof UNITS;

export type Requirement =
  | { readonly text: string; readonly feature: string }
  | { readonly text: string; readonly limit: string; readonly operator: Operator; readonly bound: number };

export interface RequirementOutcome {
  readonly requirement: Requirement;
  readonly holds: boolean;
  /** What the adapter has instead, in a few words: "this adapter has 128 MiB". */
  readonly found: string;
}

const FEATURE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const LIMIT =
  /^(?<limit>[A-Za-z][A-Za-z0-9]*)\s*(?<operator>>=|<=|==|>|<)\s*(?<number>\d+(?:\.\d+)?)\s*(?<unit>[A-Za-z]*)$/;

/** @throws IngleError "requirement-invalid", naming what is wrong with the text. */
export function parseRequirement(text: string): Requirement {
  const trimmed = text.trim();
  if (FEATURE.test(trimmed)) return { text: trimmed, feature: trimmed };

  const groups = LIMIT.exec(trimmed)?.groups;
  if (groups === undefined) {
    throw invalid(text, "it is neither a feature (shader-f16) nor a bound (maxBufferSize>=1GiB)");
  }
  const { limit = "", operator = "", number = "", unit = "" } = groups;
  const definition = Object.hasOwn(LIMITS, limit) ? LIMITS[limit] : undefined;
  if (definition === undefined) throw invalid(text, `WebGPU has no limit called ${limit}`);
  if (!Object.hasOwn(UNITS, unit)) throw invalid(text, `${unit} is none of the units B, KiB, MiB, GiB`);
  if (unit !== "" && definition.unit === "count") throw invalid(text, `${limit} is a count and takes no unit`);

  const bound = Number(number) * UNITS[unit as Unit];
  if (!Number.isSafeInteger(bound)) throw invalid(text, "its bound is not a whole number");
  return { text: trimmed, limit, operator: operator as Operator, bound };
}

function invalid(text: string, why: string): IngleError {
  return new IngleError("requirement-invalid", `Can't read the requirement "${text}": ${why}.`);
}

/** Whether an adapter meets a requirement. What is unknown does not hold. */
export function checkRequirement(requirement: Requirement, adapter: Fact<AdapterFacts>): RequirementOutcome {
  if (!isKnown(adapter)) return { requirement, holds: false, found: adapter.reason.message };
  if ("feature" in requirement) {
    const features = valueOf(adapter.value.features);
    if (features === undefined) return { requirement, holds: false, found: "this adapter's features are unknown" };
    const holds = features.includes(requirement.feature);
    return { requirement, holds, found: holds ? "present" : absent(requirement.feature) };
  }
  const { limit, operator, bound } = requirement;
  const value = valueOf(adapter.value.limits)?.[limit];
  if (value === undefined) return { requirement, holds: false, found: "this adapter does not state it" };
  return {
    requirement,
    holds: OPERATORS[operator](value, bound),
    found: `this adapter has ${write(limit, value, bound)}`,
  };
}

/** In bytes to the last where rounding would hide what it lacks: Chrome's limits lie 4 bytes below 2 and 4 GiB. */
function write(limit: string, value: number, bound: number): string {
  if (LIMITS[limit]?.unit !== "bytes") return formatNumber(value);
  const rounded = formatBytes(value);
  return value !== bound && rounded === formatBytes(bound) ? `${formatNumber(value)} B` : rounded;
}

/** A misspelt feature is absent from every adapter, which looks like a poor GPU: say that the name is strange. */
function absent(feature: string): string {
  const hint = FEATURES.has(feature)
    ? ""
    : " (nor does WebGPU's specification, as this version knows it: is it spelt right?)";
  return `this adapter does not have it${hint}`;
}

/** https://www.w3.org/TR/webgpu/#feature-index */
const FEATURES: ReadonlySet<string> = new Set([
  "bgra8unorm-storage",
  "clip-distances",
  "core-features-and-limits",
  "depth-clip-control",
  "depth32float-stencil8",
  "dual-source-blending",
  "float32-blendable",
  "float32-filterable",
  "indirect-first-instance",
  "primitive-index",
  "rg11b10ufloat-renderable",
  "shader-f16",
  "subgroups",
  "subgroup-size-control",
  "texture-component-swizzle",
  "texture-compression-astc",
  "texture-compression-astc-sliced-3d",
  "texture-compression-bc",
  "texture-compression-bc-sliced-3d",
  "texture-compression-etc2",
  "texture-formats-tier1",
  "texture-formats-tier2",
  "timestamp-query",
]);
