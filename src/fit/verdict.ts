/** Whether one build runs on a device, with every reason as a sentence. Pure. */
import type { CatalogueModel, ModelBuild } from "../catalogue/model-facts";
import { ENGINE_NAMES, type ENGINE_CHOICES, type EngineName } from "../shared/engines";
import { formatBytes, formatNumber } from "../shared/units";
import type { MemoryBudget } from "./budget";
import type { FitDevice, FitLimit } from "./device";
import { limitsFor, needsOf, predictSpeed, type NeededBytes } from "./needs";
import { fitWords, type FitWords } from "./words";

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
  /** What reasons are said in; by default English. */
  readonly words?: FitWords | undefined;
}

export const DEFAULT_SETTINGS: FitSettings = { contextLength: 4096, wishedSpeed: 8, engine: "auto" };

/** One build with one engine. */
export interface EngineVerdict {
  readonly build: ModelBuild;
  readonly engine: EngineName;
  readonly state: FitState;
  /** Each a sentence with its numbers; what decides comes first. */
  readonly reasons: readonly string[];
  /** What it asks for besides memory, and this device has or may have; each a sentence. */
  readonly demands: readonly string[];
  /** How many of the reasons keep it from running. */
  readonly obstacles: number;
  /**
   * Whether all that does is what was found by trying: another program may have had the memory of a rehearsal then, and
   * another driver or release may run what failed.
   */
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

export function judgeBuild(
  model: CatalogueModel,
  build: ModelBuild,
  engine: EngineName,
  device: FitDevice,
  budget: MemoryBudget,
  settings: FitSettings,
): EngineVerdict {
  const { words = fitWords } = settings;
  const limitWords = engine === "webllm" ? words.webllmLimits : words.limits;
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
    ...(device.hasWebGpu ? [] : [words.noGpu]),
    ...(needs.needsF16 && !device.hasF16 ? [words.needsF16] : []),
    ...(Object.entries(needs.limits) as [FitLimit, number][]).flatMap(([name, needed]) => {
      const allowed = limits[name];
      return needed <= allowed ? [] : [limitWords[name](formatLimit(name, needed), formatLimit(name, allowed))];
    }),
    ...diskReason(build, device, settings, words),
    ...(measured === 0 ? [words.triedInVain(ENGINE_NAMES[engine])] : []),
  ];
  const memory = judgeMemory(needs.bytes.total, budget, words);
  return {
    build,
    engine,
    state: blocked.length > 0 ? "does-not-fit" : memory.state,
    reasons: [
      // Too little memory is too little with any browser and driver.
      ...(memory.state === "does-not-fit" ? [memory.reason, ...blocked] : [...blocked, memory.reason]),
      ...speedReason(speed, settings, words),
    ],
    demands: [
      ...(needs.needsF16 && device.hasF16 ? [words.hasF16] : []),
      ...(isStored(build, settings) || lacksDisk(build, device) ? [] : [diskDemand(build, device, words)]),
    ],
    obstacles: blocked.length + Number(memory.state === "does-not-fit"),
    canRetry:
      memory.state === "does-not-fit"
        ? blocked.length === 0 && budget.source === "rehearsed"
        : blocked.length === 1 && measured === 0,
    contextLength: needs.contextLength,
    bytes: needs.bytes,
    speed,
  };
}

function judgeMemory(
  total: number,
  { bytes, isLimit, proven = 0 }: MemoryBudget,
  words: FitWords,
): { state: FitState; reason: string } {
  const needed = formatBytes(total);
  if (bytes === undefined) return { state: "unknown", reason: words.memoryUnknown(needed) };
  const has = formatBytes(bytes);
  // What was allocated and read at full speed was so beside all else that runs.
  if (total <= Math.max(bytes * ROOM, proven)) return { state: "fits", reason: words.memoryRoom(needed, has) };
  if (total <= bytes) return { state: "tight", reason: words.memoryTight(needed, has) };
  return isLimit
    ? { state: "does-not-fit", reason: words.memoryRoom(needed, has) }
    : { state: "unknown", reason: words.memoryPerhaps(needed, has) };
}

function diskReason(build: ModelBuild, device: FitDevice, settings: FitSettings, words: FitWords): string[] {
  return !isStored(build, settings) && lacksDisk(build, device) ? [diskDemand(build, device, words)] : [];
}

const isStored = ({ id }: ModelBuild, { stored }: FitSettings) => stored?.has(id) === true;

const lacksDisk = ({ download }: ModelBuild, { diskLeft = Infinity }: FitDevice) => download.bytes > diskLeft;

function diskDemand({ download }: ModelBuild, { diskLeft }: FitDevice, words: FitWords): string {
  const bytes = formatBytes(download.bytes);
  return diskLeft === undefined ? words.diskUnknown(bytes) : words.disk(bytes, formatBytes(diskLeft));
}

function speedReason(speed: EngineVerdict["speed"], { wishedSpeed }: FitSettings, words: FitWords): string[] {
  if (speed === undefined) return [words.speedUnknown];
  const { tokensPerSecond, isMeasured } = speed;
  const rate = formatNumber(tokensPerSecond);
  if (tokensPerSecond >= wishedSpeed) return [words.speed(rate, isMeasured)];
  const isReading = wishedSpeed === DEFAULT_SETTINGS.wishedSpeed;
  return [words.speedSlow(rate, isMeasured, formatNumber(wishedSpeed), isReading)];
}

function formatLimit(name: FitLimit, value: number): string {
  return name === "maxStorageBuffersPerShaderStage" ? formatNumber(value) : formatBytes(value);
}
