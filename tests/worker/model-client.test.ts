import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GenerateEvent, GenerateRequest } from "../../src/engine/engine";
import { IngleError } from "../../src/shared/errors";
import { milliseconds } from "../../src/shared/units";
import { WorkerClient } from "../../src/worker/client";
import { ModelClient } from "../../src/worker/model-client";
import type { MessageToPage } from "../../src/worker/protocol";
import { stubWorkers, type FakeWorker } from "./fake-worker";

/** A model's silence at which its worker is taken to be stuck. */
const SILENCE = 120_000;
const REQUEST: GenerateRequest = { input: { text: "abc" } };
const text = (of: string): GenerateEvent => ({ type: "text", text: of });

let workers: ReturnType<typeof stubWorkers>;
let worker: WorkerClient;
let models: ModelClient;

beforeEach(() => {
  vi.useFakeTimers();
  workers = stubWorkers();
  vi.stubGlobal("document", { baseURI: "https://example.org/ingle/" });
  worker = new WorkerClient();
  models = new ModelClient(worker);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function tell(to: FakeWorker, n: number, event: unknown): void {
  const message: MessageToPage = { type: "event", id: to.id(n), event: structuredClone(event) };
  to.onmessage?.({ data: message } as MessageEvent<MessageToPage>);
}

const turn = () => vi.advanceTimersByTimeAsync(0);

describe("a request with events", () => {
  const call = (onEvent?: (event: GenerateEvent) => void) =>
    worker.call("generate", REQUEST, { limit: milliseconds(1000), ...(onEvent && { onEvent }) });

  it("is told of each, in order, and then of the result", async () => {
    const onEvent = vi.fn();
    const asked = call(onEvent);
    for (const word of ["a", "b", "c"]) tell(workers.worker(), 0, text(word));
    workers.worker().answer(workers.worker().id(0), null);
    expect(await asked).toBeNull();
    expect(onEvent.mock.calls).toEqual([[text("a")], [text("b")], [text("c")]]);
  });

  it("has its whole limit again with each event, and no more after the last", async () => {
    const settled = vi.fn();
    call().catch(settled);
    for (let i = 0; i < 5; i++) {
      await vi.advanceTimersByTimeAsync(999);
      expect(settled).not.toHaveBeenCalled();
      tell(workers.worker(), 0, text("a"));
      expect(vi.getTimerCount()).toBe(1);
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(settled).toHaveBeenCalledWith(expect.objectContaining({ code: "timed-out" }));
    expect(workers.worker().sent.at(-1)).toMatchObject({ type: "abort" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not lengthen another's limit, nor is it told of another's", async () => {
    const onEvent = vi.fn();
    const silent = expect(call(onEvent)).rejects.toMatchObject({ code: "timed-out" });
    const other = call();
    await vi.advanceTimersByTimeAsync(900);
    tell(workers.worker(), 1, text("a"));
    await vi.advanceTimersByTimeAsync(100);
    await silent;
    expect(onEvent).not.toHaveBeenCalled();
    workers.worker().answer(workers.worker().id(1), null);
    expect(await other).toBeNull();
  });

  it("that was given up hears nothing more, and no timer starts again", async () => {
    const onEvent = vi.fn();
    const asked = expect(call(onEvent)).rejects.toMatchObject({ code: "timed-out" });
    await vi.advanceTimersByTimeAsync(1000);
    await asked;
    tell(workers.worker(), 0, text("late"));
    expect(onEvent).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("loading", () => {
  it("sends the source and the page's address, and tells of the progress", async () => {
    const onProgress = vi.fn();
    const source = { kind: "url", url: "https://example.org/a.gguf" } as const;
    const loading = models.load({ source, contextLength: 512, onProgress });
    expect(workers.worker().sent[0]).toMatchObject({
      method: "loadModel",
      args: { source, contextLength: 512, page: "https://example.org/ingle/" },
    });
    tell(workers.worker(), 0, { stage: "tuning" });
    await vi.advanceTimersByTimeAsync(SILENCE - 1);
    tell(workers.worker(), 0, { stage: "loading", bytesDone: 1, bytesTotal: 2 });
    await vi.advanceTimersByTimeAsync(SILENCE - 1);
    workers.worker().answer(workers.worker().id(0), { name: "A model" });
    expect(await loading).toEqual({ name: "A model" });
    expect(onProgress.mock.calls).toEqual([[{ stage: "tuning" }], [{ stage: "loading", bytesDone: 1, bytesTotal: 2 }]]);
  });

  it("that says nothing for two minutes is stuck: its worker ends", async () => {
    const loading = expect(models.load({ source: { kind: "starter" } })).rejects.toMatchObject({ code: "timed-out" });
    await vi.advanceTimersByTimeAsync(SILENCE);
    await loading;
    expect(workers.worker().terminate).toHaveBeenCalledOnce();
  });

  it("can be stopped", async () => {
    const controller = new AbortController();
    const loading = models.load({ source: { kind: "starter" }, signal: controller.signal });
    controller.abort();
    await expect(loading).rejects.toMatchObject({ code: "aborted" });
    expect(workers.worker().sent[1]).toMatchObject({ type: "abort" });
    expect(workers.worker().terminate).not.toHaveBeenCalled();
  });
});

describe("a reply", () => {
  const read = async (events: AsyncIterable<GenerateEvent>, into: GenerateEvent[]) => {
    for await (const event of events) into.push(event);
  };

  it("is asked for when it is read, and comes as it is made", async () => {
    const events: GenerateEvent[] = [];
    const reply = models.generate(REQUEST);
    expect(workers.started).toEqual([]);
    const reading = read(reply, events);
    await turn();
    tell(workers.worker(), 0, text("a"));
    await turn();
    expect(events).toEqual([text("a")]);
    tell(workers.worker(), 0, text("b"));
    workers.worker().answer(workers.worker().id(0), null);
    await reading;
    expect(events).toEqual([text("a"), text("b")]);
    // No abort: it ended by itself.
    expect(workers.worker().sent).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that fails gives what came before, then throws", async () => {
    const events: GenerateEvent[] = [];
    const reading = expect(read(models.generate(REQUEST), events)).rejects.toMatchObject({ code: "device-lost" });
    await turn();
    tell(workers.worker(), 0, text("a"));
    workers.worker().fail(workers.worker().id(0), new IngleError("device-lost", "The GPU was lost."));
    await reading;
    expect(events).toEqual([text("a")]);
  });

  it("is stopped by leaving the loop", async () => {
    const leaving = async () => {
      for await (const event of models.generate(REQUEST)) {
        expect(event).toEqual(text("a"));
        break;
      }
    };
    const left = leaving();
    await turn();
    tell(workers.worker(), 0, text("a"));
    await left;
    await turn();
    expect(workers.worker().sent[1]).toEqual({ type: "abort", id: workers.worker().id(0) });
    expect(vi.getTimerCount()).toBe(0);
    // What still comes is nobody's.
    tell(workers.worker(), 0, text("b"));
    workers.worker().answer(workers.worker().id(0), null);
  });

  it("is stopped by its signal, and throws", async () => {
    const controller = new AbortController();
    const reading = expect(read(models.generate(REQUEST, controller.signal), [])).rejects.toMatchObject({
      code: "aborted",
    });
    await turn();
    controller.abort();
    await reading;
    expect(workers.worker().sent[1]).toMatchObject({ type: "abort" });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("is not asked for where the signal came first", async () => {
    await expect(read(models.generate(REQUEST, AbortSignal.abort()), [])).rejects.toMatchObject({ code: "aborted" });
    expect(workers.started).toEqual([]);
  });
});

describe("what is asked of the loaded model", () => {
  it("crosses as it is", async () => {
    const messages = [{ role: "user", content: "Hello" }] as const;
    const asked = [models.countTokens(messages), models.dropOldestTurns(messages, 100), models.unload()];
    const fake = workers.worker();
    expect(fake.sent.map((message) => (message.type === "request" ? [message.method, message.args] : []))).toEqual([
      ["countTokens", messages],
      ["dropOldestTurns", { messages, room: 100 }],
      ["unloadModel", null],
    ]);
    fake.answer(fake.id(0), 7);
    fake.answer(fake.id(1), { messages, dropped: 0 });
    fake.answer(fake.id(2), null);
    expect(await Promise.all(asked)).toEqual([7, { messages, dropped: 0 }, undefined]);
  });
});
