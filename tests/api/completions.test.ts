/** Replies for programs: their shapes, the model that writes them, and the waits and ends. */
import { describe, expect, it } from "vitest";
import { createCompletion } from "../../src/api/completions";
import { makeIngle } from "../../src/api/ingle";
import { listModels } from "../../src/api/models";
import type { ChatCompletion, ChatCompletionChunk, CompletionStream } from "../../src/api/types";
import type { CapabilityReport } from "../../src/probe/report";
import { IngleError } from "../../src/shared/errors";
import type { OpenTalk } from "../../src/talk/open-talk";
import type { TalkParts } from "../../src/talk/talk";
import { entry, FakeDesk, keptAs, settle, talkWith, type Script } from "../talk/parts";

const messages = [{ role: "user", content: "Hi" }];
const never = new Promise<unknown>(() => undefined);

function open(scripts: readonly Script[], kept: readonly string[] = [], more: Partial<TalkParts> = {}) {
  const desk = new FakeDesk(kept.map((id) => entry(id, { name: `${id} by name`, kept: keptAs(id) })));
  desk.scripts.push(...scripts);
  const { talk } = talkWith(desk, more);
  const create = (params: object, signal?: AbortSignal) =>
    createCompletion(() => Promise.resolve({ talk, desk }), { messages, ...params }, signal && { signal });
  return { desk, talk, create };
}

async function chunksOf(completion: ChatCompletion | CompletionStream): Promise<ChatCompletionChunk[]> {
  const chunks: ChatCompletionChunk[] = [];
  for await (const chunk of completion as CompletionStream) chunks.push(chunk);
  return chunks;
}

describe("a reply", () => {
  it("comes whole, with its usage", async () => {
    const { create, desk } = open([["Hel", "lo"]]);
    const completion = (await create({ temperature: 0 })) as ChatCompletion;
    expect(completion).toMatchObject({
      object: "chat.completion",
      model: "starter",
      choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13, ingle: { seed: 1 } },
    });
    expect(completion.id).toMatch(/^chatcmpl-[\da-f-]{36}$/);
    expect(Math.abs(completion.created - Date.now() / 1000)).toBeLessThan(60);
    expect(desk.requests).toMatchObject([{ sampling: { temperature: 0 } }]);
  });

  it("streams: a role, its pieces, an end, and the usage where it is asked for", async () => {
    const { create } = open([["Hel", "lo"], ["x"]]);
    const chunks = await chunksOf(await create({ stream: true, stream_options: { include_usage: true } }));
    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: "assistant", content: "" },
      { content: "Hel" },
      { content: "lo" },
      {},
      undefined,
    ]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, "stop", undefined]);
    expect(chunks.at(-1)?.usage).toMatchObject({ total_tokens: 13 });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect((await chunksOf(await create({ stream: true }))).every(({ usage }) => usage === undefined)).toBe(true);
  });

  it("that fails is the engine's error, whole or streaming, after what came before it", async () => {
    const cut = new IngleError("json-incomplete", "Not whole.");
    const { create } = open([
      ["{", cut],
      ["{", cut],
    ]);
    await expect(create({})).rejects.toBe(cut);
    const texts: string[] = [];
    await expect(
      (async () => {
        for await (const { choices } of (await create({ stream: true })) as CompletionStream)
          texts.push(choices[0]?.delta.content ?? "");
      })(),
    ).rejects.toBe(cut);
    expect(texts).toEqual(["", "{"]);
  });

  it("is stopped by its signal, and by who leaves its stream", async () => {
    const { create } = open([["a", never], ["a", never], ["whole"]]);
    const stop = new AbortController();
    const first = create({}, stop.signal);
    await settle();
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: "aborted" });
    for await (const { choices } of (await create({ stream: true })) as CompletionStream) {
      if (choices[0]?.delta.content === "a") break;
    }
    expect(await create({})).toMatchObject({ choices: [{ message: { content: "whole" } }] });
  });

  it("that is given up is given up at once, wherever it waits; who waits behind it gets on", async () => {
    const { create, desk } = open([["a", never], ["next"], ["last"]], ["Mine"]);
    const given = async (params: object) => {
      const stop = new AbortController();
      const waiting = create(params, stop.signal);
      await settle();
      stop.abort();
      await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    };
    const stop = new AbortController();
    const first = create({}, stop.signal);
    await settle();
    await given({}); // for its turn
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: "aborted" });

    let load: () => void = () => undefined;
    desk.gate = new Promise<void>((resolve) => (load = resolve));
    await given({ model: "Mine" }); // for its model
    const next = create({ model: "Mine" });
    await given({}); // for its turn behind a load
    load();
    expect(await next).toMatchObject({ model: "Mine", choices: [{ message: { content: "next" } }] });
    expect(desk.loads).toEqual(["starter", "Mine"]);
  });

  it("that nobody reads does not hold up the next", async () => {
    const { create } = open([["unread"], ["next"]]);
    await create({ stream: true });
    expect(await create({})).toMatchObject({ choices: [{ message: { content: "next" } }] });
  });
});

describe("the model", () => {
  it("is the one that is named, by id or by name, and the chat goes on with it", async () => {
    const { create, desk, talk } = open([["a"], ["b"], ["c"]], ["Mine", "Other"]);
    await settle();
    expect(await create({ model: "Mine" })).toMatchObject({ model: "Mine" });
    expect(await create({ model: "Mine by name" })).toMatchObject({ model: "Mine" });
    expect(desk.loads).toEqual(["starter", "Mine"]);
    expect(talk.state.model).toMatchObject({ phase: "ready", name: "Mine by name" });
    expect(await create({})).toMatchObject({ model: "Mine" });
  });

  it("is waited for where it is being loaded already", async () => {
    let load: () => void = () => undefined;
    const { create, desk } = open([["a"], ["b"], ["c"]], ["Mine"]); // the chat loads the starter
    const starter = create({ model: "starter" });
    expect(await starter).toMatchObject({ model: "starter" });
    await settle();
    desk.gate = new Promise<void>((resolve) => (load = resolve));
    const byHand = desk.load("Mine"); // on the Models page
    const waiting = create({ model: "Mine" });
    await settle();
    load();
    await byHand;
    expect(await waiting).toMatchObject({ model: "Mine" });
    expect(desk.loads).toEqual(["starter", "Mine"]);
  });

  it("that somebody takes away each time is not fought for", async () => {
    const { create, desk } = open([], ["Mine", "Other"]);
    await settle();
    desk.subscribe(() => {
      if (desk.state.loaded?.id === "Mine") void desk.load("Other");
    });
    await expect(create({ model: "Mine" })).rejects.toMatchObject({ code: "model-busy" });
  });

  it("that is not here is refused, with what is", async () => {
    const { create } = open([], ["Mine"]);
    await expect(create({ model: "gpt-4o" })).rejects.toMatchObject({
      code: "not-stored",
      message: 'There is no model "gpt-4o" here. There are "starter", "Mine"; the Models page gets others.',
    });
  });

  it("that can't be loaded says why", async () => {
    const { create, desk } = open([], ["Mine"]);
    await settle();
    desk.broken.set("Mine", "Too little memory.");
    await expect(create({ model: "Mine" })).rejects.toMatchObject({ code: "no-model", message: "Too little memory." });
  });

  it("is not taken away from a reply of the chat's", async () => {
    let end: () => void = () => undefined;
    const writing = new Promise<void>((resolve) => (end = resolve));
    const { create, desk, talk } = open([["chat", writing], ["mine"]], ["Mine"]);
    await settle();
    void talk.send({ content: "Hello" });
    await settle();
    const waiting = create({ model: "Mine" });
    await settle();
    expect(desk.loads).toEqual(["starter"]);
    end();
    expect(await waiting).toMatchObject({ model: "Mine", choices: [{ message: { content: "mine" } }] });
    expect(desk.loads).toEqual(["starter", "Mine"]);
  });

  it("is not fetched unasked where data is to be saved", async () => {
    const { create, desk } = open([], [], { isMetered: true });
    await expect(create({})).rejects.toMatchObject({ code: "no-model" });
    await expect(create({ model: "starter" })).rejects.toMatchObject({ code: "no-model" });
    expect(desk.loads).toEqual([]);
  });

  it("needs a GPU, and the error says so", async () => {
    const absence = { code: "no-api", message: "No WebGPU here.", remedy: "" } as const;
    const { create } = open([], ["Mine"], { absence });
    for (const params of [{}, { model: "Mine" }, { model: "starter" }]) {
      await expect(create(params)).rejects.toMatchObject({ code: "device-unavailable", message: "No WebGPU here." });
    }
  });

  it("is not asked for by what is refused, and what is kept is asked for anew", async () => {
    const { talk, desk } = open([]);
    let opened = 0;
    let refreshed = 0;
    const refresh = () => Promise.reject(new Error(`No storage, ${++refreshed} times.`));
    const ingle = makeIngle({
      openDesk: () => Promise.resolve({ state: desk.state, refresh }),
      openTalk: () => Promise.resolve({ talk, desk, opened: ++opened } as unknown as OpenTalk),
      capabilities: () => Promise.resolve({} as CapabilityReport),
    });
    const { create } = ingle.chat.completions as { create: (...given: unknown[]) => Promise<unknown> };
    await expect(create({ messages: [] })).rejects.toMatchObject({ code: "request-invalid" });
    await expect(create({ messages }, { timeout: 5 })).rejects.toMatchObject({ message: /^timeout: A signal ends/ });
    await expect(create({ messages }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    expect((await ingle.models.list()).data).toMatchObject([{ id: "starter" }]);
    expect([opened, refreshed]).toEqual([0, 1]);
  });

  it("is listed with what else is kept", async () => {
    const { desk } = open([], ["Qwen/Qwen2.5-0.5B", "mine"]);
    await settle();
    expect(listModels(desk.state)).toMatchObject({
      object: "list",
      data: [
        { id: "starter", owned_by: "HuggingFaceTB" },
        { id: "Qwen/Qwen2.5-0.5B", owned_by: "Qwen" },
        { id: "mine", owned_by: "user" },
      ],
    });
    const [starter, other] = listModels(desk.state).data;
    expect(starter?.ingle).toEqual({ name: "SmolLM2-135M-Instruct", bytes: null, loaded: true, context_length: 100 });
    expect(other?.ingle).toEqual({ name: "Qwen/Qwen2.5-0.5B by name", bytes: 1, loaded: false, context_length: null });
  });
});
