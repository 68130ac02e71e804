/** How long WebLLM is waited for, and what ends the wait. The library is made by hand: it answers when it is told to. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GenerateEvent, GenerateRequest } from "../../src/engine/engine";
import type { LoadedLibrary } from "../../src/engine/webllm/session";
import type { WatchedGpu } from "../../src/engine/webllm/watched-gpu";
import { IngleError } from "../../src/shared/errors";
import { quietGpu, replayedSession } from "./replayed-session";

const request: GenerateRequest = { input: { messages: [{ role: "user", content: "Hello" }] } };
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, extra: {} };
const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A session whose library makes a step each time that it is told to. */
function stepping(gpu: WatchedGpu = quietGpu()) {
  const texts = ["Good", " day"];
  const steps: (() => void)[] = [];
  const done = { interrupted: 0, asked: 0, unloads: 0 };
  const step = () => new Promise<void>((resolve) => steps.push(resolve));
  async function* chunks() {
    for (const content of texts) {
      await step();
      if (done.interrupted > 0) break;
      yield { choices: [{ delta: { content }, finish_reason: null }] };
    }
    yield { choices: [{ delta: {}, finish_reason: "stop" }], usage };
  }
  const library = {
    chat: {
      completions: {
        create: () => {
          done.asked++;
          done.interrupted = 0;
          return Promise.resolve(chunks());
        },
      },
    },
    getMessage: () => Promise.resolve(texts.join("")),
    interruptGenerate: () => {
      done.interrupted++;
      return Promise.resolve();
    },
    unload: () => {
      done.unloads++;
      return Promise.resolve();
    },
  } as unknown as LoadedLibrary;
  const goOn = async () => {
    await vi.advanceTimersByTimeAsync(0);
    steps.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { session: replayedSession(library, gpu), done, goOn };
}

function read(events: AsyncIterable<GenerateEvent>) {
  const got: GenerateEvent[] = [];
  const found: { error?: unknown; over: boolean } = { over: false };
  void (async () => {
    for await (const event of events) got.push(event);
  })()
    .catch((thrown: unknown) => (found.error = thrown))
    .finally(() => (found.over = true));
  return { got, found };
}

const never = new AbortController().signal;
const prefillsOf = (events: readonly GenerateEvent[]) => events.filter(({ type }) => type === "prefill");

describe("a prompt that takes long", () => {
  it("says every few seconds that it is computed, and then its reply", async () => {
    const { session, goOn } = stepping();
    const { got, found } = read(session.generate(request, never));
    let last = 0;
    for (let i = 0; i < 20; i++) {
      await vi.advanceTimersByTimeAsync(MINUTE);
      expect(prefillsOf(got).length).toBeGreaterThan(last);
      last = prefillsOf(got).length;
    }
    expect(found.over).toBe(false);
    await goOn();
    const before = got.length;
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(got).toHaveLength(before); // a prompt that is read is not told again
    await goOn();
    expect(found).toEqual({ over: true });
    expect(got.filter(({ type }) => type !== "prefill").map(({ type }) => type)).toEqual(["text", "text", "end"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that never ends is ended after half an hour, and the model has to be loaded again", async () => {
    const { session, done } = stepping();
    const { found } = read(session.generate(request, never));
    await vi.advanceTimersByTimeAsync(30 * MINUTE - 1);
    expect(found.over).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    const stuck = { code: "timed-out", message: expect.stringMatching(/30 minutes\. Load the model again/) as string };
    expect(found).toMatchObject({ over: true, error: stuck });
    const next = read(session.generate(request, never));
    await vi.advanceTimersByTimeAsync(0);
    expect(next.found).toMatchObject({ over: true, error: stuck });
    expect(done.asked).toBe(1);
  });

  it("is ended at once by the loss of its device", async () => {
    let lose: () => void = () => undefined;
    const lost = new Promise<IngleError>((resolve) => {
      lose = () => resolve(new IngleError("device-lost", "The GPU was lost."));
    });
    const { session } = stepping(quietGpu({ lost }));
    const { found } = read(session.generate(request, never));
    await vi.advanceTimersByTimeAsync(MINUTE);
    lose();
    await vi.advanceTimersByTimeAsync(0);
    expect(found).toMatchObject({ over: true, error: { code: "device-lost" } });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("and was stopped is waited for by the next, however slow it is", async () => {
    const stop = new AbortController();
    const { session, goOn } = stepping();
    const first = read(session.generate(request, stop.signal));
    await vi.advanceTimersByTimeAsync(MINUTE);
    stop.abort();
    const next = read(session.generate(request, never));
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(next.got).toEqual([]);
    await goOn();
    expect(first.found).toMatchObject({ over: true, error: { code: "aborted" } });
    await goOn();
    await goOn();
    expect(next.found).toEqual({ over: true });
    expect(next.got.at(-1)?.type).toBe("end");
  });

  it("and was stopped does not keep its session from being given back", async () => {
    const stop = new AbortController();
    const destroy = vi.fn();
    const { session, done } = stepping(quietGpu({ destroy }));
    const { found } = read(session.generate(request, stop.signal));
    await vi.advanceTimersByTimeAsync(MINUTE);
    stop.abort();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(found.over).toBe(false);
    session.dispose();
    session.dispose();
    await vi.advanceTimersByTimeAsync(0);
    expect(found.over).toBe(true);
    expect(destroy).toHaveBeenCalledOnce();
    expect(done.unloads).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("what the GPU refuses", () => {
  const problem = new IngleError("gpu-validation", "The GPU refused WebLLM's work: no.");
  const refused = {
    code: "gpu-validation",
    message: "The GPU refused WebLLM's work: no. Load the model again.",
  };

  it("ends the reply with its next step, before its garbage, and every later one before it begins", async () => {
    const gpu = quietGpu();
    const { session, done, goOn } = stepping(gpu);
    const { got, found } = read(session.generate(request, never));
    await goOn();
    expect(got.at(-1)).toEqual({ type: "text", text: "Good" });
    Object.assign(gpu, { problem });
    await goOn();
    expect(found).toMatchObject({ over: true, error: refused });
    expect(got.at(-1)).toEqual({ type: "text", text: "Good" });
    const next = read(session.generate(request, never));
    await vi.advanceTimersByTimeAsync(0);
    expect(next.found).toMatchObject({ over: true, error: refused });
    expect(next.got).toEqual([]);
    expect(done.asked).toBe(1);
  });

  it("after a reply's end is told before the next begins", async () => {
    const gpu = quietGpu();
    const { session, done, goOn } = stepping(gpu);
    const first = read(session.generate(request, never));
    await goOn();
    await goOn();
    expect(first.found).toEqual({ over: true });
    Object.assign(gpu, { problem });
    const next = read(session.generate(request, never));
    await vi.advanceTimersByTimeAsync(0);
    expect(next.found).toMatchObject({ over: true, error: refused });
    expect(done.asked).toBe(1);
  });
});
