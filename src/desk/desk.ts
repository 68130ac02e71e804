/** What is done with models, a plain state machine without DOM; `entries.ts` says how things stand. */
import type { CatalogueModel } from "../catalogue/model-facts";
import type { GenerateEvent, GenerateRequest, LoadProgress } from "../engine/engine";
import { learn, type MemoryBudget } from "../fit/budget";
import type { FitDevice } from "../fit/device";
import type { CapabilityReport } from "../probe/report";
import type { EngineName } from "../shared/engines";
import { IngleError } from "../shared/errors";
import type { DownloadNews, DownloadProgress, StoredModel, StoreUsage, UnfinishedModel } from "../store/model-spec";
import type { ModelClient } from "../worker/model-client";
import type { StoreClient } from "../worker/store-client";
import { describeOffered, rehearseFirst, type DescribeParts } from "./before-download";
import { compareEngines } from "./compare";
import {
  budgetOf,
  deskState,
  fitSettingsOf,
  type Activity,
  type DeskSettings,
  type DeskState,
  type ModelEntry,
} from "./entries";
import { GpuModel } from "./gpu-model";
import { Jobs, type Tell } from "./jobs";
import { modelOf, sourceAt } from "./sources";
import type { SpeedMemory } from "./speeds";

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
  readonly model: Pick<ModelClient, "load" | "unload" | "generate" | "whenLost" | "rehearse">;
  readonly settings: DeskSettings;
  readonly speeds: SpeedMemory;
  readonly canReach: DescribeParts["canReach"];
  /** Measures the device. */
  readonly measure: () => Promise<CapabilityReport>;
  /** [GiB] As `navigator.deviceMemory` says. */
  readonly deviceMemory: number | undefined;
}

export class ModelDesk {
  readonly #parts: DeskParts;
  readonly #gpu: GpuModel;
  #device: FitDevice;
  #measuring: Promise<void> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #jobs = new Jobs(() => this.#enter());
  #settings: DeskSettings;
  #rehearsed: MemoryBudget | undefined;
  #kept: readonly StoredModel[] = [];
  #begun: readonly UnfinishedModel[] = [];
  #usage: StoreUsage | undefined;
  #state: DeskState;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#device = parts.speeds.deviceOf(parts.report);
    this.#gpu = new GpuModel({
      client: parts.model,
      idleMinutes: () => this.#settings.idleMinutes,
      onGone: ({ id }, error) => {
        const entry = this.#state.entries.find(({ kept }) => kept?.id === id);
        this.#jobs.tell(entry?.id ?? id, error?.message);
      },
    });
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
    this.#gpu.rest();
    this.#enter();
  }

  /** Measures this GPU, so that speeds can be predicted: ten seconds or so. */
  async measureDevice(): Promise<void> {
    this.#measuring ??= (async () => {
      try {
        this.#device = this.#parts.speeds.deviceOf(await this.#parts.measure());
      } finally {
        this.#measuring = undefined;
        this.#enter();
      }
    })();
    this.#enter();
    await this.#measuring;
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
      const { verdict, judged, begun } = this.#entry(id);
      if (begun === undefined && verdict !== undefined) {
        await rehearseFirst(verdict, {
          device: this.#device,
          catalogue: this.#parts.catalogue,
          settings: fitSettingsOf(this.#known()),
          rehearse: (sizes) => this.#parts.model.rehearse(sizes, { signal }),
          replacedBytes: this.#gpu.loaded?.info.bytes.total ?? 0,
          onBudget: (budget) => (this.#rehearsed = learn(this.#rehearsed, budget)),
        });
      }
      tell({ kind: "describing" });
      const spec =
        begun?.spec ?? (await describeOffered(judged, { ...this.#parts, host: this.#settings.host }, signal));
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
    if (!this.#jobs.stop(id)) this.#jobs.stop(this.#storeId(id));
  }

  async verify(id: string): Promise<void> {
    await this.#do(id, { kind: "verifying", progress: undefined }, async (signal, tell) => {
      const onProgress = (progress: DownloadProgress) => tell({ kind: "verifying", progress });
      await this.#parts.store.verify(this.#storeId(id), { signal, onProgress });
    });
  }

  async remove(id: string): Promise<void> {
    await this.#do(id, { kind: "removing" }, async () => {
      const storeId = this.#storeId(id);
      if (this.#gpu.loaded?.id === storeId) await this.#gpu.unload();
      await this.#parts.store.remove(storeId);
    });
  }

  async removeAll(): Promise<void> {
    if (this.#gpu.loaded !== undefined) await this.#gpu.unload();
    await this.#parts.store.removeAll();
    this.#parts.speeds.forget();
    await this.refresh();
  }

  async load(id: string): Promise<void> {
    const [engine] = this.#entry(id).engines;
    await this.#do(id, { kind: "loading", progress: undefined }, (signal, tell) =>
      this.#loadWith(id, engine, signal, tell),
    );
  }

  async unload(id: string): Promise<void> {
    await this.#do(id, undefined, () => this.#gpu.unload());
  }

  /** Replies with the model that is loaded. @throws IngleError as `Session.generate`. */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    return this.#gpu.generate(request, signal);
  }

  /** Measures a kept model with every engine that runs it, and loads it with the fastest. */
  async compare(id: string): Promise<void> {
    const { engines, judged } = this.#entry(id);
    await this.#do(id, { kind: "measuring", engine: engines[0] }, (signal, tell) =>
      compareEngines(engines, {
        load: (engine) => {
          tell({ kind: "measuring", engine });
          return this.#loadWith(id, engine, signal);
        },
        loaded: () => this.#gpu.loaded?.info.engine,
        generate: (request) => this.#gpu.generate(request, signal),
        note: (engine, rate) => this.#parts.speeds.note(judged?.build.id ?? this.#storeId(id), engine, rate),
      }),
    );
  }

  async #loadWith(id: string, engine: EngineName, signal: AbortSignal, tell?: Tell): Promise<void> {
    const { judged } = this.#entry(id);
    const onProgress = (progress: LoadProgress) => tell?.({ kind: "loading", progress });
    const contextLength = judged?.contextLength;
    await this.#gpu.load(this.#storeId(id), { engine, contextLength, signal, onProgress });
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
    const problem = this.#jobs.problemOf(id);
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

  async #do(
    id: string,
    first: Activity | undefined,
    work: (signal: AbortSignal, tell: Tell) => Promise<void>,
  ): Promise<void> {
    await this.#jobs.run(id, first, work);
    await this.refresh().catch(() => undefined); // what failed before is what matters
  }

  #hear(news: DownloadNews): void {
    if (news.type === "ended") void this.refresh().catch(() => undefined);
  }

  #known() {
    const { catalogue, speeds } = this.#parts;
    return { catalogue, settings: this.#settings, kept: this.#kept, speedsOf: (model: string) => speeds.of(model) };
  }

  #compute(): DeskState {
    return deskState({
      ...this.#known(),
      device: this.#device,
      isMeasuring: this.#measuring !== undefined,
      budget: budgetOf(this.#settings, this.#rehearsed, this.#parts.deviceMemory),
      begun: this.#begun,
      usage: this.#usage,
      loaded: this.#gpu.loaded,
      doing: this.#jobs.all,
    });
  }

  #enter(): void {
    this.#state = this.#compute();
    for (const listener of this.#listeners) listener();
  }
}
