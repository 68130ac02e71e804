/**
 * The one model on the GPU, for all tabs: in this tab's worker, or in another's, which then does what this one asks. There
 * is never a second copy; and where the tab that has it goes, the next that needs it loads it.
 */
import type { ChatMessage, GenerateEvent, GenerateRequest, Shortened } from "../engine/engine";
import { eventsOf } from "../shared/channel";
import { fromWire, IngleError, throwIfAborted, toWire } from "../shared/errors";
import { isLoss } from "../shared/losses";
import type { makeQueue } from "../shared/queue";
import type { HolderNews, Wish } from "../tabs/messages";
import { HolderGone, TabLine, type Serve, type TabLineParts } from "../tabs/tab-line";
import type { LoadRequest, ModelClient } from "../worker/model-client";
import { rateOfReply } from "./measure-model";
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
  /** A reply that was long enough to tell it has ended. @param rate [tokens/s] */
  readonly onReply: (model: LoadedModel, rate: number) => void;
}

export class SharedGpu {
  readonly #parts: SharedGpuParts;
  readonly #own: GpuModel;
  readonly #line: TabLine | undefined;
  /** What another tab has for all. */
  #elsewhere: LoadedModel | undefined;
  #watch = new AbortController();
  /** That are going on or wait for their turn: until none is, this tab does not let go of the GPU. */
  #loads = 0;
  /** A reply for another tab failed as with a lost model, of which this one may not have heard yet. */
  #isDoubted = false;

  constructor(parts: SharedGpuParts) {
    this.#parts = parts;
    this.#own = new GpuModel({
      ...parts,
      onGone: (model, error) => {
        const why = error === undefined ? undefined : toWire(error);
        this.#line?.tell({ loaded: undefined, gone: { model, why } });
        this.#letGo();
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
    this.#adopt((await line.wish({ do: "tell" }).catch(unlessGone)) as LoadedModel | undefined);
  }

  /** As `GpuModel.load`. @throws IngleError as it; "model-busy" when the tab that has the GPU does not answer. */
  async load(id: string, request: LoadRequest): Promise<void> {
    await this.#counted(async () => {
      if (await this.#takeOrWish(id, request)) await this.#loadOwn(id, request);
    });
  }

  /** @returns whether this tab is the one to load it; else another has loaded it. */
  async #takeOrWish(id: string, { signal, onProgress, ...request }: LoadRequest): Promise<boolean> {
    const line = this.#line;
    for (let tries = 1; line !== undefined && !(await line.take()); tries++) {
      if (signal) throwIfAborted(signal);
      try {
        const onEvent = onProgress && ((event: unknown) => onProgress(event as Parameters<typeof onProgress>[0]));
        this.#adopt((await line.wish({ do: "load", id, request }, { signal, onEvent })) as LoadedModel);
        return false;
      } catch (thrown) {
        // This tab may be the next.
        if (!(thrown instanceof HolderGone) || tries === MOST_TRIES) throw thrown;
      }
    }
    this.#adopt(undefined);
    return true;
  }

  async unload(): Promise<void> {
    const elsewhere = this.#own.loaded === undefined ? this.#elsewhere : undefined;
    if (elsewhere === undefined) await this.#unloadOwn();
    else await this.#line?.wish({ do: "unload", id: elsewhere.id }).catch(unlessGone);
  }

  /** @throws IngleError as `Session.generate`; "worker-failed" when the tab that has the model is gone. */
  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    const model = this.loaded;
    for await (const event of this.#reply(request, signal)) {
      const rate = event.type === "end" ? rateOfReply(request, event.usage) : undefined;
      if (model !== undefined && rate !== undefined) this.#parts.onReply(model, rate);
      yield event;
    }
  }

  async *#reply(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    if (!this.isElsewhere || this.#line === undefined) {
      yield* this.#own.generate(request, signal);
      return;
    }
    const line = this.#line;
    yield* eventsOf<GenerateEvent>(
      (push, signal) =>
        line.wish({ do: "generate", request }, { signal, onEvent: (event) => push(event as GenerateEvent) }),
      signal,
    );
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
      this.#isDoubted = false;
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

  async #counted(load: () => Promise<void>): Promise<void> {
    this.#loads++;
    try {
      await load();
    } finally {
      this.#loads--;
      this.#letGo();
    }
  }

  /** Who is not the holder has nothing to tell. */
  #tellOwn(): void {
    if (this.#line?.isHolder === true) this.#line.tell({ loaded: this.#own.loaded });
    this.#letGo();
  }

  /** Of the GPU, where nothing is on it or about to be. */
  #letGo(): void {
    if (this.#loads === 0 && this.#own.loaded === undefined) this.#line?.release();
  }

  readonly #serve: Serve = async (wish, { signal, onEvent }) => {
    switch (wish.do) {
      case "tell":
        return this.#own.loaded;
      case "load":
        await this.#counted(() => this.#parts.inTurn(() => this.#loadFor(wish, signal, onEvent)));
        return this.#own.loaded;
      case "unload":
        if (this.#own.loaded?.id !== wish.id) return undefined;
        await this.#unloadOwn();
        this.#parts.onChange();
        return undefined;
      case "generate":
        try {
          for await (const event of this.#own.generate(wish.request, signal)) onEvent(event);
        } catch (thrown) {
          this.#isDoubted ||= isLoss(thrown);
          throw thrown;
        }
        return undefined;
      case "count":
        return this.#parts.client.countTokens(wish.messages);
      case "shorten":
        return this.#parts.client.dropOldestTurns(wish.messages, wish.room);
      default:
        wish satisfies never;
        throw new IngleError("request-invalid", "Another tab runs another version of this page. Reload both.");
    }
  };

  async #loadFor(
    { id, request }: Wish & { readonly do: "load" },
    signal: AbortSignal,
    onProgress: (event: unknown) => void,
  ): Promise<void> {
    throwIfAborted(signal);
    if (!this.#isDoubted && isSame(this.#own.loaded, id, request)) return;
    await this.#loadOwn(id, { ...request, signal, onProgress });
    this.#parts.onChange();
  }

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

function unlessGone(thrown: unknown): undefined {
  if (!(thrown instanceof HolderGone)) throw thrown;
}

/** [tokens] Engines round a context down to a multiple of so many. */
const CONTEXT_STEP = 4;

/** Whether it is loaded as it is wished. */
function isSame(loaded: LoadedModel | undefined, id: string, { engine = "wgsl", contextLength }: LoadRequest): boolean {
  if (loaded?.id !== id || loaded.info.engine !== engine) return false;
  const { info } = loaded;
  if (contextLength === undefined) return true;
  const tokens = typeof contextLength === "number" ? contextLength : contextLength.atMost;
  const lacking = Math.min(tokens, info.modelContextLength) - info.contextLength;
  return lacking >= 0 && lacking < CONTEXT_STEP;
}
