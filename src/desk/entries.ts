/** How things stand with models: what is offered with its verdict, what is kept, what is being done. Pure. */
import type { CatalogueModel } from "../catalogue/model-facts";
import type { LoadProgress, SessionInfo } from "../engine/engine";
import { fromDeviceMemory, stated, type MemoryBudget } from "../fit/budget";
import type { FitDevice } from "../fit/device";
import { fit, type Fit, type ModelVerdict } from "../fit/fit";
import type { BuildVerdict, FitSettings } from "../fit/verdict";
import type { EngineName } from "../shared/engines";
import type { ErrorCode } from "../shared/errors";
import { STARTER_ID } from "../shared/starter";
import type { MeasuredSpeeds } from "./speeds";
import type { DownloadProgress, StoredModel, StoreUsage, UnfinishedModel } from "../store/model-spec";

export type Activity =
  | { readonly kind: "rehearsing" | "describing" | "removing" }
  | { readonly kind: "downloading" | "verifying"; readonly progress: DownloadProgress | undefined }
  | { readonly kind: "loading"; readonly progress: LoadProgress | undefined }
  | { readonly kind: "measuring"; readonly engine: EngineName };

/** A model that is offered, or one that is kept and not offered. */
export interface ModelEntry {
  /** The catalogue's id, or the store's. */
  readonly id: string;
  readonly name: string;
  readonly verdict: ModelVerdict | undefined;
  /** Of its builds the one that is here, or else the one to get. */
  readonly judged: BuildVerdict | undefined;
  /** What runs it, the one to take first. */
  readonly engines: readonly [EngineName, ...EngineName[]];
  readonly measured: MeasuredSpeeds;
  readonly kept: StoredModel | undefined;
  readonly begun: UnfinishedModel | undefined;
  readonly activity: Activity | undefined;
  /** Why what was last asked for did not come about. */
  readonly problem: string | undefined;
  /** By which a page can say it in another language. */
  readonly problemCode?: ErrorCode | undefined;
  readonly loaded: SessionInfo | undefined;
}

/** What is done with a model, or why that failed. */
export type Doing = Pick<ModelEntry, "activity" | "problem" | "problemCode">;

export interface DeskState {
  readonly entries: readonly ModelEntry[];
  readonly recommendation: Fit["recommendation"];
  readonly budget: MemoryBudget;
  readonly settings: DeskSettings;
  readonly usage: StoreUsage | undefined;
  /** Whether this GPU was measured, so that speeds are predicted; or is just now. */
  readonly deviceSpeed: "unknown" | "measuring" | "known";
  /** What is on the GPU, by its id in the store. */
  readonly loaded: Known["loaded"];
  /** Whether another tab has it there, through which this one talks. */
  readonly isElsewhere: boolean;
  /** The name of the model that was unloaded because nobody used it, as long as there is no other. */
  readonly wentIdle: string | undefined;
  /** The model that comes with the page, whether it is kept or not. */
  readonly starter: Doing & Pick<ModelEntry, "kept">;
}

export interface DeskSettings {
  readonly engine: FitSettings["engine"];
  /** [bytes] of graphics memory, as the user says. */
  readonly statedMemory: number | undefined;
  /** A mirror of Hugging Face. */
  readonly host: string | undefined;
  /** [tokens/s] that a recommended model is to reach. */
  readonly wishedSpeed: number;
  /** [tokens] */
  readonly contextLength: number;
  /** Without use before the GPU's memory is given back; 0: never. */
  readonly idleMinutes: number;
}

/** All that the desk knows. */
export interface Known {
  readonly catalogue: readonly CatalogueModel[];
  readonly device: FitDevice;
  /** Whether the device is being measured. */
  readonly isMeasuring: boolean;
  readonly settings: DeskSettings;
  readonly budget: MemoryBudget;
  readonly kept: readonly StoredModel[];
  readonly begun: readonly UnfinishedModel[];
  readonly usage: StoreUsage | undefined;
  /** Of a build by its id, or a model of one's own by the store's. */
  readonly speedsOf: (model: string) => MeasuredSpeeds;
  /** With what replies showed of it. */
  readonly seenSpeedsOf: (model: string) => MeasuredSpeeds;
  readonly wentIdle: string | undefined;
  /** What verdicts are said in. */
  readonly words?: FitSettings["words"];
  /** By its id in the store. */
  readonly loaded: { readonly id: string; readonly info: SessionInfo } | undefined;
  readonly isElsewhere: boolean;
  /** By entry. */
  readonly doing: ReadonlyMap<string, Doing>;
}

export function deskState(known: Known): DeskState {
  const { catalogue, device, settings, budget, kept, begun, usage } = known;
  const { verdicts, recommendation } = fit(withRoomNow(device, usage), budget, catalogue, fitSettingsOf(known));
  const offers = verdicts.map((verdict) => offered(verdict, known));
  const shown = new Set(offers.flatMap((entry) => [entry.kept?.id, entry.begun?.spec.id]));
  const others = [
    ...kept.map((each) => ({ id: each.id, name: each.name, kept: each, begun: undefined })),
    ...begun.map((each) => ({ id: each.spec.id, name: each.spec.name, kept: undefined, begun: each })),
  ].filter(({ id }) => !shown.has(id));
  return {
    entries: [...offers, ...others.map((other) => own(other, known))],
    recommendation,
    budget,
    settings,
    usage,
    deviceSpeed: known.isMeasuring ? "measuring" : device.bandwidth === undefined ? "unknown" : "known",
    loaded: known.loaded,
    isElsewhere: known.isElsewhere,
    wentIdle: known.wentIdle,
    starter: {
      ...(known.doing.get(STARTER_ID) ?? { activity: undefined, problem: undefined }),
      kept: kept.find(({ id }) => id === STARTER_ID),
    },
  };
}

/** The report is as old as the page. */
function withRoomNow(device: FitDevice, usage: StoreUsage | undefined): FitDevice {
  const { usedBytes, quotaBytes } = usage ?? {};
  if (usedBytes === undefined || quotaBytes === undefined) return device;
  return { ...device, diskLeft: Math.max(quotaBytes - usedBytes, 0) };
}

function offered(verdict: ModelVerdict, known: Known): ModelEntry {
  const { id } = verdict.model;
  const isHere = (stored: string) => repositoriesOf(verdict.model).some((repository) => isOf(stored, repository));
  const whole = known.kept.filter((each) => isHere(each.id));
  const kept = whole.find(hasLibrary) ?? whole[0];
  const begun = kept === undefined ? known.begun.find(({ spec }) => isHere(spec.id)) : undefined;
  const storeId = kept?.id ?? begun?.spec.id;
  const judged = verdict.all.find(({ build }) => storeId !== undefined && isOf(storeId, build.repository));
  const build = judged ?? verdict.best;
  return {
    id,
    name: id,
    verdict,
    judged: build,
    engines: [build.engine, ...build.engines.filter((engine) => engine !== build.engine)],
    measured: known.seenSpeedsOf(build.build.id),
    kept,
    begun,
    ...doingWith(id, storeId, known),
  };
}

function own(other: Pick<ModelEntry, "id" | "name" | "kept" | "begun">, known: Known): ModelEntry {
  const engines = enginesOfOwn(other.kept, known.settings.engine, known.speedsOf(other.id));
  return {
    ...other,
    verdict: undefined,
    judged: undefined,
    engines,
    measured: known.seenSpeedsOf(other.id),
    ...doingWith(other.id, other.id, known),
  };
}

/** What nobody judged: WebLLM runs what brought its library. */
function enginesOfOwn(
  kept: StoredModel | undefined,
  wished: FitSettings["engine"],
  { webllm, wgsl }: MeasuredSpeeds,
): ModelEntry["engines"] {
  if (kept === undefined || !hasLibrary(kept)) return ["wgsl"];
  const isOursFaster = wgsl !== undefined && webllm !== undefined && wgsl > webllm;
  return wished === "wgsl" || (wished === "auto" && isOursFaster) ? ["wgsl", "webllm"] : ["webllm", "wgsl"];
}

function doingWith(id: string, storeId: string | undefined, { doing, loaded }: Known) {
  // Asked for as what is offered, or by what is stored of it: what is under way is what matters.
  const jobs = [doing.get(id), doing.get(storeId ?? id)];
  const { activity, problem, problemCode }: Doing = jobs.find((job) => job?.activity !== undefined) ??
    jobs.find((job) => job?.problem !== undefined) ?? { activity: undefined, problem: undefined };
  return { activity, problem, problemCode, loaded: loaded?.id === storeId ? loaded?.info : undefined };
}

const hasLibrary = ({ files }: StoredModel) => files.some(({ name }) => name.endsWith(".wasm"));

export function fitSettingsOf({
  settings: { engine, wishedSpeed, contextLength },
  catalogue,
  kept,
  speedsOf,
  words,
}: Pick<Known, "settings" | "catalogue" | "kept" | "speedsOf" | "words">): FitSettings {
  const stored = new Map<string, { hasLibrary: boolean }>();
  for (const { id, repository } of catalogue.flatMap(({ builds }) => builds)) {
    const here = kept.filter((each) => isOf(each.id, repository));
    if (here.length > 0) stored.set(id, { hasLibrary: here.some(hasLibrary) });
  }
  return {
    engine,
    wishedSpeed,
    contextLength,
    stored,
    words,
    measuredSpeed: (build, engine) => speedsOf(build)[engine],
  };
}

/** What its user says, then what was tried, then what the browser hints at. */
export function budgetOf(
  { statedMemory }: Pick<DeskSettings, "statedMemory">,
  rehearsed: MemoryBudget | undefined,
  deviceMemory: number | undefined,
): MemoryBudget {
  if (statedMemory !== undefined) return stated(statedMemory);
  const hinted = fromDeviceMemory(deviceMemory);
  if (rehearsed === undefined) return hinted;
  // What passed is a floor: having tried a small model says nothing against a larger one.
  return !rehearsed.isLimit && (hinted.bytes ?? 0) > (rehearsed.bytes ?? 0) ? hinted : rehearsed;
}

const repositoriesOf = ({ builds }: CatalogueModel) => builds.map(({ repository }) => repository);

/** A stored model's id is its repository's, and where WebLLM's library came along, that with its name. */
const isOf = (id: string, repository: string) => id === repository || id.startsWith(`${repository}/`);

/** What a stored model's speeds are remembered by: its build's id in the catalogue, or else the store's. */
export function speedIdOf({ entries }: DeskState, storeId: string): string {
  return entries.find(({ kept }) => kept?.id === storeId)?.judged?.build.id ?? storeId;
}
