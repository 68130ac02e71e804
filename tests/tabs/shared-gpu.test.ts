/** One model for several tabs, by the browser's own locks and channels; tabs that die do so by letting go of their locks. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { SharedGpu } from "../../src/desk/shared-gpu";
import type { LoadedModel } from "../../src/desk/gpu-model";
import type { GenerateEvent, SessionInfo } from "../../src/engine/engine";
import { abortedError, IngleError } from "../../src/shared/errors";
import { makeQueue } from "../../src/shared/queue";
import { milliseconds } from "../../src/shared/units";
import type { LoadRequest } from "../../src/worker/model-client";

const CHANNEL = "ingle gpu under test";
const infoOf = (name: string): SessionInfo =>
  ({ name, engine: "wgsl", contextLength: 512, modelContextLength: 2048, bytes: { total: 5 } }) as SessionInfo;

interface Tab {
  readonly gpu: SharedGpu;
  /** What its own worker was asked for. */
  readonly asked: string[];
  readonly gone: [string, string | undefined][];
  /** The model of its worker is lost. */
  lose(error: IngleError): void;
  /** Its worker's reply goes on for as long as this is pending. */
  writing: Promise<void>;
  /** Loading takes as long. */
  loading: Promise<void>;
  die(): void;
}

const open: Tab[] = [];
afterEach(() => {
  for (const tab of open.splice(0)) tab.die();
  vi.useRealTimers();
});

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

async function openTab(): Promise<Tab> {
  const { locks, die } = mortalLocks();
  const channel = new BroadcastChannel(CHANNEL);
  const asked: string[] = [];
  const gone: Tab["gone"] = [];
  let there: SessionInfo | null;
  const gpu = new SharedGpu({
    tabs: { locks, channel },
    inTurn: makeQueue(),
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
        yield { type: "text", text: "Once" };
        await new Promise<void>((resolve, reject) => {
          signal?.addEventListener("abort", () => {
            asked.push("stopped");
            reject(abortedError());
          });
          void tab.writing.then(resolve);
        });
        yield { type: "text", text: " more" };
      },
      countTokens: (messages) => Promise.resolve(messages.length),
      dropOldestTurns: (messages) => Promise.resolve({ messages: messages.slice(-1), dropped: messages.length - 1 }),
    },
  });
  const tab: Tab = {
    gpu,
    asked,
    gone,
    lose: () => undefined,
    writing: Promise.resolve(),
    loading: Promise.resolve(),
    die() {
      channel.close();
      die();
    },
  };
  open.push(tab);
  await gpu.open();
  return tab;
}

const load = ({ gpu }: Tab, id: string) => gpu.load(id, { source: { kind: "stored", id } });
const loadedIn = ({ gpu }: Tab): LoadedModel["id"] | undefined => gpu.loaded?.id;

async function replyOf({ gpu }: Tab, text: string, signal?: AbortSignal): Promise<string> {
  let all = "";
  for await (const event of gpu.generate({ input: { text } }, signal)) if (event.type === "text") all += event.text;
  return all;
}

describe("a model that one tab has", () => {
  it("is there for the others, which talk through it", async () => {
    const first = await openTab();
    await load(first, "a");
    const second = await openTab();
    expect([loadedIn(second), second.gpu.isElsewhere, first.gpu.isElsewhere]).toEqual(["a", true, false]);
    expect(await replyOf(second, "hello")).toBe("Once more");
    const turns = [1, 2, 3].map((n) => ({ role: "user" as const, content: String(n) }));
    expect(await second.gpu.shorten(turns, 5)).toEqual({ messages: turns.slice(2), dropped: 2 });
    expect(await second.gpu.countTokens(turns)).toBe(3);
    expect(first.asked).toEqual(["load a", "generate hello"]);
    expect(second.asked).toEqual([]);
  });

  it("is loaded once where two want it at once, and both see how far it is", async () => {
    const first = await openTab();
    const second = await openTab();
    const seen: string[] = [];
    const onProgress = ({ stage }: { stage: string }) => void seen.push(stage);
    await Promise.all([load(first, "a"), second.gpu.load("a", { source: { kind: "stored", id: "a" }, onProgress })]);
    expect([...first.asked, ...second.asked]).toEqual(["load a"]);
    expect([loadedIn(first), loadedIn(second)]).toEqual(["a", "a"]);
  });

  it("gives its place to the one that another tab wants, in the same worker", async () => {
    const [first, second, third] = [await openTab(), await openTab(), await openTab()];
    await load(first, "a");
    await load(second, "b");
    expect(first.asked).toEqual(["load a", "load b"]);
    expect([first, second, third].map(loadedIn)).toEqual(["b", "b", "b"]);
    await expect(load(second, "broken")).rejects.toMatchObject({ code: "model-invalid", message: "It is broken." });
    expect(loadedIn(first)).toBe("b");
  });

  it("goes for all when one unloads it, and then it can be any tab's", async () => {
    const [first, second] = [await openTab(), await openTab()];
    await load(first, "a");
    await vi.waitFor(() => expect(loadedIn(second)).toBe("a"));
    await second.gpu.unload();
    expect(first.asked).toEqual(["load a", "unload"]);
    expect([loadedIn(first), loadedIn(second)]).toEqual([undefined, undefined]);
    await load(second, "a");
    expect(second.asked).toEqual(["load a"]);
    await vi.waitFor(() => expect(first.gpu.isElsewhere).toBe(true));
  });

  it("stays for all when a tab that does not know of it yet unloads what it has: nothing", async () => {
    const [first, second, third] = [await openTab(), await openTab(), await openTab()];
    await load(first, "a");
    await second.gpu.unload();
    await vi.waitFor(() => expect([first, second, third].map(loadedIn)).toEqual(["a", "a", "a"]));
    await new Promise((resolve) => setTimeout(resolve, 50)); // what it told is on its way
    expect([first, second, third].map(loadedIn)).toEqual(["a", "a", "a"]);
  });

  it("that is lost is lost for all, with the reason", async () => {
    const [first, second] = [await openTab(), await openTab()];
    await load(first, "a");
    await vi.waitFor(() => expect(loadedIn(second)).toBe("a"));
    first.lose(new IngleError("device-lost", "The GPU was lost."));
    await vi.waitFor(() => expect(second.gone).toEqual([["a", "device-lost"]]));
    expect(first.gone).toEqual([["a", "device-lost"]]);
    expect(loadedIn(second)).toBeUndefined();
    await load(second, "a");
    expect(second.asked).toEqual(["load a"]);
  });
});

describe("tabs that end", () => {
  it("the one that has the model: a reply for another ends at once, and that one loads it itself", async () => {
    const [first, second] = [await openTab(), await openTab()];
    await load(first, "a");
    first.writing = new Promise(() => undefined);
    await vi.waitFor(() => expect(loadedIn(second)).toBe("a"));
    const events = second.gpu.generate({ input: { text: "hello" } });
    expect(await events.next()).toMatchObject({ value: { text: "Once" } });
    first.die();
    await expect(events.next()).rejects.toMatchObject({ code: "worker-failed" });
    expect(loadedIn(second)).toBeUndefined();
    await load(second, "a");
    expect(await replyOf(second, "again")).toBe("Once more");
    expect(second.asked).toEqual(["load a", "generate again"]);
  });

  it("the one that waits for a reply: nobody goes on with it", async () => {
    const [first, second] = [await openTab(), await openTab()];
    await load(first, "a");
    first.writing = new Promise(() => undefined);
    await vi.waitFor(() => expect(loadedIn(second)).toBe("a"));
    await second.gpu.generate({ input: { text: "hello" } }).next();
    second.die();
    await vi.waitFor(() => expect(first.asked).toContain("stopped"));
  });

  it("a reply that is stopped, or left, is stopped where it is written", async () => {
    const [first, second] = [await openTab(), await openTab()];
    await load(first, "a");
    first.writing = new Promise(() => undefined);
    await vi.waitFor(() => expect(loadedIn(second)).toBe("a"));
    const stop = new AbortController();
    const reply = replyOf(second, "hello", stop.signal);
    await vi.waitFor(() => expect(first.asked).toContain("generate hello"));
    stop.abort();
    await expect(reply).rejects.toMatchObject({ code: "aborted" });
    await vi.waitFor(() => expect(first.asked.filter((what) => what === "stopped")).toHaveLength(1));
    for await (const event of second.gpu.generate({ input: { text: "left" } })) if (event.type === "text") break;
    await vi.waitFor(() => expect(first.asked.filter((what) => what === "stopped")).toHaveLength(2));
  });

  it("the one that has the GPU and does not answer is named, in time", async () => {
    let release: () => void = () => undefined;
    const held = navigator.locks.request("ingle gpu", () => new Promise<void>((resolve) => (release = resolve)));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const opening = openTab().catch((thrown: unknown) => thrown);
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(milliseconds(5000));
      expect(await Promise.race([opening, Promise.resolve("waiting")])).toMatchObject({ code: "model-busy" });
    });
    release();
    await held;
  });
});
