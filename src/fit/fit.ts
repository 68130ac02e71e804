/** Which models run on a device, and which one to take: (device, memory budget, catalogue, settings) → verdicts. Pure. */
import type { CatalogueModel, ModelBuild } from "../catalogue/model-facts";
import type { EngineName } from "../shared/engines";
import { formatNumber } from "../shared/units";
import type { MemoryBudget } from "./budget";
import type { FitDevice } from "./device";
import { engineReasonOf } from "./engine-reason";
import {
  DEFAULT_SETTINGS,
  judgeBuild,
  STATES,
  type BuildVerdict,
  type EngineVerdict,
  type FitSettings,
} from "./verdict";
import { fitWords, type FitWords } from "./words";

export interface ModelVerdict {
  readonly model: CatalogueModel;
  /** The build and engine to take of it. */
  readonly best: BuildVerdict;
  /** Every build with the engine that would run it. */
  readonly all: readonly BuildVerdict[];
}

export interface Recommendation {
  readonly verdict: ModelVerdict;
  /** Why it, why not the next bigger one, why not the next smaller one; each a sentence. */
  readonly reasons: readonly string[];
}

export interface Fit {
  /** From the smallest model to the largest. */
  readonly verdicts: readonly ModelVerdict[];
  /** Undefined where nothing can run. */
  readonly recommendation: Recommendation | undefined;
}

/** [bytes] Where nothing is known of the memory, a model of so much is a fair try. */
const FAIR_TRY = 2 ** 30;

export function fit(
  device: FitDevice,
  budget: MemoryBudget,
  catalogue: readonly CatalogueModel[],
  settings: FitSettings,
): Fit {
  const verdicts = catalogue.map((model) => judgeModel(model, device, budget, settings));
  return { verdicts, recommendation: recommend(verdicts, settings) };
}

export function judgeModel(
  model: CatalogueModel,
  device: FitDevice,
  budget: MemoryBudget,
  settings: FitSettings,
): ModelVerdict {
  const all = model.builds.flatMap((build) => {
    const judged = enginesFor(build, settings).map((engine) =>
      judgeBuild(model, build, engine, device, budget, settings),
    );
    // What is here without WebLLM's library only Ingle's engine runs.
    const isBare = isWithoutLibrary(build, settings);
    const able = judged.filter(({ engine }) => !isBare || engine === "wgsl");
    const best = able.toSorted(byEngine)[0];
    if (best === undefined) return [];
    // One that failed to run it may be tried again, with another driver or release.
    const failed = (engine: EngineName) => settings.measuredSpeed?.(build.id, engine) === 0;
    const engines = able
      .filter(({ state, engine, obstacles }) => state !== "does-not-fit" || (failed(engine) && obstacles === 1))
      .map(({ engine }) => engine);
    return [{ ...best, engines, engineReason: engineReasonOf(best, judged, settings) }];
  });
  const best = choose(all, settings);
  if (best === undefined) throw new RangeError(`${model.id} has no build that ${settings.engine} runs.`);
  return { model, best, all };
}

function isWithoutLibrary({ id, engines }: ModelBuild, { stored }: FitSettings): boolean {
  return stored?.get(id)?.hasLibrary === false && engines.includes("wgsl");
}

function enginesFor(build: ModelBuild, settings: FitSettings): readonly EngineName[] {
  const { engines } = build;
  const { engine } = settings;
  if (isWithoutLibrary(build, settings)) return engines;
  // What only one engine runs is judged with that one: that it can't be had otherwise is for the page to say.
  return engine === "auto" || !engines.includes(engine) ? engines : [engine];
}

/** Of a model's builds the first by state, then by what keeps it from running, by whether it is fast enough, by quality. */
function choose(verdicts: readonly BuildVerdict[], settings: FitSettings): BuildVerdict | undefined {
  return verdicts.toSorted(
    (a, b) =>
      STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
      a.obstacles - b.obstacles ||
      Number(isFastEnough(b, settings)) - Number(isFastEnough(a, settings)) ||
      byQuality(a, b),
  )[0];
}

/**
 * Measured on both, the faster: what ran has its memory. Else WebLLM, whose kernels are compiled for the model, wherever
 * it can run: a speed that is only predicted decides nothing, and what is not known of the memory is for the rehearsal to
 * tell. Only where WebLLM would leave little memory, and Ingle's engine leaves room, is it the latter.
 */
function byEngine(a: EngineVerdict, b: EngineVerdict): number {
  const cannot = ({ state }: EngineVerdict) => Number(state === "does-not-fit");
  if (cannot(a) !== cannot(b) || a.obstacles !== b.obstacles) return cannot(a) - cannot(b) || a.obstacles - b.obstacles;
  if (a.speed?.isMeasured && b.speed?.isMeasured) return b.speed.tokensPerSecond - a.speed.tokensPerSecond;
  return (
    Number(isCramped(a, b)) - Number(isCramped(b, a)) || Number(a.engine !== "webllm") - Number(b.engine !== "webllm")
  );
}

const isCramped = ({ state, speed }: EngineVerdict, other: EngineVerdict) =>
  state === "tight" && other.state === "fits" && speed?.isMeasured !== true;

/** Four bits before sixteen, which answer hardly better and are four times as large; 16-bit scales before 32. */
const PREFERENCE = ["q4f16_1", "q4f32_1", "q3f16_1", "q0f16", "q0f32"];

function byQuality(a: EngineVerdict, b: EngineVerdict): number {
  return PREFERENCE.indexOf(a.build.quantization) - PREFERENCE.indexOf(b.build.quantization);
}

function isFastEnough({ speed }: EngineVerdict, { wishedSpeed }: FitSettings): boolean {
  // Not measured is not slow.
  return speed === undefined || speed.tokensPerSecond >= wishedSpeed;
}

function recommend(verdicts: readonly ModelVerdict[], settings: FitSettings): Recommendation | undefined {
  const general = verdicts.filter(({ model }) => model.isGeneral);
  const inState = (state: BuildVerdict["state"]) => general.filter(({ best }) => best.state === state);
  const fitting = inState("fits");
  const quick = fitting.filter(({ best }) => isFastEnough(best, settings));
  const { words = fitWords } = settings;
  const isReading = settings.wishedSpeed === DEFAULT_SETTINGS.wishedSpeed;
  const speedOf = ({ best }: ModelVerdict) => best.speed?.tokensPerSecond ?? 0;
  const found =
    because(largest(quick), (model) =>
      largest(quick)?.best.speed === undefined
        ? words.takeLargestUnmeasured(model)
        : words.takeLargest(model, isReading),
    ) ??
    because(fitting.toSorted((a, b) => speedOf(b) - speedOf(a))[0], (model) => words.takeFastest(model, isReading)) ??
    because(inState("tight")[0], words.takeTight) ??
    because(
      largest(inState("unknown").filter(({ best }) => best.bytes.total <= FAIR_TRY && isFastEnough(best, settings))),
      words.takeAsTry,
    ) ??
    because(inState("unknown")[0], words.takeSmallest);
  if (found === undefined) return undefined;
  return { verdict: found.verdict, reasons: [found.reason, ...neighbours(found.verdict, general, settings, words)] };
}

function because(
  verdict: ModelVerdict | undefined,
  why: (model: string) => string,
): { verdict: ModelVerdict; reason: string } | undefined {
  return verdict && { verdict, reason: why(verdict.model.id) };
}

const largest = (verdicts: readonly ModelVerdict[]): ModelVerdict | undefined => verdicts.at(-1);

/** Models closer than this are a matter of taste, not of size. */
const STEP = 1.2;

/** Why not the next bigger, and what the next smaller would be better at. */
function neighbours(
  { model, best }: ModelVerdict,
  general: readonly ModelVerdict[],
  settings: FitSettings,
  words: FitWords,
): readonly string[] {
  const bigger = general.find((each) => each.model.parameters > model.parameters * STEP);
  const smaller = general.findLast((each) => each.model.parameters < model.parameters / STEP);
  const reasons: string[] = [];
  if (bigger !== undefined) {
    const isSlow = bigger.best.state === "fits" && !isFastEnough(bigger.best, settings);
    const reason = bigger.best.reasons.at(isSlow ? -1 : 0) ?? "";
    reasons.push(words.notLarger(bigger.model.id, reason));
  }
  if (smaller !== undefined) {
    const faster = (smaller.best.speed?.tokensPerSecond ?? 0) / (best.speed?.tokensPerSecond ?? Infinity);
    reasons.push(words.notSmaller(smaller.model.id, faster > 1 ? formatNumber(faster) : undefined));
  }
  return reasons;
}
