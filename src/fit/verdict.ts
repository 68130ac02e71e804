/** Whether one build runs on a device, with every reason as a sentence. Pure. */
import type { CatalogueModel, ModelBuild } from "../catalogue/model-facts";
import { ENGINE_NAMES, type ENGINE_CHOICES, type EngineName } from "../shared/engines";
import { formatBytes, formatNumber } from "../shared/units";
import type { MemoryBudget } from "./budget";
import type { FitDevice, FitLimit } from "./device";
import { limitsFor, needsOf, predictSpeed, type NeededBytes } from "./needs";

export const STATES = ["fits", "tight", "unknown", "does-not-fit"] as const;
/** "unknown": until it is rehearsed. */
export type FitState = (typeof STATES)[number];

export interface FitSettings {
  /** [tokens] */
  readonly contextLength: number;
  /** [tokens/s] What a person reads at, and a little more. */
  readonly wishedSpeed: number;
  readonly engine: (typeof ENGINE_CHOICES)[number];
  /** [tokens/s] As it was measured here; 0 where it was tried and did not run. */
  readonly measuredSpeed?: (build: string, engine: EngineName) => number | undefined;
  /** Builds that are stored already, and need no room on the disk; with or without WebLLM's library. */
  readonly stored?: ReadonlyMap<string, { readonly hasLibrary: boolean }>;
}

export const DEFAULT_SETTINGS: FitSettings = { contextLength: 4096, wishedSpeed: 8, engine: "auto" };

/** One build with one engine. */
export interface EngineVerdict {
  readonly build: ModelBuild;
  readonly engine: EngineName;
  readonly state: FitState;
  /** Each a sentence with its numbers; what decides comes first. */
  readonly reasons: readonly string[];
  /** How many of them keep it from running. */
  readonly obstacles: number;
  /** Whether all that does is what a rehearsal found: another program may have had the memory then. */
  readonly canRetry: boolean;
  readonly contextLength: number;
  readonly bytes: NeededBytes;
  readonly speed: { readonly tokensPerSecond: number; readonly isMeasured: boolean } | undefined;
}

/** One build with the engine that is to run it. */
export interface BuildVerdict extends EngineVerdict {
  /** Why that engine: a sentence. */
  readonly engineReason: string;
  /** All that could run it here. */
  readonly engines: readonly EngineName[];
}

/** What is left free where a model fits: for the browser, the desktop, and what an estimate misses. */
const ROOM = 0.8;

type LimitSentence = (needed: string, allowed: string, engine: EngineName) => string;

const LIMIT_NAMES: Readonly<Record<FitLimit, LimitSentence>> = {
  maxBufferSize: (needed, allowed, engine) =>
    engine === "webllm"
      ? `WebLLM would get buffers of ${allowed} here; it needs ${needed}.`
      : `Needs one buffer of ${needed}; this adapter allows ${allowed}.`,
  maxStorageBufferBindingSize: (needed, allowed, engine) =>
    engine === "webllm"
      ? `WebLLM would get bindings of ${allowed} here; it needs ${needed}.`
      : `Needs one binding of ${needed}; this adapter allows ${allowed}.`,
  maxStorageBuffersPerShaderStage: (needed, allowed) =>
    `WebLLM needs ${needed} storage buffers in a shader; this adapter allows ${allowed}.`,
  maxComputeWorkgroupStorageSize: (needed, allowed) =>
    `WebLLM needs ${needed} of workgroup memory; this adapter allows ${allowed}.`,
};

export function judgeBuild(
  model: CatalogueModel,
  build: ModelBuild,
  engine: EngineName,
  device: FitDevice,
  budget: MemoryBudget,
  settings: FitSettings,
): EngineVerdict {
  const needs = needsOf(model, build, engine, settings.contextLength);
  const limits = limitsFor(engine, device);
  const measured = settings.measuredSpeed?.(build.id, engine);
  const predicted = predictSpeed(needs, device);
  const speed =
    measured !== undefined && measured > 0
      ? { tokensPerSecond: measured, isMeasured: true }
      : predicted === undefined
        ? undefined
        : { tokensPerSecond: predicted, isMeasured: false };
  const blocked = [
    ...(device.hasWebGpu ? [] : ["This browser gives no GPU to compute on."]),
    ...(needs.needsF16 && !device.hasF16
      ? ["WebLLM's build of it computes in 16 bits; this adapter has no shader-f16."]
      : []),
    ...(Object.entries(needs.limits) as [FitLimit, number][]).flatMap(([name, needed]) => {
      const allowed = limits[name];
      return needed <= allowed
        ? []
        : [LIMIT_NAMES[name](formatLimit(name, needed), formatLimit(name, allowed), engine)];
    }),
    ...diskReason(build, device, settings),
    ...(measured === 0 ? [`${ENGINE_NAMES[engine]} was tried here and did not run it.`] : []),
  ];
  const memory = judgeMemory(needs.bytes.total, budget);
  return {
    build,
    engine,
    state: blocked.length > 0 ? "does-not-fit" : memory.state,
    reasons: [
      // Too little memory is too little with any browser and driver.
      ...(memory.state === "does-not-fit" ? [memory.reason, ...blocked] : [...blocked, memory.reason]),
      ...speedReason(speed, settings),
    ],
    obstacles: blocked.length + Number(memory.state === "does-not-fit"),
    canRetry: blocked.length === 0 && memory.state === "does-not-fit" && budget.source === "rehearsed",
    contextLength: needs.contextLength,
    bytes: needs.bytes,
    speed,
  };
}

function judgeMemory(
  needed: number,
  { bytes, isLimit, proven = 0 }: MemoryBudget,
): { state: FitState; reason: string } {
  const needs = `Needs ${formatBytes(needed)}`;
  if (bytes === undefined) {
    return { state: "unknown", reason: `${needs}; how much this GPU has is not known until it is rehearsed.` };
  }
  const has = formatBytes(bytes);
  // What was allocated and read at full speed was so beside all else that runs.
  if (needed <= Math.max(bytes * ROOM, proven)) return { state: "fits", reason: `${needs}; there is room for ${has}.` };
  if (needed <= bytes) return { state: "tight", reason: `${needs} of ${has}: little is left for anything else.` };
  return isLimit
    ? { state: "does-not-fit", reason: `${needs}; there is room for ${has}.` }
    : {
        state: "unknown",
        reason: `${needs}; ${has} are known to be there, and more is not known until it is rehearsed.`,
      };
}

function diskReason({ id, download }: ModelBuild, { diskLeft }: FitDevice, { stored }: FitSettings): string[] {
  if (diskLeft === undefined || stored?.has(id) === true || download.bytes <= diskLeft) return [];
  return [
    `Its download has ${formatBytes(download.bytes)}; this browser keeps ${formatBytes(diskLeft)} more for this site.`,
  ];
}

function speedReason(speed: EngineVerdict["speed"], { wishedSpeed }: FitSettings): string[] {
  if (speed === undefined) return ["How fast it would be is not known until this GPU is measured."];
  const { tokensPerSecond, isMeasured } = speed;
  const said = `${isMeasured ? "Answers with" : "Would answer with about"} ${formatNumber(tokensPerSecond)} tokens/s`;
  return [
    tokensPerSecond >= wishedSpeed
      ? `${said}.`
      : `${said}, slower than ${formatNumber(wishedSpeed)}, which ${wishedSpeed === DEFAULT_SETTINGS.wishedSpeed ? "people read at" : "you set"}.`,
  ];
}

function formatLimit(name: FitLimit, value: number): string {
  return name === "maxStorageBuffersPerShaderStage" ? formatNumber(value) : formatBytes(value);
}
