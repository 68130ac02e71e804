/** The worker's entry, as the page drives it: its messages in, its messages out. The model is made by hand. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GenerateEvent } from "../../src/engine/engine";
import type { MessageToPage, MessageToWorker } from "../../src/worker/protocol";

/** The model's part: a reply that goes on until the test ends it, whatever it is told. */
const model = vi.hoisted(() => ({
  engine: "webllm",
  unload: vi.fn(() => null),
  load: vi.fn(() => Promise.resolve({ name: "Loaded" })),
  endReply: (): void => undefined,
}));
vi.mock("../../src/worker/model-holder", () => ({
  ModelHolder: class {
    unload = model.unload;
    load = model.load;
    session = {
      info: { engine: model.engine },
      async *generate(): AsyncGenerator<GenerateEvent> {
        await new Promise<void>((resolve) => (model.endReply = resolve));
      },
    };
  },
}));

/** By a name that the compiler does not follow: the entry's globals are a worker's. */
const ENTRY = "../../src/worker/entry.ts";

const posted: MessageToPage[] = [];
let scope: { onmessage?: (event: { data: MessageToWorker }) => void };

beforeEach(() => {
  posted.length = 0;
  scope = {};
  vi.stubGlobal("navigator", {});
  vi.stubGlobal(
    "self",
    Object.assign(scope, { name: "", navigator: {}, postMessage: (message: MessageToPage) => posted.push(message) }),
  );
  vi.resetModules();
});
afterEach(() => {
  vi.clearAllMocks();
  vi.unstubAllGlobals();
});

const send = (data: unknown) => scope.onmessage?.({ data: data as MessageToWorker });
const turn = () => new Promise((resolve) => setTimeout(resolve));

describe("unloading under a reply", () => {
  async function unloadUnderReply(engine: string): Promise<void> {
    model.engine = engine;
    await import(/* @vite-ignore */ ENTRY);
    send({ type: "request", id: 1, method: "generate", args: {} });
    await turn();
    send({ type: "request", id: 2, method: "unloadModel", args: null });
    await turn();
    expect(posted).toEqual([]);
  }

  it("does not wait for a prompt that WebLLM computes", async () => {
    await unloadUnderReply("webllm");
    expect(model.unload).toHaveBeenCalledOnce();
    model.endReply();
    await vi.waitFor(() => expect(posted.at(-1)).toMatchObject({ type: "result", id: 2 }));
  });

  it("waits for Ingle's engine, which has the worker's own device", async () => {
    await unloadUnderReply("wgsl");
    expect(model.unload).not.toHaveBeenCalled();
    model.endReply();
    await vi.waitFor(() => expect(posted.at(-1)).toMatchObject({ type: "result", id: 2 }));
    expect(model.unload).toHaveBeenCalledOnce();
  });
});

describe("loading", () => {
  it("waits, with either engine, for WebLLM to end a load that was stopped", async () => {
    await import(/* @vite-ignore */ ENTRY);
    const { withStandIns: inPlace } = await import("../../src/engine/webllm/stand-ins"); // the entry's own
    let end: () => void = () => undefined;
    const going = inPlace({} as Parameters<typeof inPlace>[0], () => new Promise<void>((resolve) => (end = resolve)));
    const args = { source: { kind: "starter" }, engine: "wgsl", page: "https://example.org/" };
    send({ type: "request", id: 1, method: "loadModel", args });
    await turn();
    expect(model.load).not.toHaveBeenCalled();
    end();
    await going;
    await vi.waitFor(() => expect(posted.at(-1)).toEqual({ type: "result", id: 1, result: { name: "Loaded" } }));
  });
});
