/**
 * What is done with models, as a plain state machine without DOM: get, pause, verify, remove, load, unload.
 * `entries.ts` says how things stand; `ui/models-page.ts` shows it.
 */
import type { CatalogueModel } from "../catalogue/model-facts";
import type { LoadProgress, SessionInfo } from "../engine/engine";
import type { MemoryBudget } from "../fit/budget";
import { deviceOf, type FitDevice } from "../fit/device";
import type { ModelVerdict } from "../fit/fit";
import { rehearseDown } from "../fit/rehearse-down";
import type { CapabilityReport } from "../probe/report";
import { asIngleError, IngleError } from "../shared/errors";
import type { DownloadNews, DownloadProgress, StoredModel, StoreUsage, UnfinishedModel } from "../store/model-spec";
import type { ModelClient } from "../worker/model-client";
import type { StoreClient } from "../worker/store-client";
import {
  budgetOf,
  deskState,
  engineFor,
  fitSettingsOf,
  type Activity,
  type DeskSettings,
  type DeskState,
  type ModelEntry,
} from "./entries";
import { modelOf, sourceAt, sourceOf } from "./sources";

export interface DeskParts {
  readonly report: CapabilityReport;
  readonly catalogue: readonly CatalogueModel[];
  readonly store: Pick<
    StoreClient,
    | "describe"
    | "download"
    | "import"
    | "list"
    | "listUnfinished"
    | "remove"
    | "removeAll"
    | "usage"
    | "verify"
    | "watch"
  >;
  readonly model: Pick<ModelClient, "load" | "unload" | "rehearse">;
  readonly settings: DeskSettings;
  /** [GiB] As `navigator.deviceMemory` says. */
  readonly deviceMemory: number | undefined;
}

interface Doing {
  readonly activity: Activity | undefined;
  readonly problem: string | undefined;
  readonly stop: AbortController;
}

export class ModelDesk {
  readonly #parts: DeskParts;
  readonly #device: FitDevice;
  readonly #listeners = new Set<() => void>();
  readonly #doing = new Map<string, Doing>();
  #settings: DeskSettings;
  #rehearsed: MemoryBudget | undefined;
  #kept: readonly StoredModel[] = [];
  #begun: readonly UnfinishedModel[] = [];
  #usage: StoreUsage | undefined;
  #loaded: { readonly id: string; readonly info: SessionInfo } | undefined;
  #state: DeskState;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#device = deviceOf(parts.report);
    this.#state = this.#compute();
  }

  get state(): DeskState {
    return this.#state;
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    // Another tab's download, too.
    const stopWatching = this.#listeners.size === 1 ? this.#parts.store.watch((news) => this.#hear(news)) : undefined;
    return () => {
      this.#listeners.delete(listener);
      stopWatching?.();
    };
  }

  change(settings: Partial<DeskSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#enter();
  }

  /** Asks the store what there is. */
  async refresh(): Promise<void> {
    const { store } = this.#parts;
    [this.#kept, this.#begun, this.#usage] = await Promise.all([store.list(), store.listUnfinished(), store.usage()]);
    this.#enter();
  }

  /** Rehearses a model, and where there is room for it downloads it; goes on with one that was begun. */
  async get(id: string): Promise<void> {
    await this.#do(id, { kind: "rehearsing" }, async (signal, tell) => {
      const { verdict, begun } = this.#entry(id);
      if (begun === undefined && verdict !== undefined) await this.#rehearse(verdict, signal);
      tell({ kind: "describing" });
      const spec = begun?.spec ?? (await this.#parts.store.describe(sourceOf(verdict, this.#settings.host), signal));
      const onProgress = (progress: DownloadProgress) => tell({ kind: "downloading", progress });
      tell({ kind: "downloading", progress: undefined });
      await this.#parts.store.download(spec, { signal, onProgress });
    });
  }

  /**
   * Downloads what a person names by its address; it is an entry of its own as soon as it is begun.
   *
   * @throws IngleError as the store's `describe`: what goes wrong later is the entry's problem.
   */
  async add(address: string): Promise<void> {
    const { store } = this.#parts;
    const spec = await store.describe(sourceAt(address));
    await this.#bring(spec.id, (signal, onProgress) => store.download(spec, { signal, onProgress }));
  }

  /** Takes a model in from disk. @throws IngleError "request-invalid" */
  async addFiles(files: readonly File[]): Promise<void> {
    const { id, name, chosen } = modelOf(files);
    await this.#bring(id, (signal, onProgress) =>
      this.#parts.store.import({ id, name }, chosen, { signal, onProgress }),
    );
  }

  /** Ends what goes on with a model. What was downloaded stays, and `get` goes on with it. */
  pause(id: string): void {
    const doing = this.#doing.get(id) ?? this.#doing.get(this.#storeId(id));
    doing?.stop.abort();
  }

  async verify(id: string): Promise<void> {
    await this.#do(id, { kind: "verifying", progress: undefined }, async (signal, tell) => {
      const onProgress = (progress: DownloadProgress) => tell({ kind: "verifying", progress });
      await this.#parts.store.verify(this.#storeId(id), { signal, onProgress });
    });
  }

  async remove(id: string): Promise<void> {
    await this.#do(id, { kind: "removing" }, async () => {
      if (this.#loaded?.id === this.#storeId(id)) await this.#unload();
      await this.#parts.store.remove(this.#storeId(id));
    });
  }

  async removeAll(): Promise<void> {
    if (this.#loaded !== undefined) await this.#unload();
    await this.#parts.store.removeAll();
    await this.refresh();
  }

  async load(id: string): Promise<void> {
    await this.#do(id, { kind: "loading", progress: undefined }, async (signal, tell) => {
      const storeId = this.#storeId(id);
      const onProgress = (progress: LoadProgress) => tell({ kind: "loading", progress });
      this.#loaded = undefined; // the one before goes
      const engine = engineFor(this.#entry(id));
      const info = await this.#parts.model.load({
        source: { kind: "stored", id: storeId },
        engine,
        signal,
        onProgress,
      });
      this.#loaded = { id: storeId, info };
    });
  }

  async unload(id: string): Promise<void> {
    await this.#do(id, undefined, () => this.#unload());
  }

  async #unload(): Promise<void> {
    this.#loaded = undefined;
    await this.#parts.model.unload();
  }

  async #rehearse(wanted: ModelVerdict, signal: AbortSignal): Promise<void> {
    const { catalogue, model } = this.#parts;
    const { verdict, budget, given } = await rehearseDown(wanted, {
      device: this.#device,
      catalogue,
      settings: fitSettingsOf(this.#settings, catalogue, this.#kept),
      rehearse: (sizes) => model.rehearse(sizes, { signal }),
    });
    this.#rehearsed = budget;
    if (verdict?.model.id === wanted.model.id) return;
    const why = given[0]?.reason ?? "";
    throw new IngleError(
      "gpu-out-of-memory",
      verdict === undefined ? `${why} No smaller model fits either.` : `${why} ${verdict.model.id} fits: get that one.`,
    );
  }

  /** Something that may be no entry before it has begun. */
  async #bring(
    id: string,
    work: (signal: AbortSignal, onProgress: (progress: DownloadProgress) => void) => Promise<unknown>,
  ): Promise<void> {
    let isListed = false;
    await this.#do(id, { kind: "downloading", progress: undefined }, async (signal, tell) => {
      await work(signal, (progress) => {
        tell({ kind: "downloading", progress });
        if (!isListed) void this.refresh().catch(() => undefined);
        isListed = true;
      });
    });
    const { problem } = this.#doing.get(id) ?? {};
    const isEntry = this.#begun.some(({ spec }) => spec.id === id) || this.#kept.some((each) => each.id === id);
    // Where nothing came there is no entry to say it.
    if (problem !== undefined && !isEntry) throw new IngleError("source-failed", problem);
  }

  #storeId(id: string): string {
    const { kept, begun } = this.#entry(id);
    return kept?.id ?? begun?.spec.id ?? id;
  }

  #entry(id: string): ModelEntry {
    const entry = this.#state.entries.find((each) => each.id === id);
    if (entry === undefined) throw new IngleError("request-invalid", `There is no model "${id}".`);
    return entry;
  }

  /** One thing at a time with a model; what goes wrong is kept for the page to say. */
  async #do(
    id: string,
    first: Activity | undefined,
    work: (signal: AbortSignal, tell: (activity: Activity) => void) => Promise<void>,
  ): Promise<void> {
    if (this.#doing.get(id)?.activity !== undefined) return;
    const stop = new AbortController();
    const enter = (activity: Activity | undefined, problem?: string) => {
      this.#doing.set(id, { activity, problem, stop });
      this.#enter();
    };
    enter(first);
    let problem: string | undefined;
    try {
      await work(stop.signal, (activity) => enter(activity));
    } catch (thrown) {
      const error = asIngleError(thrown);
      if (error.code !== "aborted") problem = error.message;
    }
    this.#doing.set(id, { activity: undefined, problem, stop });
    await this.refresh().catch(() => this.#enter()); // which would hide the problem
  }

  #hear(news: DownloadNews): void {
    if (news.type === "ended") void this.refresh().catch(() => undefined);
  }

  #compute(): DeskState {
    const { catalogue, deviceMemory } = this.#parts;
    const doing = new Map(Array.from(this.#doing, ([id, { activity, problem }]) => [id, { activity, problem }]));
    return deskState({
      catalogue,
      device: this.#device,
      settings: this.#settings,
      budget: budgetOf(this.#settings, this.#rehearsed, deviceMemory),
      kept: this.#kept,
      begun: this.#begun,
      usage: this.#usage,
      loaded: this.#loaded,
      doing,
    });
  }

  #enter(): void {
    this.#state = this.#compute();
    for (const listener of this.#listeners) listener();
  }
}
