/** A tab's end of the shared GPU, with a worker made by hand; it dies by letting go of its locks. */
import { SharedGpu } from "../../src/desk/shared-gpu";
import type { GenerateEvent, SessionInfo, Usage } from "../../src/engine/engine";
import { abortedError, IngleError } from "../../src/shared/errors";
import { makeQueue } from "../../src/shared/queue";
import type { LoadRequest } from "../../src/worker/model-client";

export const CHANNEL = "ingle gpu under test";
const infoOf = (name: string): SessionInfo =>
  ({ name, engine: "wgsl", contextLength: 512, modelContextLength: 2048, bytes: { total: 5 } }) as SessionInfo;

export interface Tab {
  readonly gpu: SharedGpu;
  /** What its own worker was asked for. */
  readonly asked: string[];
  readonly gone: [string, string | undefined][];
  /** The models of replies that it had, and their rates. */
  readonly replies: [string, number][];
  /** The model of its worker is lost. */
  lose(error: IngleError): void;
  /** Its worker's reply goes on for as long as this is pending. */
  writing: Promise<void>;
  /** Its worker's replies fail with it. */
  failure: IngleError | undefined;
  /** Loading takes as long. */
  loading: Promise<void>;
  die(): void;
}

/** Lets go of all that was asked for by it, as the browser does for a page that is gone. */
function mortalLocks() {
  const releases: (() => void)[] = [];
  const dead = new AbortController();
  const locks = {
    query: () => navigator.locks.query(),
    request(
      name: string,
      options: LockOptions | LockGrantedCallback<unknown>,
      callback?: LockGrantedCallback<unknown>,
    ) {
      const granted = typeof options === "function" ? options : callback;
      const given = typeof options === "function" ? {} : options;
      // What is taken only if it is free has no signal.
      const signal = given.ifAvailable
        ? {}
        : { signal: AbortSignal.any([dead.signal, ...(given.signal ? [given.signal] : [])]) };
      return navigator.locks.request(name, { ...given, ...signal }, (lock) =>
        Promise.race([granted?.(lock), new Promise<void>((release) => releases.push(release))]),
      );
    },
  };
  const die = () => {
    dead.abort();
    for (const release of releases) release();
  };
  return { locks, die };
}

export async function openTab(): Promise<Tab> {
  const { locks, die } = mortalLocks();
  const channel = new BroadcastChannel(CHANNEL);
  const asked: string[] = [];
  const gone: Tab["gone"] = [];
  const replies: Tab["replies"] = [];
  let there: SessionInfo | null;
  const gpu = new SharedGpu({
    tabs: { locks, channel },
    inTurn: makeQueue(),
    onReply: ({ id }, rate) => void replies.push([id, rate]),
    onChange: () => undefined,
    idleMinutes: () => 0,
    onGone: ({ id }, error) => void gone.push([id, error?.code]),
    client: {
      async load({ source, onProgress, signal }: LoadRequest) {
        const id = source.kind === "stored" ? source.id : source.kind;
        asked.push(`load ${id}`);
        onProgress?.({ stage: "reading" });
        await tab.loading;
        if (signal?.aborted) throw abortedError();
        if (id === "broken") throw new IngleError("model-invalid", "It is broken.");
        return (there = infoOf(id));
      },
      loaded: () => Promise.resolve(there),
      unload() {
        asked.push("unload");
        there = null;
        return Promise.resolve();
      },
      whenLost: (signal) =>
        new Promise((resolve, reject) => {
          tab.lose = resolve;
          signal.addEventListener("abort", () => reject(abortedError()));
        }),
      async *generate({ input }, signal): AsyncGenerator<GenerateEvent> {
        asked.push(`generate ${"text" in input ? input.text : ""}`);
        if (tab.failure !== undefined) throw tab.failure;
        yield { type: "text", text: "Once" };
        await new Promise<void>((resolve, reject) => {
          signal?.addEventListener("abort", () => {
            asked.push("stopped");
            reject(abortedError());
          });
          void tab.writing.then(resolve);
        });
        yield { type: "text", text: " more" };
        const usage = { completionTokens: 100, decodeTokensPerSecond: 9 } as Usage;
        yield { type: "end", finishReason: "stop", usage };
      },
      countTokens: (messages) => Promise.resolve(messages.length),
      dropOldestTurns: (messages) => Promise.resolve({ messages: messages.slice(-1), dropped: messages.length - 1 }),
    },
  });
  const tab: Tab = {
    gpu,
    asked,
    gone,
    replies,
    lose: () => undefined,
    failure: undefined,
    writing: Promise.resolve(),
    loading: Promise.resolve(),
    die() {
      channel.close();
      die();
    },
  };
  await gpu.open();
  return tab;
}
