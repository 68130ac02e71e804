/** Replies of the real starter: what is asked for is what comes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChatMessage } from "../../src/engine/engine";
import { readOracle } from "../fixtures/oracle/read-oracle";
import json from "../fixtures/oracle/smollm2-135m.json";
import { never, openShortStarter, openStarter } from "./helpers/models";
import { openSession, reply, type OpenedSession } from "./helpers/sessions";

const { chat } = readOracle(json);
const messages = (chat?.messages ?? []) as ChatMessage[];
const greedy = { temperature: 0 };

describe("the starter", { timeout: 300_000 }, () => {
  let opened: OpenedSession;
  beforeAll(async () => {
    opened = await openSession(await openStarter(), { contextLength: 256 });
  }, 120_000);
  afterAll(() => opened.gpu.device.destroy());

  it("answers as transformers does, and says Paris", async () => {
    const answer = await reply(opened.session, { input: { messages }, sampling: greedy });
    expect(answer.text).toBe(chat?.answer);
    expect(answer.text).toContain("Paris");
    expect(answer.finishReason).toBe("stop");
    expect(answer.usage).toMatchObject({
      promptTokens: chat?.promptTokens.length,
      completionTokens: chat?.answerTokens.length,
      cachedTokens: 0,
    });
    const prefilled = answer.events.filter(({ type }) => type === "prefill");
    expect(prefilled.at(-1)).toMatchObject({ tokensDone: (chat?.promptTokens.length ?? 0) - 1 });
  });

  it("does not compute again what the cache has", async () => {
    const next: ChatMessage[] = [
      ...messages,
      { role: "assistant", content: chat?.answer ?? "" },
      { role: "user", content: "And of Italy?" },
    ];
    const first = await reply(opened.session, { input: { messages: next }, sampling: greedy, maxTokens: 8 });
    expect(first.usage.cachedTokens).toBeGreaterThanOrEqual(chat?.promptTokens.length ?? Infinity);
    const again = await reply(opened.session, { input: { messages: next }, sampling: greedy, maxTokens: 8 });
    expect(again.usage.cachedTokens).toBe(again.usage.promptTokens - 1);
    expect(again.usage.prefillTokensPerSecond).toBeUndefined();
    expect(again.text).toBe(first.text);
  });

  it("says the same with the same seed, something else with another", async () => {
    const input = { messages: [{ role: "user" as const, content: "Tell me a story." }] };
    const sampling = { temperature: 1.5, topK: 0, topP: 1, minP: 0, seed: 7 };
    const a = await reply(opened.session, { input, sampling, maxTokens: 12 });
    const b = await reply(opened.session, { input, sampling, maxTokens: 12 });
    const c = await reply(opened.session, { input, sampling: { ...sampling, seed: 8 }, maxTokens: 12 });
    expect(b.text).toBe(a.text);
    expect(c.text).not.toBe(a.text);
    expect(a.finishReason).toBe("length");
  });

  it("stops before a stop text, wherever its tokens are cut", async () => {
    const answer = await reply(opened.session, { input: { messages }, sampling: greedy, stop: ["l of Fra"] });
    expect(answer.text).toBe("The capita");
    expect(answer.finishReason).toBe("stop");
  });

  it("goes on with an unfinished reply", async () => {
    const unfinished: ChatMessage[] = [...messages, { role: "assistant", content: "The capital of France is" }];
    const answer = await reply(opened.session, {
      input: { messages: unfinished },
      continueFinalMessage: true,
      sampling: greedy,
    });
    expect(answer.text).toBe(" Paris.");
  });

  it("goes on with a text, and keeps to what logit bias allows", async () => {
    const input = { text: "The capital of France is" };
    const plain = await reply(opened.session, { input, sampling: greedy, maxTokens: 1 });
    expect(plain.text).toBe(" Paris");
    const [paris] = chat?.answerTokens.filter((_, i) => i === 5) ?? [];
    const without = await reply(opened.session, {
      input,
      sampling: greedy,
      maxTokens: 1,
      logitBias: { [paris ?? 0]: -100 },
    });
    expect(without.text).not.toBe(" Paris");
    const after = await reply(opened.session, { input, sampling: greedy, maxTokens: 1 });
    expect(after.text).toBe(" Paris");
  });

  it("ends where the context is full, and says so", async () => {
    const { gpu, session } = await openSession(await openShortStarter(), { contextLength: 256 });
    const long = "word ".repeat(230);
    const answer = await reply(session, {
      input: { text: long },
      sampling: { ...greedy, repetitionPenalty: 2 },
    });
    expect(answer.usage.promptTokens + answer.usage.completionTokens).toBe(256);
    expect(answer.finishReason).toBe("context");
    const tooLong: ChatMessage[] = [
      { role: "system", content: "Be brief." },
      { role: "user", content: long },
      { role: "assistant", content: "Yes." },
      { role: "user", content: "What did I say?" },
    ];
    await expect(reply(session, { input: { messages: tooLong } })).rejects.toMatchObject({
      code: "context-full",
      message: expect.stringMatching(/has 2\d\d tokens, and the context ends at 256/) as string,
    });
    const shortened = session.dropOldestTurns(tooLong, 32);
    expect(shortened.messages).toEqual([tooLong[0], tooLong[3]]);
    expect(shortened.dropped).toBe(2);
    expect(session.countTokens(shortened.messages)).toBeLessThanOrEqual(256 - 32);
    gpu.device.destroy();
  });

  it("stops when told to, and the next request waits for its end", async () => {
    const stop = new AbortController();
    const texts: string[] = [];
    const running = (async () => {
      for await (const event of opened.session.generate({ input: { messages }, sampling: greedy }, stop.signal)) {
        if (event.type !== "text") continue;
        texts.push(event.text);
        stop.abort();
      }
    })();
    const next = reply(opened.session, { input: { messages }, sampling: greedy });
    await expect(running).rejects.toMatchObject({ code: "aborted" });
    expect(texts).toHaveLength(1);
    expect((await next).text).toBe(chat?.answer);
  });

  it.each([
    { sampling: { temperature: -1 }, says: /temperature is -1; it can be from 0 to 100/ },
    { sampling: { topK: 1.5 }, says: /topK is 1.5; it can be a whole number/ },
    { sampling: { topP: NaN }, says: /topP is NaN/ },
  ])("refuses $sampling", async ({ sampling, says }) => {
    await expect(reply(opened.session, { input: { messages }, sampling })).rejects.toMatchObject({
      code: "request-invalid",
      message: expect.stringMatching(says) as string,
    });
  });

  it("refuses a bias for a token that is none", async () => {
    const request = { input: { messages }, logitBias: { 99_999: 1 } };
    await expect(reply(opened.session, request)).rejects.toMatchObject({ code: "request-invalid" });
  });

  // The last: it loses the device.
  it("ends a running reply within a second when the device is lost, and can be loaded again", async () => {
    const running = opened.session.generate({ input: { messages }, sampling: greedy }, never);
    await running[Symbol.asyncIterator]().next();
    opened.gpu.device.destroy();
    const lostAt = performance.now();
    await expect(
      (async () => {
        for await (const event of running) expect(event).toBeDefined();
      })(),
    ).rejects.toMatchObject({ code: "device-lost" });
    expect(performance.now() - lostAt).toBeLessThan(1000);
    opened = await openSession(await openStarter(), { contextLength: 256 });
    expect((await reply(opened.session, { input: { messages }, sampling: greedy })).text).toBe(chat?.answer);
  });
});
