/**
 * The one model on the GPU, for all tabs: in this tab's worker, or in another's, which then does what this one asks. There
 * is never a second copy; and where the tab that has it goes, the next that needs it loads it.
 */
import type { ChatMessage, GenerateEvent, GenerateRequest, Shortened } from "../engine/engine";
import { Channel } from "../shared/channel";
import { fromWire, IngleError, throwIfAborted, toWire } from "../shared/errors";
import type { makeQueue } from "../shared/queue";
import type { HolderNews, Wish } from "../tabs/messages";
import { TabLine, type Serve, type TabLineParts } from "../tabs/tab-line";
import type { LoadRequest, ModelClient } from "../worker/model-client";
import { GpuModel, type GpuModelParts, type LoadedModel } from "./gpu-model";

/** Who takes the lock a moment before may let go of it at once: its model could not be loaded. */
const MOST_TRIES = 5;

export interface SharedGpuParts extends GpuModelParts {
  readonly client: GpuModelParts["client"] & Pick<ModelClient, "dropOldestTurns" | "countTokens">;
  /** What tabs speak by; undefined where a browser has it not, or for a tab by itself. */
  readonly tabs: Pick<TabLineParts, "locks" | "channel"> | undefined;
  /** What loads, one at a time. */
  readonly inTurn: ReturnType<typeof makeQueue>;
  /** Another tab has loaded or unloaded something, or this one begins to. */
  readonly onChange: () => void;
}

export class SharedGpu {
  readonly #parts: SharedGpuParts;
  readonly #own: GpuModel;
  readonly #line: TabLine | undefined;
  /** What another tab has for all. */
  #elsewhere: LoadedModel | undefined;
  #watch = new AbortController();

  constructor(parts: SharedGpuParts) {
    this.#parts = parts;
    this.#own = new GpuModel({
      ...parts,
      onGone: (model, error) => {
        const why = error === undefined ? undefined : toWire(error);
        this.#line?.tell({ loaded: undefined, gone: { model, why } });
        this.#line?.release();
        parts.onGone(model, error);
      },
    });
    const { tabs } = parts;
    this.#line =
      tabs === undefined ? undefined : new TabLine({ ...tabs, serve: this.#serve, onNews: (news) => this.#hear(news) });
  }

  get loaded(): LoadedModel | undefined {
    return this.#own.loaded ?? this.#elsewhere;
  }

  /** Whether another tab's worker has it. */
  get isElsewhere(): boolean {
    return this.#own.loaded === undefined && this.#elsewhere !== undefined;
  }

  /** Asks what other tabs have. @throws IngleError "model-busy" when the one that has the GPU does not answer. */
  async open(): Promise<void> {
    const line = this.#line;
    if (line === undefined || !(await line.isHeldElsewhere())) return;
    try {
      this.#adopt((await line.wish({ do: "tell" })) as LoadedModel | undefined);
    } catch (thrown) {
      if (!isGone(thrown)) throw thrown;
    }
  }

  /** As `GpuModel.load`. @throws IngleError as it; "model-busy" when the tab that has the GPU does not answer. */
  async load(id: string, request: LoadRequest): Promise<void> {
    const { signal, onProgress, ...rest } = request;
    for (let tries = 1; this.#line !== undefined && !(await this.#line.take()); tries++) {
      if (signal) throwIfAborted(signal);
      try {
        const wish: Wish = { do: "load", id, request: rest };
        const onEvent = onProgress && ((event: unknown) => onProgress(event as Parameters<typeof onProgress>[0]));
        this.#adopt((await this.#line.wish(wish, { signal, onEvent })) as LoadedModel);
        return;
      } catch (thrown) {
        // Its holder has just gone: this tab may be the next.
        if (!isGone(thrown) || tries === MOST_TRIES) throw thrown;
      }
    }
    this.#adopt(undefined);
    await this.#loadOwn(id, request);
  }

  async unload(): Promise<void> {
    if (this.isElsewhere) await this.#line?.wish({ do: "unload" });
    else await this.#unloadOwn();
  }

  /** @throws IngleError as `Session.generate`; "worker-failed" when the tab that has the model is gone. */
  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    if (!this.isElsewhere || this.#line === undefined) {
      yield* this.#own.generate(request, signal);
      return;
    }
    const left = new AbortController();
    const events = new Channel<GenerateEvent>();
    this.#line
      .wish(
        { do: "generate", request },
        {
          signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal,
          onEvent: (event) => events.push(event as GenerateEvent),
        },
      )
      .then(
        () => events.close(),
        (thrown: unknown) => events.fail(thrown),
      );
    try {
      yield* events;
    } finally {
      left.abort();
    }
  }

  /** As `ModelClient.dropOldestTurns`. */
  async shorten(messages: readonly ChatMessage[], room: number): Promise<Shortened> {
    if (!this.isElsewhere || this.#line === undefined) return this.#parts.client.dropOldestTurns(messages, room);
    return (await this.#line.wish({ do: "shorten", messages, room })) as Shortened;
  }

  /** As `ModelClient.countTokens`. */
  async countTokens(messages: readonly ChatMessage[]): Promise<number> {
    if (!this.isElsewhere || this.#line === undefined) return this.#parts.client.countTokens(messages);
    return (await this.#line.wish({ do: "count", messages })) as number;
  }

  rest(): void {
    this.#own.rest();
  }

  async #loadOwn(id: string, request: LoadRequest): Promise<void> {
    try {
      const loading = this.#own.load(id, request);
      this.#parts.onChange(); // the one before answers nobody any more
      await loading;
    } finally {
      this.#tellOwn();
    }
  }

  async #unloadOwn(): Promise<void> {
    try {
      await this.#own.unload();
    } finally {
      this.#tellOwn();
    }
  }

  /** And lets go of the GPU, where nothing is on it. Who is not the holder has nothing to tell. */
  #tellOwn(): void {
    if (this.#line?.isHolder !== true) return;
    this.#line.tell({ loaded: this.#own.loaded });
    if (this.#own.loaded === undefined) this.#line.release();
  }

  readonly #serve: Serve = async (wish, { signal, onEvent }) => {
    switch (wish.do) {
      case "tell":
        return this.#own.loaded;
      case "load":
        return this.#parts.inTurn(async () => {
          throwIfAborted(signal);
          const { id, request } = wish;
          if (!isSame(this.#own.loaded, id, request)) {
            await this.#loadOwn(id, { ...request, signal, onProgress: onEvent });
            this.#parts.onChange();
          }
          return this.#own.loaded;
        });
      case "unload":
        await this.#unloadOwn();
        this.#parts.onChange();
        return undefined;
      case "generate":
        for await (const event of this.#own.generate(wish.request, signal)) onEvent(event);
        return undefined;
      case "count":
        return this.#parts.client.countTokens(wish.messages);
      case "shorten":
        return this.#parts.client.dropOldestTurns(wish.messages, wish.room);
      default:
        return wish satisfies never;
    }
  };

  #hear({ loaded, gone }: HolderNews): void {
    this.#adopt(loaded);
    if (gone === undefined) this.#parts.onChange();
    else this.#parts.onGone(gone.model, gone.why && fromWire(gone.why));
  }

  #adopt(model: LoadedModel | undefined): void {
    this.#watch.abort();
    this.#watch = new AbortController();
    this.#elsewhere = model;
    if (model === undefined) return;
    this.#line?.whenFree(this.#watch.signal).then(
      () => {
        if (this.#elsewhere !== model) return;
        this.#elsewhere = undefined;
        this.#parts.onChange();
      },
      () => undefined, // another took its place
    );
  }
}

/** The tab that was asked is no more. */
function isGone(thrown: unknown): boolean {
  return thrown instanceof IngleError && thrown.code === "worker-failed";
}

/** Whether it is loaded as it is wished. */
function isSame(loaded: LoadedModel | undefined, id: string, { engine = "wgsl", contextLength }: LoadRequest): boolean {
  if (loaded?.id !== id || loaded.info.engine !== engine) return false;
  const { info } = loaded;
  return contextLength === undefined || info.contextLength === Math.min(contextLength, info.modelContextLength);
}
