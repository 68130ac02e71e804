/** `ingle`, as a program in the page calls it, with the real starter. */
import type { Page } from "playwright/test";
import type { ChatCompletion, ChatCompletionChunk, CompletionParams, Ingle } from "../../src/api/types";
import { expect, test } from "../helpers/test";

declare const globalThis: { readonly ingle: Ingle };

test.describe.configure({ timeout: 240_000 });

const france = [{ role: "user", content: "What is the capital of France?" }] as const;
const greedy = { messages: france, temperature: 0 } as const;

const create = (tab: Page, params: CompletionParams): Promise<ChatCompletion> =>
  tab.evaluate((params) => globalThis.ingle.chat.completions.create({ ...params, stream: false }), params);

/** What is thrown crosses to here as text: its code is asked for there. */
const refusal = (tab: Page, params: object): Promise<{ name: string; code: string; message: string }> =>
  tab.evaluate(async (params) => {
    try {
      await globalThis.ingle.chat.completions.create(params as CompletionParams);
    } catch (thrown) {
      const { name, code, message } = thrown as { name: string; code: string; message: string };
      return { name, code, message };
    }
    throw new Error("It was not refused.");
  }, params);

test("replies whole and streaming, by a schema, and refuses what it has not", async ({ page: tab, site }) => {
  await tab.goto(site);
  await tab.waitForFunction(() => "ingle" in globalThis);
  expect(await tab.evaluate(() => globalThis.ingle.models.list())).toMatchObject({
    object: "list",
    data: [{ id: "starter", object: "model", ingle: { name: "SmolLM2-135M-Instruct", loaded: false } }],
  });
  expect(await tab.evaluate(async () => (await globalThis.ingle.capabilities()).kind)).toBe("ingle-capability-report");

  // Named while the chat is loading it: that is waited for.
  const whole = await create(tab, { ...greedy, model: "starter" });
  expect(whole).toMatchObject({ object: "chat.completion", model: "starter" });
  expect(whole.choices[0]).toMatchObject({ finish_reason: "stop", message: { role: "assistant" } });
  expect(whole.choices[0].message.content).toContain("Paris");
  expect(whole.usage.total_tokens).toBe(whole.usage.prompt_tokens + whole.usage.completion_tokens);
  expect(whole.usage.ingle.engine).toBe("wgsl");
  expect((await tab.evaluate(() => globalThis.ingle.models.list())).data[0]?.ingle.loaded).toBe(true);

  const chunks = await tab.evaluate(async (params) => {
    const chunks: ChatCompletionChunk[] = [];
    const asked = { ...params, stream: true, stream_options: { include_usage: true } } as const;
    for await (const chunk of await globalThis.ingle.chat.completions.create(asked)) chunks.push(chunk);
    return chunks;
  }, greedy);
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(whole.choices[0].message.content);
  expect(chunks.length).toBeGreaterThan(4);
  expect(chunks.at(-1)?.usage?.completion_tokens).toBe(whole.usage.completion_tokens);
  expect(chunks.at(-1)?.usage?.prompt_tokens_details.cached_tokens).toBeGreaterThan(0);

  const hot = { messages: france, temperature: 1.5, seed: 11, max_tokens: 8 } as const;
  const once = await create(tab, hot);
  expect(once.choices[0].finish_reason).toBe("length");
  expect((await create(tab, hot)).choices[0].message.content).toBe(once.choices[0].message.content);

  const schema = { type: "object", properties: { capital: { enum: ["Paris", "Rome"] } }, required: ["capital"] };
  const response_format = { type: "json_schema", json_schema: { name: "answer", schema } } as const;
  const json = await create(tab, { ...greedy, response_format });
  expect(["Paris", "Rome"]).toContain((JSON.parse(json.choices[0].message.content) as { capital: string }).capital);
  expect(await refusal(tab, { ...greedy, response_format, max_tokens: 2 })).toMatchObject({ code: "json-incomplete" });

  const tool = { type: "function", function: { name: "weather", parameters: {} } };
  expect(await refusal(tab, { ...greedy, tools: [tool] })).toEqual({
    name: "IngleError",
    code: "request-invalid",
    message: "tools: Calling tools is not supported yet.",
  });
  expect(await refusal(tab, { messages: [{ role: "user", content: "word ".repeat(9000) }] })).toMatchObject({
    code: "context-full",
  });

  expect(await refusal(tab, { ...greedy, model: "gpt-4o" })).toMatchObject({
    code: "not-stored",
    message: expect.stringContaining('There are "starter"'),
  });

  // The chat and a program take turns on the one model, whoever came first.
  const before = create(tab, greedy);
  await tab.getByRole("textbox", { name: "Message", exact: true }).fill("Tell a long story about a lighthouse.");
  await tab.keyboard.press("Enter");
  const reply = tab.getByRole("log", { name: "Conversation" }).getByRole("article", { name: "Assistant" });
  expect((await before).choices[0].message.content).toBe(whole.choices[0].message.content);
  await expect(reply.locator("message-text")).toHaveText(/\w+ \w+ \w+/, { timeout: 60_000 });
  await expect(reply).toHaveAttribute("aria-busy", "true");
  const after = create(tab, greedy);
  await tab.getByRole("button", { name: "Stop", exact: true }).click();
  expect((await after).choices[0].message.content).toBe(whole.choices[0].message.content);
  await expect(reply).toHaveAttribute("aria-busy", "false");

  // Stopped by leaving its stream, and by its signal; the next is whole.
  expect(
    await tab.evaluate(async (params) => {
      const stop = new AbortController();
      const long = { ...params, messages: [{ role: "user", content: "Tell a long story." }] as const };
      for await (const chunk of await globalThis.ingle.chat.completions.create({ ...long, stream: true })) {
        if (chunk.choices[0]?.delta.content) break;
      }
      const going = globalThis.ingle.chat.completions.create(long, { signal: stop.signal });
      setTimeout(() => stop.abort(), 300);
      return going.then(
        () => "whole",
        (thrown: unknown) => (thrown as { code: string }).code,
      );
    }, greedy),
  ).toBe("aborted");
  expect((await create(tab, greedy)).choices[0].message.content).toBe(whole.choices[0].message.content);
});
