/**
 * What becomes of a reply of WebLLM's that was to be JSON. The library's words are replayed: no library compiled for it
 * is in any registry, and what it is asked and how its reply is judged needs none.
 */
import { describe, expect, it } from "vitest";
import type { GenerateEvent, GenerateRequest } from "../../src/engine/engine";
import type { LoadedLibrary } from "../../src/engine/webllm/session";
import type { WebLlmSession } from "../../src/engine/webllm/session";
import { replayedSession } from "./replayed-session";

const schema = '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}';
const request: GenerateRequest = {
  input: { messages: [{ role: "user", content: "Hello" }] },
  responseFormat: { type: "json", schema },
};
const usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8, extra: {} };

interface Asked {
  readonly response_format?: { readonly type: string; readonly schema?: string };
}

/** A session whose library says this. */
function saying(texts: readonly string[], finish: "stop" | "length") {
  const asked: Asked[] = [];
  const library = {
    chat: {
      completions: {
        create: (request: Asked) => {
          asked.push(request);
          return Promise.resolve(chunks());
        },
      },
    },
    getMessage: () => Promise.resolve(texts.join("")),
    interruptGenerate: () => Promise.resolve(),
    unload: () => Promise.resolve(),
  } as unknown as LoadedLibrary;
  // eslint-disable-next-line @typescript-eslint/require-await -- as the library's stream
  async function* chunks() {
    for (const content of texts) yield { choices: [{ delta: { content }, finish_reason: null }] };
    yield { choices: [{ delta: {}, finish_reason: finish }], usage };
  }
  const session = replayedSession(library);
  return { session, asked };
}

async function told(session: WebLlmSession, request: GenerateRequest) {
  const events: GenerateEvent[] = [];
  let code: unknown;
  let message = "";
  try {
    for await (const event of session.generate(request, new AbortController().signal)) events.push(event);
  } catch (thrown) {
    ({ code, message } = thrown as { code: unknown; message: string });
  }
  const text = events.map((event) => (event.type === "text" ? event.text : "")).join("");
  return { text, end: events.find(({ type }) => type === "end"), code, message };
}

describe("a reply of WebLLM's held to JSON", () => {
  it("is asked for with the schema, or one for any object or list where there is none", async () => {
    const { session, asked } = saying(['{"a"', ": 1}"], "stop");
    expect(await told(session, request)).toMatchObject({ text: '{"a": 1}', end: { finishReason: "stop" } });
    await told(session, { ...request, responseFormat: { type: "json" } });
    const [first, second] = asked.map(({ response_format }) => response_format);
    expect(first?.type).toBe("json_object");
    expect(first?.schema).toContain('"required":["a"]');
    expect(second?.schema).toContain("anyOf");
  });

  it.each([
    { name: "its limit", finish: "length", rest: { maxTokens: 5 }, says: /limit of tokens/ },
    { name: "a full context", finish: "length", rest: {}, says: /context is full/ },
    { name: "a stop text", finish: "stop", rest: { stop: ["}"] }, says: /stop text/ },
    { name: "itself", finish: "stop", rest: {}, says: /WebLLM ended/ },
  ] as const)("that is cut off by $name is an error after its text", async ({ finish, rest, says }) => {
    const { session } = saying(['{"a": ', "1"], finish);
    const { text, end, code, message } = await told(session, { ...request, ...rest });
    expect({ text, end, code }).toEqual({ text: '{"a": 1', end: undefined, code: "json-incomplete" });
    expect(message).toMatch(says);
  });

  it("that is whole at its limit is none", async () => {
    const { session } = saying(['{"a": ', "1}"], "length");
    expect(await told(session, { ...request, maxTokens: 5 })).toMatchObject({ end: { finishReason: "length" } });
  });

  it("is refused before the library is asked, as by Ingle's engine", async () => {
    const { session, asked } = saying([], "stop");
    for (const bad of ["{", '{"oneOf":[true]}']) {
      const { code } = await told(session, { ...request, responseFormat: { type: "json", schema: bad } });
      expect(code).toBe("request-invalid");
    }
    const { code, message } = await told(session, { ...request, continueFinalMessage: true });
    expect({ code, message }).toMatchObject({
      code: "request-invalid",
      message: expect.stringMatching(/beginning/) as string,
    });
    expect(asked).toEqual([]);
  });
});
