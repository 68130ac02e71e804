/** How things stand with models: what is offered with its verdict, what is kept, what is being done. Pure. */
import type { CatalogueModel } from "../catalogue/model-facts";
import type { LoadProgress, SessionInfo } from "../engine/engine";
import { fromDeviceMemory, stated, type MemoryBudget } from "../fit/budget";
import type { FitDevice } from "../fit/device";
import { fit, type Fit, type ModelVerdict } from "../fit/fit";
import { DEFAULT_SETTINGS, type FitSettings } from "../fit/verdict";
import type { EngineName } from "../shared/engines";
import type { DownloadProgress, StoredModel, StoreUsage, UnfinishedModel } from "../store/model-spec";

export type Activity =
  | { readonly kind: "rehearsing" | "describing" | "removing" }
  | { readonly kind: "downloading" | "verifying"; readonly progress: DownloadProgress | undefined }
  | { readonly kind: "loading"; readonly progress: LoadProgress | undefined };

/** A model that is offered, or one that is kept and not offered. */
export interface ModelEntry {
  /** The catalogue's id, or the store's. */
  readonly id: string;
  readonly name: string;
  readonly verdict: ModelVerdict | undefined;
  readonly kept: StoredModel | undefined;
  readonly begun: UnfinishedModel | undefined;
  readonly activity: Activity | undefined;
  /** Why what was last asked for did not come about. */
  readonly problem: string | undefined;
  readonly loaded: SessionInfo | undefined;
}

export interface DeskState {
  readonly entries: readonly ModelEntry[];
  readonly recommendation: Fit["recommendation"];
  readonly budget: MemoryBudget;
  readonly settings: DeskSettings;
  readonly usage: StoreUsage | undefined;
}

export interface DeskSettings {
  readonly engine: FitSettings["engine"];
  /** [bytes] of graphics memory, as the user says. */
  readonly statedMemory: number | undefined;
  /** A mirror of Hugging Face. */
  readonly host: string | undefined;
}

/** All that the desk knows. */
export interface Known {
  readonly catalogue: readonly CatalogueModel[];
  readonly device: FitDevice;
  readonly settings: DeskSettings;
  readonly budget: MemoryBudget;
  readonly kept: readonly StoredModel[];
  readonly begun: readonly UnfinishedModel[];
  readonly usage: StoreUsage | undefined;
  /** By its id in the store. */
  readonly loaded: { readonly id: string; readonly info: SessionInfo } | undefined;
  /** By entry. */
  readonly doing: ReadonlyMap<string, Pick<ModelEntry, "activity" | "problem">>;
}

export function deskState(known: Known): DeskState {
  const { catalogue, device, settings, budget, kept, begun, usage } = known;
  const { verdicts, recommendation } = fit(device, budget, catalogue, fitSettingsOf(settings, catalogue, kept));
  const repositories = catalogue.flatMap(repositoriesOf);
  const others = [
    ...kept.map((each) => ({ id: each.id, name: each.name, kept: each, begun: undefined })),
    ...begun.map((each) => ({ id: each.spec.id, name: each.spec.name, kept: undefined, begun: each })),
  ].filter(({ id }) => !repositories.some((repository) => isOf(id, repository)));
  return {
    entries: [
      ...verdicts.map((verdict) => offered(verdict, known)),
      ...others.map((other) => ({ ...other, verdict: undefined, ...doingWith(other.id, other.id, known) })),
    ],
    recommendation,
    budget,
    settings,
    usage,
  };
}

function offered(verdict: ModelVerdict, known: Known): ModelEntry {
  const { id } = verdict.model;
  const isHere = (stored: string) => repositoriesOf(verdict.model).some((repository) => isOf(stored, repository));
  const kept = known.kept.find((each) => isHere(each.id));
  const begun = known.begun.find(({ spec }) => isHere(spec.id));
  return { id, name: id, verdict, kept, begun, ...doingWith(id, kept?.id ?? begun?.spec.id, known) };
}

function doingWith(id: string, storeId: string | undefined, { doing, loaded }: Known) {
  const { activity, problem } = doing.get(id) ??
    doing.get(storeId ?? id) ?? { activity: undefined, problem: undefined };
  return { activity, problem, loaded: loaded?.id === storeId ? loaded?.info : undefined };
}

/** Which engine is to run what is kept: WebLLM only where its library came along. */
export function engineFor({ verdict, kept }: ModelEntry): EngineName {
  const hasLibrary = kept?.files.some(({ name }) => name.endsWith(".wasm")) ?? false;
  return hasLibrary && verdict?.best.engine === "webllm" ? "webllm" : "wgsl";
}

export function fitSettingsOf(
  { engine }: DeskSettings,
  catalogue: readonly CatalogueModel[],
  kept: readonly StoredModel[],
): FitSettings {
  const builds = catalogue.flatMap((model) => model.builds);
  const stored = builds.filter(({ repository }) => kept.some(({ id }) => isOf(id, repository))).map(({ id }) => id);
  return { ...DEFAULT_SETTINGS, engine, stored: new Set(stored) };
}

/** What its user says, then what was tried, then what the browser hints at. */
export function budgetOf(
  { statedMemory }: DeskSettings,
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
