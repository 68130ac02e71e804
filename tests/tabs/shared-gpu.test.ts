/** One model for several tabs, by the browser's own locks and channels. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LoadedModel } from "../../src/desk/gpu-model";
import { IngleError } from "../../src/shared/errors";
import { milliseconds } from "../../src/shared/units";
import { CHANNEL, openTab as openOne, type Tab } from "./open-tab";

const open: Tab[] = [];
afterEach(() => {
  for (const tab of open.splice(0)) tab.die();
  vi.useRealTimers();
});

async function openTab(): Promise<Tab> {
  const tab = await openOne();
  open.push(tab);
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
    // Whoever asked for the reply is told how fast it was.
    expect([first.replies, second.replies]).toEqual([[], [["a", 9]]]);
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

  it("is loaded anew for a longer conversation, and not for one that is rounded down to what it has", async () => {
    const [first, second] = [await openTab(), await openTab()];
    await load(first, "a"); // with 512 tokens of the 2,048 that it was made for
    const wish = (atMost: number) =>
      second.gpu.load("a", { source: { kind: "stored", id: "a" }, contextLength: { atMost } });
    await wish(515);
    expect(first.asked).toEqual(["load a"]);
    await wish(516);
    expect(first.asked).toEqual(["load a", "load a"]);
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

/** Whether some tab has the GPU. */
const isHeld = async () => (await navigator.locks.query()).held?.some(({ name }) => name === "ingle gpu");

describe("the GPU", () => {
  it("is not let go of while a model is being loaded, and a model is not unloaded for another's name", async () => {
    const [first, second] = [await openTab(), await openTab()];
    await load(first, "a");
    await vi.waitFor(() => expect(loadedIn(second)).toBe("a"));
    let loaded: () => void = () => undefined;
    first.loading = new Promise((resolve) => (loaded = resolve));
    const loading = load(first, "b");
    await second.gpu.unload(); // of "a", which is no more
    expect(await isHeld()).toBe(true);
    loaded();
    await loading;
    await vi.waitFor(() => expect([loadedIn(first), loadedIn(second)]).toEqual(["b", "b"]));
    expect(first.asked).toEqual(["load a", "load b"]);
  });

  it("is let go of by who could load nothing", async () => {
    const [first, second] = [await openTab(), await openTab()];
    await expect(load(first, "broken")).rejects.toMatchObject({ code: "model-invalid" });
    await vi.waitFor(async () => expect(await isHeld()).toBe(false));
    await load(second, "a");
    expect(second.asked).toEqual(["load a"]);
  });

  it("has the model loaded again for who found it lost before its own tab did", async () => {
    const [first, second] = [await openTab(), await openTab()];
    await load(first, "a");
    await vi.waitFor(() => expect(loadedIn(second)).toBe("a"));
    first.failure = new IngleError("device-lost", "The GPU was lost.");
    await expect(replyOf(second, "hello")).rejects.toMatchObject({ code: "device-lost" });
    first.failure = undefined;
    await load(second, "a");
    await load(second, "a"); // now it is as it should be
    expect(first.asked).toEqual(["load a", "generate hello", "load a"]);
  });

  it("is spoken of by other versions of the page without harm, and what they wish is refused", async () => {
    const tab = await openTab();
    await load(tab, "a");
    const stranger = new BroadcastChannel(CHANNEL);
    const heard: { readonly to?: string; readonly error?: { readonly code: string } }[] = [];
    stranger.onmessage = ({ data }: MessageEvent<(typeof heard)[0]>) => void heard.push(data);
    for (const odd of [null, 5, {}, { kind: "news", news: null }, { kind: "news", news: { loaded: { id: "b" } } }]) {
      stranger.postMessage(odd);
    }
    stranger.postMessage({ kind: "wish", from: "stranger", call: 1, wish: { do: "dance" } });
    await vi.waitFor(() => expect(heard.at(-1)).toMatchObject({ to: "stranger", error: { code: "request-invalid" } }));
    expect(loadedIn(tab)).toBe("a");
    stranger.close();
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
