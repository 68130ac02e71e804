/**
 * The line between tabs: one of them, the holder, has the model, and does what the others wish. Who holds is a matter of
 * a Web Lock, which a tab that dies lets go of; a tab that has one is not frozen in the background either
 * (https://developer.chrome.com/docs/web-platform/page-lifecycle-api).
 */
import { unlessAborted } from "../shared/abort";
import { fromWire, IngleError, toWire } from "../shared/errors";
import { readTabMessage, type HolderNews, type TabMessage, type Wish } from "./messages";

const HOLDER = "ingle gpu";
const TAB = "ingle tab ";
/** [ms] until a holder that is awake has heard a wish. */
const HEARD_MS = 5000;
/** [ms] Its own worker's silence ends before. */
const SILENCE_MS = 150_000;
/** [ms] A wish may wait long for its turn: so often the holder says that it is still there. A tab behind has such a beat a minute. */
const BEAT_MS = 30_000;
/** [ms] A holder's last word may come after the lock that it let go of. */
const GRACE_MS = 300;

/** The holder is no more. What its worker fails with has the same code, and is another matter. */
export class HolderGone extends IngleError {
  constructor() {
    super("worker-failed", "The tab that had the model was closed.");
  }
}

export interface WishOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: unknown) => void) | undefined;
}

export type Serve = (
  wish: Wish,
  options: { readonly signal: AbortSignal; readonly onEvent: (event: unknown) => void },
) => Promise<unknown>;

export interface TabLineParts {
  readonly locks: LockManager;
  readonly channel: BroadcastChannel;
  /** Does what another tab wishes, while this one is the holder. */
  readonly serve: Serve;
  readonly onNews: (news: HolderNews) => void;
}

interface Call {
  readonly hear: () => void;
  readonly event: (event: unknown) => void;
  readonly done: (value: unknown) => void;
  readonly failed: (error: IngleError) => void;
}

export class TabLine {
  readonly #parts: TabLineParts;
  readonly #tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
  readonly #calls = new Map<number, Call>();
  /** What is done for other tabs. */
  readonly #served = new Map<string, AbortController>();
  #lastCall = 0;
  #taking: Promise<boolean> | undefined;
  #release: (() => void) | undefined;
  #alive: Promise<void> | undefined;

  constructor(parts: TabLineParts) {
    this.#parts = parts;
    parts.channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      const message = readTabMessage(data);
      if (message !== undefined) this.#hear(message);
    });
  }

  get isHolder(): boolean {
    return this.#release !== undefined;
  }

  /** Becomes the holder, if nobody is. @returns whether this tab is the holder now. */
  take(): Promise<boolean> {
    if (this.isHolder) return Promise.resolve(true);
    this.#taking ??= new Promise<boolean>((resolve, reject) => {
      this.#parts.locks
        .request(HOLDER, { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          return lock === null ? undefined : new Promise<void>((release) => (this.#release = release));
        })
        .catch(reject);
    }).finally(() => (this.#taking = undefined));
    return this.#taking;
  }

  release(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** Whether another tab is the holder. */
  async isHeldElsewhere(): Promise<boolean> {
    if (this.isHolder) return false;
    const { held = [] } = await this.#parts.locks.query();
    return held.some(({ name }) => name === HOLDER);
  }

  /** Resolves when nobody is the holder any more. @throws AbortError */
  whenFree(signal: AbortSignal): Promise<void> {
    // Shared, so that all who wait are told at once, and nobody is kept from taking it.
    return this.#parts.locks.request(HOLDER, { mode: "shared", signal }, () => undefined);
  }

  tell(news: HolderNews): void {
    this.#send({ kind: "news", news });
  }

  /**
   * Has the holder do something.
   *
   * @throws IngleError as what was wished for; HolderGone when there is no holder (any more); "model-busy" when it does not
   *   answer; "timed-out" when it falls silent; "aborted"
   */
  async wish(wish: Wish, { signal, onEvent }: WishOptions = {}): Promise<unknown> {
    await this.#beAlive();
    const call = ++this.#lastCall;
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ending = new Promise<unknown>((resolve, reject) => {
      const endIn = (ms: number, error: () => IngleError) => {
        clearTimeout(timer);
        timer = setTimeout(() => reject(error()), ms);
      };
      let grace = 0; // who never heard it has nothing to say
      let isFree = false;
      const sayThere = () => {
        grace = GRACE_MS;
        if (!isFree) endIn(SILENCE_MS, silent); // the last words of who is gone put nothing off
      };
      this.#calls.set(call, {
        hear: sayThere,
        event: (event) => {
          sayThere();
          onEvent?.(event);
        },
        done: resolve,
        failed: reject,
      });
      endIn(HEARD_MS, deaf);
      this.whenFree(ended.signal).then(
        () => {
          isFree = true;
          endIn(grace, () => new HolderGone());
        },
        () => undefined,
      );
    });
    this.#send({ kind: "wish", from: this.#tab, call, wish });
    try {
      return await (signal === undefined ? ending : unlessAborted(ending, signal));
    } catch (thrown) {
      this.#send({ kind: "stop", from: this.#tab, call });
      throw thrown;
    } finally {
      clearTimeout(timer);
      ended.abort();
      this.#calls.delete(call);
    }
  }

  /** By its lock the holder knows that this tab still waits for what it wished. */
  #beAlive(): Promise<void> {
    return (this.#alive ??= new Promise((resolve, reject) => {
      this.#parts.locks
        .request(TAB + this.#tab, () => {
          resolve();
          return new Promise<never>(() => undefined);
        })
        .catch(reject);
    }));
  }

  #hear(message: TabMessage): void {
    switch (message.kind) {
      case "news":
        this.#parts.onNews(message.news);
        return;
      case "wish":
        if (this.isHolder) void this.#serve(message);
        return;
      case "stop":
        this.#served.get(`${message.from} ${message.call}`)?.abort();
        return;
      default:
    }
    const call = message.to === this.#tab ? this.#calls.get(message.call) : undefined;
    if (message.kind === "heard") call?.hear();
    else if (message.kind === "event") call?.event(message.event);
    else if (message.kind === "done") call?.done(message.value);
    else call?.failed(fromWire(message.error));
  }

  async #serve({ from, call, wish }: TabMessage & { readonly kind: "wish" }): Promise<void> {
    const to = from;
    const sayThere = () => this.#send({ kind: "heard", to, call });
    sayThere();
    const beat = setInterval(sayThere, BEAT_MS);
    const stop = new AbortController();
    const ended = new AbortController();
    this.#served.set(`${from} ${call}`, stop);
    this.#parts.locks
      .request(TAB + from, { mode: "shared", signal: ended.signal }, () => stop.abort())
      .catch(() => undefined);
    try {
      const onEvent = (event: unknown) => this.#send({ kind: "event", to, call, event });
      const value = await this.#parts.serve(wish, { signal: stop.signal, onEvent });
      this.#send({ kind: "done", to, call, value });
    } catch (thrown) {
      this.#send({ kind: "failed", to, call, error: toWire(thrown) });
    } finally {
      clearInterval(beat);
      ended.abort();
      this.#served.delete(`${from} ${call}`);
    }
  }

  #send(message: TabMessage): void {
    this.#parts.channel.postMessage(message);
  }
}

function deaf(): IngleError {
  return new IngleError(
    "model-busy",
    "Another tab of Ingle has the model and does not answer. Go to that tab to wake it, or close it.",
  );
}

function silent(): IngleError {
  return new IngleError("timed-out", `The tab that has the model has said nothing for ${SILENCE_MS / 1000} s.`);
}
