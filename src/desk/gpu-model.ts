/** The one model on the GPU: loaded, watched for its loss, and taken off when nobody has used it for a while. */
import type { GenerateEvent, GenerateRequest, SessionInfo } from "../engine/engine";
import { asIngleError, type IngleError } from "../shared/errors";
import type { HeldModel } from "../tabs/messages";
import type { LoadRequest, ModelClient } from "../worker/model-client";

export type LoadedModel = HeldModel;

export interface GpuModelParts {
  readonly client: Pick<ModelClient, "load" | "loaded" | "unload" | "generate" | "whenLost">;
  /** [minutes] without use before it goes; 0: never. */
  readonly idleMinutes: () => number;
  /** Told when it went by itself: with an error when it was lost, without one when it was idle. */
  readonly onGone: (model: LoadedModel, error: IngleError | undefined) => void;
}

export class GpuModel {
  readonly #parts: GpuModelParts;
  #loaded: LoadedModel | undefined;
  /** Ends the watch over what is loaded. */
  #watch = new AbortController();
  #uses = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: GpuModelParts) {
    this.#parts = parts;
  }

  get loaded(): LoadedModel | undefined {
    return this.#loaded;
  }

  /**
   * Takes the place of the one there is, which stays where the new one is refused by its header. One at a time: whoever
   * calls sees to that.
   *
   * @throws IngleError as `Engine.load`.
   */
  async load(id: string, request: LoadRequest): Promise<void> {
    const before = this.#loaded;
    this.#forget();
    this.#begin();
    try {
      this.#keep({ id, info: await this.#parts.client.load(request) });
    } catch (thrown) {
      await this.#settle(before).catch(() => undefined); // why it failed is what matters
      throw thrown;
    } finally {
      this.#end();
    }
  }

  #keep(loaded: LoadedModel): void {
    this.#loaded = loaded;
    void this.#watchOver(loaded);
  }

  /** After a load that failed: the one before may still be there, or a stopped one may have come all the same. */
  async #settle(before: LoadedModel | undefined): Promise<void> {
    const there = await this.#parts.client.loaded();
    if (there === null) return;
    if (before !== undefined && isSame(there, before.info)) this.#keep(before);
    else await this.#parts.client.unload();
  }

  async unload(): Promise<void> {
    this.#forget();
    await this.#parts.client.unload();
  }

  /** @throws IngleError as `Session.generate`. */
  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    this.#begin();
    try {
      yield* this.#parts.client.generate(request, signal);
    } finally {
      this.#end();
    }
  }

  /** The settings have changed: what waits for its idle time waits for the new one. */
  rest(): void {
    clearTimeout(this.#idle);
    const minutes = this.#parts.idleMinutes();
    if (this.#loaded === undefined || this.#uses > 0 || minutes === 0) return;
    this.#idle = setTimeout(() => void this.#leave(), minutes * 60_000);
  }

  async #leave(): Promise<void> {
    const loaded = this.#loaded;
    if (loaded === undefined || this.#uses > 0) return;
    await this.unload().catch(() => undefined); // a worker that is gone holds nothing
    this.#parts.onGone(loaded, undefined);
  }

  #begin(): void {
    this.#uses++;
    clearTimeout(this.#idle);
  }

  #end(): void {
    this.#uses--;
    this.rest();
  }

  /** Until it is unloaded or another is loaded. */
  async #watchOver(loaded: LoadedModel): Promise<void> {
    const { signal } = this.#watch;
    const error = await this.#parts.client.whenLost(signal).catch(asIngleError);
    if (signal.aborted || this.#loaded !== loaded) return;
    this.#forget();
    this.#parts.onGone(loaded, error);
  }

  #forget(): void {
    this.#watch.abort();
    this.#watch = new AbortController();
    this.#loaded = undefined;
    clearTimeout(this.#idle);
  }
}

const isSame = (a: SessionInfo, b: SessionInfo) =>
  a.name === b.name && a.engine === b.engine && a.bytes.total === b.bytes.total;
