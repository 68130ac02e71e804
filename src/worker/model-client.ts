/** The page's end of a model in the worker: loads it, talks with it. */
import type {
  ChatMessage,
  GenerateEvent,
  GenerateRequest,
  LoadOptions,
  ModelSource,
  SessionInfo,
  Shortened,
} from "../engine/engine";
import type { Rehearsal, RehearsalProgress } from "../fit/rehearsal";
import { eventsOf } from "../shared/channel";
import type { EngineName } from "../shared/engines";
import { fromWire, type IngleError } from "../shared/errors";
import { milliseconds } from "../shared/units";
import type { WorkerClient } from "./client";

/**
 * Nothing happens for so long only when something is stuck: sources give up after 30 s by themselves, and WebLLM's session
 * tells every few seconds of a prompt that the library is still busy with.
 */
const SILENCE_LIMIT = milliseconds(120_000);

export interface LoadRequest extends Omit<LoadOptions, "signal"> {
  readonly source: ModelSource;
  /** Ingle's own by default. */
  readonly engine?: EngineName | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class ModelClient {
  readonly #worker: WorkerClient;

  constructor(worker: WorkerClient) {
    this.#worker = worker;
  }

  /** Puts a model on the GPU, in place of the one there is. @throws IngleError as `Engine.load`. */
  load({ source, engine = "wgsl", contextLength, kv, signal, onProgress }: LoadRequest): Promise<SessionInfo> {
    const options = { limit: SILENCE_LIMIT, endIfStuck: true, signal, ...(onProgress && { onEvent: onProgress }) };
    return this.#worker.call("loadModel", { source, engine, contextLength, kv, page: document.baseURI }, options);
  }

  /**
   * Finds out whether so much memory is really there, on a device of its own beside a model that runs.
   *
   * @param sizes [bytes] of each buffer.
   * @throws IngleError "aborted"; "device-unavailable"; that there is too little memory is an outcome.
   */
  rehearse(
    sizes: readonly number[],
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: RehearsalProgress) => void } = {},
  ): Promise<Rehearsal> {
    return this.#worker.call(
      "rehearse",
      { sizes },
      { limit: SILENCE_LIMIT, signal, ...(onProgress && { onEvent: onProgress }) },
    );
  }

  async unload(): Promise<void> {
    await this.#worker.call("unloadModel", null, { limit: SILENCE_LIMIT });
  }

  /** What is on the GPU, once what was asked for before is done. */
  loaded(): Promise<SessionInfo | null> {
    return this.#worker.call("loadedModel", null, { limit: SILENCE_LIMIT });
  }

  /**
   * Waits until the loaded model is lost with its device.
   *
   * @returns why.
   * @throws IngleError "aborted"; "worker-failed" when it is lost with the whole worker.
   */
  async whenLost(signal: AbortSignal): Promise<IngleError> {
    return fromWire(await this.#worker.call("whenModelLost", null, { limit: SILENCE_LIMIT, signal }));
  }

  /**
   * Replies. Leaving the loop stops the reply.
   *
   * @throws IngleError as `Session.generate`; "no-model".
   */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    return eventsOf(
      (onEvent, signal) =>
        this.#worker.call("generate", request, { limit: SILENCE_LIMIT, endIfStuck: true, signal, onEvent }),
      signal,
    );
  }

  /** [tokens] */
  countTokens(messages: readonly ChatMessage[]): Promise<number> {
    return this.#worker.call("countTokens", messages, { limit: SILENCE_LIMIT });
  }

  /** @throws IngleError "context-full" when what has to stay is too long by itself. */
  dropOldestTurns(messages: readonly ChatMessage[], room: number): Promise<Shortened> {
    return this.#worker.call("dropOldestTurns", { messages, room }, { limit: SILENCE_LIMIT });
  }
}
