/** What every engine has to do, written against the interface alone. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { ChatMessage, Engine, GenerateEvent, ModelSource, Session } from "../../src/engine/engine";
import type { EngineName } from "../../src/shared/engines";
import { WorkerClient } from "../../src/worker/client";
import { ModelClient } from "../../src/worker/model-client";
import { reply } from "../gpu/helpers/sessions";

export interface SuiteEngine {
  readonly name: EngineName;
  /** An engine as a fresh worker would have it, with a device of its own. */
  readonly open: () => Promise<{ readonly engine: Engine; readonly source: ModelSource }>;
  /** [tokens] that it says a reply of so many has: web-llm 0.2.79 leaves out the first. */
  readonly counted?: (tokens: number) => number;
  /** [ms] that a test may take: a model compiled for a real GPU is slow on a software adapter. */
  readonly timeout: number;
}

const never = new AbortController().signal;
const CONTEXT = 256;
const ask = (content: string): ChatMessage[] => [{ role: "user", content }];
const input = { messages: ask("Tell me a story.") };
const greedy = { temperature: 0 };
/** How soon a broken reply has to end. */
const SOON_MS = 5000;

export function engineSuite({ name, open, counted = (tokens) => tokens, timeout }: SuiteEngine): void {
  describe(`the engine "${name}"`, { timeout }, () => {
    const devices: GPUDevice[] = [];
    const request = GPUAdapter.prototype.requestDevice;
    let session: Session;

    async function load(signal = never): Promise<Session> {
      const { engine, source } = await open();
      return engine.load(source, { contextLength: CONTEXT, signal });
    }

    beforeAll(async () => {
      GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, descriptor) {
        const device = await request.call(this, descriptor);
        devices.push(device);
        return device;
      };
      session = await load();
    }, timeout);
    afterEach(() => {
      vi.restoreAllMocks();
      vi.unstubAllGlobals();
    });
    afterAll(() => {
      session.dispose();
      GPUAdapter.prototype.requestDevice = request;
    });

    it("tells what it loaded, and ends a reply where it is told to", async () => {
      expect(session.info).toMatchObject({ engine: name, contextLength: CONTEXT });
      const { bytes } = session.info;
      expect(bytes.weights).toBeGreaterThan(1e6);
      expect(bytes.kv).toBeGreaterThan(1e5);
      expect(bytes.total).toBeGreaterThanOrEqual(bytes.weights + bytes.kv);
      const { finishReason, usage, text } = await reply(session, { input, sampling: greedy, maxTokens: 3 });
      expect(finishReason).toBe("length");
      expect(usage.completionTokens).toBe(counted(3));
      expect(usage.promptTokens).toBe(session.countTokens(input.messages));
      expect(usage.timeToFirstTokenMs).toBeGreaterThan(0);
      expect(text).not.toBe("");
    });

    it("does not compute the conversation again for its next turn", async () => {
      const first = await reply(session, { input, sampling: greedy, maxTokens: 3 });
      const next = [...input.messages, { role: "assistant" as const, content: first.text }, ...ask("And then?")];
      const { usage } = await reply(session, { input: { messages: next }, sampling: greedy, maxTokens: 2 });
      expect(usage.cachedTokens).toBeGreaterThan(session.countTokens(input.messages) / 2);
    });

    it("gives the same text for the same seed", async () => {
      const say = (seed: number) => reply(session, { input, sampling: { temperature: 1, seed }, maxTokens: 3 });
      const first = await say(7);
      expect(first.usage.seed).toBe(7);
      expect((await say(7)).text).toBe(first.text);
    });

    it("gives the text of a reply of one token", async () => {
      const one = await reply(session, { input, sampling: greedy, maxTokens: 1 });
      const more = await reply(session, { input, sampling: greedy, maxTokens: 3 });
      expect(one.text).not.toBe("");
      expect(more.text.startsWith(one.text)).toBe(true);
      expect(one.finishReason).toBe("length");
    });

    it("stops before a stop text", async () => {
      const whole = await reply(session, { input, sampling: greedy, maxTokens: 4 });
      const stop = whole.text.slice(-1);
      const cut = await reply(session, { input, sampling: greedy, maxTokens: 4, stop: [stop] });
      expect(cut.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)));
      expect(cut.finishReason).toBe("stop");
    });

    it("goes on with an unfinished answer, and with a text", async () => {
      const messages = [...input.messages, { role: "assistant" as const, content: "Once upon a" }];
      const limits = { sampling: greedy, maxTokens: 2 };
      const answer = await reply(session, { input: { messages }, continueFinalMessage: true, ...limits });
      expect(answer.text).not.toBe("");
      expect(answer.usage.promptTokens).toBeGreaterThan(session.countTokens(input.messages));
      expect((await reply(session, { input: { text: "Once upon a" }, ...limits })).text).not.toBe("");
    });

    it("ends when it is stopped, and the next reply is whole", async () => {
      const stop = new AbortController();
      const events = session.generate({ input, sampling: greedy, maxTokens: 64 }, stop.signal);
      await textOf(events);
      stop.abort();
      await expect(textOf(events)).rejects.toMatchObject({ code: "aborted" });
      expect((await reply(session, { input, sampling: greedy, maxTokens: 2 })).finishReason).toBe("length");
    });

    it("lets a reply that nobody reads any more end, and the next is whole", async () => {
      for await (const event of session.generate({ input, sampling: greedy, maxTokens: 64 }, never)) {
        if (event.type === "text") break;
      }
      expect((await reply(session, { input, sampling: greedy, maxTokens: 2 })).finishReason).toBe("length");
    });

    it("holds a reply to a JSON schema", async () => {
      // No bare boolean: web-llm 0.2.79's grammar compiler knows no schema whose root is none but an object.
      const schema = { type: "object", properties: { a: { type: "boolean" } }, required: ["a"] };
      const responseFormat = { type: "json", schema: JSON.stringify(schema) } as const;
      const { text } = await reply(session, { input, sampling: greedy, maxTokens: 32, responseFormat });
      expect(typeof (JSON.parse(text) as { a: unknown }).a).toBe("boolean");
    });

    it("answers two requests at once one after the other", async () => {
      const alone = await reply(session, { input, sampling: greedy, maxTokens: 3 });
      const two = await Promise.all([1, 2].map(() => reply(session, { input, sampling: greedy, maxTokens: 3 })));
      expect(two.map(({ text }) => text)).toEqual([alone.text, alone.text]);
    });

    it("refuses what makes no sense before it computes anything", async () => {
      const said = (request: Parameters<typeof reply>[1]) => reply(session, request);
      await expect(said({ input: { messages: [] } })).rejects.toMatchObject({ code: "chat-invalid" });
      await expect(said({ input, maxTokens: 0 })).rejects.toMatchObject({ code: "request-invalid" });
      await expect(said({ input, sampling: { temperature: -1 } })).rejects.toMatchObject({ code: "request-invalid" });
      await expect(said({ input: { messages: ask("tale ".repeat(400)) } })).rejects.toMatchObject({
        code: "context-full",
      });
    });

    it("ends with the loss of its device in time, and the model can be loaded again", async () => {
      const events = session.generate({ input, sampling: greedy, maxTokens: 64 }, never);
      await textOf(events);
      const lostAt = performance.now();
      devices.at(-1)?.destroy();
      await expect(textOf(events)).rejects.toMatchObject({ code: "device-lost" });
      await expect(reply(session, { input })).rejects.toMatchObject({ code: "device-lost" });
      expect(performance.now() - lostAt).toBeLessThan(SOON_MS);
      session.dispose();
      session = await load();
      expect((await reply(session, { input, sampling: greedy, maxTokens: 2 })).text).not.toBe("");
    });

    it("ends with its worker in time, and the model can be loaded again", async () => {
      session.dispose(); // there is no room for two where memory is short
      const { source } = await open();
      const started = noteWorkers();
      const model = new ModelClient(new WorkerClient());
      const loadThere = () => model.load({ source, engine: name, contextLength: CONTEXT });
      expect(await loadThere()).toMatchObject({ engine: name });
      const events = model.generate({ input, sampling: greedy, maxTokens: 64 });
      await textOf(events);
      const killedAt = performance.now();
      started.at(-1)?.terminate(); // which nobody is told of
      await expect(textOf(events)).rejects.toMatchObject({ code: "worker-failed" });
      expect(performance.now() - killedAt).toBeLessThan(SOON_MS);
      await loadThere();
      expect(await textOf(model.generate({ input, sampling: greedy, maxTokens: 2 }))).not.toBe("");
      started.at(-1)?.terminate();
    });

    it("says that the GPU has too little memory", async () => {
      refuseMemory();
      await expect(load()).rejects.toMatchObject({ code: "gpu-out-of-memory" });
    });

    it("stops loading when it is told to", async () => {
      const { engine, source } = await open();
      const stop = new AbortController();
      const onProgress = ({ stage }: { stage: string }) => {
        if (stage === "loading") stop.abort();
      };
      const loading = engine.load(source, { contextLength: CONTEXT, signal: stop.signal, onProgress });
      await expect(loading).rejects.toMatchObject({ code: "aborted" });
    });
  });
}

/** Every worker that is started from now on, until mocks are restored. */
function noteWorkers(): readonly Worker[] {
  const started: Worker[] = [];
  class Noted extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      started.push(this);
    }
  }
  vi.stubGlobal("Worker", Noted);
  return started;
}

/** Reads on to the next text. */
async function textOf(events: AsyncIterable<GenerateEvent>): Promise<string> {
  const iterator = events[Symbol.asyncIterator]();
  for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
    if (step.value.type === "text") return step.value.text;
  }
  throw new Error("The reply ended without a text.");
}

/** No software adapter runs out of memory: what is made is made, and its error scope says otherwise. */
function refuseMemory(): void {
  const scopes = new WeakMap<GPUDevice, GPUErrorFilter[]>();
  const { pushErrorScope: push, popErrorScope: pop } = GPUDevice.prototype;
  vi.spyOn(GPUDevice.prototype, "pushErrorScope").mockImplementation(function (this: GPUDevice, filter) {
    scopes.set(this, [...(scopes.get(this) ?? []), filter]);
    push.call(this, filter);
  });
  vi.spyOn(GPUDevice.prototype, "popErrorScope").mockImplementation(async function (this: GPUDevice) {
    const open = scopes.get(this) ?? [];
    const filter = open.at(-1);
    scopes.set(this, open.slice(0, -1));
    const error = await pop.call(this);
    return filter === "out-of-memory" ? new GPUOutOfMemoryError("There is no more.") : error;
  });
}
