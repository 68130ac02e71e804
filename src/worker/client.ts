/** The page's end of the dedicated worker: starts it, asks it, and makes sure that every request ends. */
import { abortedError, fromWire, IngleError, throwIfAborted } from "../shared/errors";
import type { Milliseconds } from "../shared/units";
import { blobModule } from "../shared/blob-module";
import entryUrl from "./entry?worker&url";
import { lifelineName, watchLifeline } from "./lifeline";
import type { ArgsOf, EventOf, MessageToPage, MessageToWorker, MethodName, RequestId, ResultOf } from "./protocol";

export interface CallOptions<Event = never> {
  /** The request is given up when for so long neither an event nor its answer came; waiting for its turn does not count. */
  readonly limit: Milliseconds;
  readonly onEvent?: (event: Event) => void;
  /** Whether a worker that let the limit pass is taken to be stuck, in a GPU driver say, and ended. */
  readonly endIfStuck?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A limit passes in so many steps. A page that slept or was frozen wakes with its timers due, before the worker, which
 * slept as long, could say a word: that costs one step and not the request.
 */
const LIMIT_STEPS = 4;

interface Pending {
  onWaiting(): void;
  onEvent(event: unknown): void;
  resolve(result: unknown): void;
  reject(error: IngleError): void;
}

export class WorkerClient {
  #worker: Worker | undefined;
  #revokeScript: () => void = () => undefined;
  #stopWatching: () => void = () => undefined;
  #pending = new Map<RequestId, Pending>();
  #nextId: RequestId = 1;

  /**
   * Asks the worker, which is started with the first request and again after it died.
   *
   * @throws IngleError as the worker threw it; "aborted"; "timed-out"; "worker-failed" when it can't be
   * started or dies under the request.
   */
  async call<M extends MethodName>(method: M, args: ArgsOf<M>, options: CallOptions<EventOf<M>>): Promise<ResultOf<M>> {
    const { limit, endIfStuck = false, signal, onEvent } = options;
    if (signal !== undefined) throwIfAborted(signal);
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextId++;

    let timer: ReturnType<typeof setTimeout> | undefined;
    let onAbort: (() => void) | undefined;
    try {
      return await new Promise<ResultOf<M>>((resolve, reject) => {
        const giveUp = () => {
          send(worker, { type: "abort", id });
          reject(new IngleError("timed-out", `The worker did not answer within ${limit / 1000} s.`));
          if (endIfStuck) this.#end(new IngleError("worker-failed", "The worker was stuck in another request."));
        };
        const restart = (steps = LIMIT_STEPS) => {
          clearTimeout(timer);
          timer = setTimeout(() => (steps === 1 ? giveUp() : restart(steps - 1)), limit / LIMIT_STEPS);
        };
        restart();
        this.#pending.set(id, {
          resolve: resolve,
          reject,
          onWaiting: () => restart(),
          onEvent(event) {
            restart();
            onEvent?.(event as EventOf<M>);
          },
        });
        onAbort = () => {
          send(worker, { type: "abort", id });
          reject(abortedError());
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        send(worker, { type: "request", id, method, args });
      });
    } finally {
      clearTimeout(timer);
      if (onAbort) signal?.removeEventListener("abort", onAbort);
      this.#pending.delete(id);
    }
  }

  #start(): Worker {
    const script = blobModule(new URL(entryUrl, import.meta.url));
    this.#revokeScript = () => script.revoke();
    const name = lifelineName();
    let worker: Worker;
    try {
      worker = new Worker(script.url, { type: "module", name });
    } catch (cause) {
      script.revoke();
      throw new IngleError("worker-failed", "This browser could not start Ingle's worker.", { cause });
    }
    worker.onmessage = ({ data }: MessageEvent<MessageToPage>) => {
      script.revoke(); // it has loaded
      if (data.type === "alive") {
        this.#stopWatching = watchLifeline(name, () => {
          if (worker !== this.#worker) return;
          this.#end(
            new IngleError("worker-failed", "Ingle's worker was ended, perhaps for want of memory. Try again."),
          );
        });
        return;
      }
      const pending = this.#pending.get(data.id);
      if (data.type === "waiting") pending?.onWaiting();
      else if (data.type === "event") pending?.onEvent(data.event);
      else if (data.type === "result") pending?.resolve(data.result);
      else pending?.reject(fromWire(data.error));
    };
    worker.onerror = ({ message }) => {
      const said = message ? ` It said: ${message}` : "";
      if (worker === this.#worker) {
        this.#end(new IngleError("worker-failed", `Ingle's worker stopped.${said} Reload the page.`));
      }
    };
    worker.onmessageerror = () => {
      if (worker !== this.#worker) return;
      this.#end(new IngleError("worker-failed", "A message from Ingle's worker could not be read. Reload the page."));
    };
    return worker;
  }

  #end(error: IngleError): void {
    this.#revokeScript();
    this.#stopWatching();
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function send(worker: Worker, message: MessageToWorker): void {
  worker.postMessage(message);
}
