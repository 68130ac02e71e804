/** What is done with models, a plain state machine without DOM; `entries.ts` says how things stand. */
import { learn, type MemoryBudget } from "../fit/budget";
import type { EngineName } from "../shared/engines";
import { IngleError, throwIfAborted } from "../shared/errors";
import { makeQueue } from "../shared/queue";
import { STARTER_ID } from "../shared/starter";
import type { DownloadNews, StoredModel, StoreUsage, UnfinishedModel } from "../store/model-spec";
import type { LoadRequest } from "../worker/model-client";
import { describeNamed, describeOffered, rehearseFirst, type Looking } from "./before-download";
import { bring, type Bringing } from "./bring";
import { checkFiles } from "./check-files";
import { compareEngines } from "./compare";
import type { DeskParts } from "./desk-parts";
import {
  budgetOf,
  deskState,
  fitSettingsOf,
  speedIdOf,
  type Activity,
  type DeskSettings,
  type DeskState,
  type ModelEntry,
} from "./entries";
import { Jobs, progressIn, type Tell } from "./jobs";
import { seldom } from "./loading-progress";
import { MeasuredDevice } from "./measured-device";
import { SharedGpu } from "./shared-gpu";
import { modelOf, sourceAt } from "./sources";
import { bringStarter } from "./starter";

export class ModelDesk {
  readonly #parts: DeskParts;
  readonly #gpu: SharedGpu;
  readonly #device: MeasuredDevice;
  readonly #listeners = new Set<() => void>();
  #stopWatching: () => void = () => undefined;
  /** What loads or measures: one at a time. */
  readonly #inTurn = makeQueue();
  readonly #jobs = new Jobs(() => this.#enter());
  #settings: DeskSettings;
  #rehearsed: MemoryBudget | undefined;
  #kept: readonly StoredModel[] = [];
  #begun: readonly UnfinishedModel[] = [];
  #usage: StoreUsage | undefined;
  #wentIdle: string | undefined;
  #state: DeskState;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#device = new MeasuredDevice(parts, () => this.#enter());
    this.#gpu = new SharedGpu({
      client: parts.model,
      tabs: parts.tabs,
      inTurn: this.#inTurn,
      onChange: () => this.#enter(),
      idleMinutes: () => this.#settings.idleMinutes,
      onGone: ({ id }, error) => {
        const entry = this.#state.entries.find(({ kept }) => kept?.id === id);
        if (error === undefined) this.#wentIdle = entry?.name ?? id;
        else this.#jobs.tell(entry?.id ?? id, error);
        this.#enter();
      },
      onReply: ({ id, info }, rate) => {
        parts.speeds.noteReply(speedIdOf(this.#state, id), info.engine, rate);
        this.#enter();
      },
    });
    this.#state = this.#compute();
  }

  get state(): DeskState {
    return this.#state;
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    // Another tab's download, too.
    if (this.#listeners.size === 0) this.#stopWatching = this.#parts.store.watch(this.#hear);
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#stopWatching();
    };
  }

  change(settings: Partial<DeskSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#parts.save(this.#settings);
    this.#gpu.rest();
    this.#enter();
  }

  /** Measures this GPU, so that speeds can be predicted. @throws IngleError "gpu-wrong" */
  measureDevice(): Promise<void> {
    return this.#device.measure();
  }

  /** Asks other tabs what they have on the GPU; one that does not answer says so when it is needed. */
  open = (): Promise<void> => this.#gpu.open().catch(() => undefined);

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
          device: this.#device.facts,
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
      tell({ kind: "downloading", progress: undefined });
      await this.#parts.store.download(spec, { signal, onProgress: progressIn(tell, "downloading") });
    });
  }

  /**
   * Downloads what a person names by its address; it is an entry of its own as soon as it is begun.
   *
   * @returns its name, once it is here whole. @throws IngleError as the store's `describe`; later the entry says it.
   */
  async add(address: string, library?: string, { signal, onBegun }: Looking = {}): Promise<string | undefined> {
    const spec = await describeNamed(sourceAt(address, library), this.#parts, signal);
    onBegun?.();
    return this.#bring(spec.id, (watch) => this.#parts.store.download(spec, watch));
  }

  /** Takes a model in from disk. @returns its name. @throws IngleError "request-invalid" */
  async addFiles(files: readonly File[], onBegun?: Looking["onBegun"]): Promise<string | undefined> {
    const { id, name, chosen } = modelOf(await checkFiles(files));
    onBegun?.();
    return this.#bring(id, (watch) => this.#parts.store.import({ id, name }, chosen, watch));
  }

  /** Ends what goes on with a model. What was downloaded stays. */
  pause(id: string): void {
    if (!this.#jobs.stop(id)) this.#jobs.stop(this.#storeId(id));
  }

  async verify(id: string): Promise<void> {
    await this.#do(id, { kind: "verifying", progress: undefined }, async (signal, tell) => {
      await this.#parts.store.verify(this.#storeId(id), { signal, onProgress: progressIn(tell, "verifying") });
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
    try {
      if (this.#gpu.loaded !== undefined) await this.#gpu.unload();
      await this.#parts.store.removeAll();
      this.#parts.speeds.forget();
    } finally {
      await this.refresh(); // some may be gone even where one could not be removed
    }
  }

  async load(id: string): Promise<void> {
    const [engine] = this.#entry(id).engines;
    const first = { kind: "loading", progress: undefined } as const;
    await this.#onGpu(id, first, (signal, tell) => this.#loadWith(id, engine, signal, tell));
  }

  /** Loads the model that comes with the page. Where it is not kept yet it is brought first, and kept if it can be. */
  async loadStarter(): Promise<void> {
    await this.#onGpu(STARTER_ID, { kind: "describing" }, async (signal, tell) => {
      const { kept } = this.#state.starter;
      const source = await bringStarter({ ...this.#parts, kept, signal, onProgress: progressIn(tell, "downloading") });
      tell({ kind: "loading", progress: undefined });
      await this.#put(STARTER_ID, { source, signal }, tell);
    });
  }

  unload(id: string): Promise<void> {
    return this.#do(id, undefined, () => this.#gpu.unload());
  }

  /** Replies with the model that is loaded. @throws IngleError as `Session.generate`. */
  readonly generate: SharedGpu["generate"] = (...asked) => this.#gpu.generate(...asked);

  /** What of a conversation the loaded model has room for. @throws IngleError as `Session.dropOldestTurns`; "no-model" */
  readonly shorten: SharedGpu["shorten"] = (...asked) => this.#gpu.shorten(...asked);

  /** [tokens] of the loaded model's. @throws IngleError "no-model" */
  readonly countTokens: SharedGpu["countTokens"] = (...asked) => this.#gpu.countTokens(...asked);

  /** Measures a kept model with every engine that runs it, and loads it with the fastest. */
  async compare(id: string): Promise<void> {
    const { engines } = this.#entry(id);
    await this.#onGpu(id, { kind: "measuring", engine: engines[0] }, (signal, tell) =>
      compareEngines(engines, {
        load: (engine) => {
          tell({ kind: "measuring", engine });
          return this.#loadWith(id, engine, signal);
        },
        loaded: () => this.#gpu.loaded?.info.engine,
        generate: (request) => this.#gpu.generate(request, signal),
        note: (engine, rate) => this.#parts.speeds.note(speedIdOf(this.#state, this.#storeId(id)), engine, rate),
      }),
    );
  }

  async #loadWith(id: string, engine: EngineName, signal: AbortSignal, tell?: Tell): Promise<void> {
    const source = { kind: "stored", id: this.#storeId(id) } as const;
    await this.#put(source.id, { source, engine, contextLength: this.#entry(id).judged?.contextLength, signal }, tell);
  }

  async #put(id: string, request: LoadRequest, tell?: Tell): Promise<void> {
    const onProgress = seldom((progress) => tell?.({ kind: "loading", progress }));
    const contextLength = request.contextLength ?? { atMost: this.#settings.contextLength }; // nobody judged it
    await this.#gpu.load(id, { ...request, contextLength, onProgress });
  }

  #bring(id: string, work: Bringing): Promise<string | undefined> {
    return bring(work, {
      run: (job) => this.#do(id, { kind: "downloading", progress: undefined }, job),
      problem: () => this.#jobs.problemOf(id),
      kept: () => this.#kept.find((each) => each.id === id),
      begun: () => this.#begun.find(({ spec }) => spec.id === id),
      refresh: () => this.refresh(),
      remove: () => this.#parts.store.remove(id),
    });
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

  async #onGpu(id: string, first: Activity, work: (signal: AbortSignal, tell: Tell) => Promise<void>): Promise<void> {
    await this.#do(id, first, (signal, tell) =>
      this.#inTurn(() => {
        throwIfAborted(signal);
        return work(signal, tell);
      }),
    );
  }

  readonly #hear = ({ type }: DownloadNews) => void (type === "ended" && this.refresh().catch(() => undefined));

  #known() {
    const { catalogue, words, speeds } = this.#parts;
    const { of: speedsOf, seen: seenSpeedsOf } = speeds;
    return { catalogue, words, settings: this.#settings, kept: this.#kept, speedsOf, seenSpeedsOf };
  }

  #compute(): DeskState {
    return deskState({
      ...this.#known(),
      device: this.#device.facts,
      isMeasuring: this.#device.isMeasuring,
      budget: budgetOf(this.#settings, this.#rehearsed, this.#parts.deviceMemory),
      begun: this.#begun,
      usage: this.#usage,
      loaded: this.#gpu.loaded,
      isElsewhere: this.#gpu.isElsewhere,
      wentIdle: this.#gpu.loaded === undefined ? this.#wentIdle : undefined,
      doing: this.#jobs.all,
    });
  }

  #enter(): void {
    this.#state = this.#compute();
    for (const listener of this.#listeners) listener();
  }
}
