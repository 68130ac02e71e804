/**
 * Replies held to JSON: each is parsed, and judged by an independent validator of schemas. Of the starter's first layers,
 * since the grammar has to hold whatever the model would say; `npm run gpu:full` takes all of them.
 */
import Ajv2020 from "ajv/dist/2020";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { GenerateEvent, GenerateRequest, Sampling } from "../../src/engine/engine";
import { countGpuCalls } from "./helpers/counting";
import { never, openShortStarter, openStarter } from "./helpers/models";
import { openSession, reply, type OpenedSession, type Reply } from "./helpers/sessions";

const greedy: Partial<Sampling> = { temperature: 0 };
/** Far from what the model would say by itself, so that only the grammar keeps it in line. */
const wild: Partial<Sampling> = {
  temperature: 1.8,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1.1,
  presencePenalty: 0.2,
};
/** The wild one is the one that a grammar has to hold; `npm run gpu:full` tries all. */
const SAMPLINGS = inject("isFull")
  ? [greedy, { ...wild, seed: 1 }, { seed: 2, temperature: 1, topK: 5, topP: 0.9 }]
  : [{ ...wild, seed: 1 }];

const short = { type: "string", maxLength: 6 };
const SCHEMAS: Readonly<Record<string, object>> = {
  person: {
    type: "object",
    properties: { name: short, age: { type: "integer", minimum: 0, maximum: 130 }, city: short },
    required: ["name", "age", "city"],
    additionalProperties: false,
  },
  choice: { enum: ["Paris", "London", "Rome"] },
  "nested arrays": {
    type: "array",
    items: { type: "array", items: { type: "integer", minimum: -9, maximum: 9 }, minItems: 2, maxItems: 2 },
    minItems: 2,
    maxItems: 2,
  },
  integer: { type: "integer", minimum: 100, maximum: 99_999 },
  "one of two": {
    anyOf: [
      { type: "object", properties: { kind: { const: "yes" }, sure: { type: "boolean" } }, required: ["kind", "sure"] },
      { type: "object", properties: { kind: { const: "no" }, why: short }, required: ["kind", "why"] },
    ],
  },
};

const CONTEXT = 160;
const ask = (content: string) => ({ messages: [{ role: "user" as const, content }] });
const input = ask("Tell me of Marie, 34, who lives in Paris. Answer in JSON.");
const json = (schema?: object): GenerateRequest => ({
  input,
  responseFormat: { type: "json", ...(schema && { schema: JSON.stringify(schema) }) },
});

let opened: OpenedSession;
let layers: number;
beforeAll(async () => {
  const file = await (inject("isFull") ? openStarter() : openShortStarter());
  layers = file.config.layers;
  opened = await openSession(file, { contextLength: CONTEXT });
}, 120_000);
afterAll(() => {
  opened.session.dispose();
  opened.gpu.device.destroy();
});

const say = (request: GenerateRequest): Promise<Reply> => reply(opened.session, request);

/** What comes until the error that it ends with. */
async function broken(request: GenerateRequest): Promise<{ readonly text: string; readonly thrown: unknown }> {
  let text = "";
  try {
    for await (const event of opened.session.generate(request, never)) {
      if (event.type === "text") text += event.text;
      if (event.type === "end") throw new Error(`It ended, with ${text}`);
    }
  } catch (thrown) {
    return { text, thrown };
  }
  throw new Error("It ended without an end.");
}

describe("a reply held to JSON", { timeout: 300_000 }, () => {
  it.each(Object.entries(SCHEMAS))("is by its schema to its very end, however it is sampled: %s", async (_, schema) => {
    const isValid = new Ajv2020({ strict: false }).compile(schema);
    for (const sampling of SAMPLINGS) {
      const { text, finishReason } = await say({ ...json(schema), sampling });
      expect(finishReason).toBe("stop");
      expect(isValid(JSON.parse(text)), text).toBe(true);
    }
  });

  it("is an object or a list where there is no schema", async () => {
    let whole = 0;
    for (const sampling of SAMPLINGS) {
      const { text, thrown } = await attempt({ ...json(), sampling, maxTokens: 40 });
      expect(text).toMatch(/^[[{]/);
      if (thrown === undefined) {
        expect(JSON.parse(text)).toBeTypeOf("object");
        whole++;
      } else {
        expect(thrown).toMatchObject({ code: "json-incomplete" });
        expect(() => JSON.parse(text) as unknown).toThrow();
      }
    }
    console.log(`${whole} of ${SAMPLINGS.length} replies without a schema were whole within 40 tokens`);
  });

  it.runIf(inject("isFull"))("says the same with the same seed, something else with another", async () => {
    const request = (seed: number) => ({ ...json(SCHEMAS["person"]), sampling: { ...wild, seed } });
    const first = await say(request(7));
    expect((await say(request(7))).text).toBe(first.text);
    expect((await say(request(8))).text).not.toBe(first.text);
  });

  it("is what the request's own bias makes of what the grammar allows", async () => {
    const request = { ...json({ enum: [3, 4] }), sampling: greedy };
    const { text: plain } = await say(request);
    // The starter's digits are tokens of their own, from 32 on.
    const { text: other } = await say({ ...request, logitBias: { [32 + Number(plain)]: -100 } });
    expect([plain, other].toSorted()).toEqual(["3", "4"]);
  });
});

async function attempt(request: GenerateRequest): Promise<{ readonly text: string; readonly thrown: unknown }> {
  const events: GenerateEvent[] = [];
  let thrown: unknown;
  try {
    for await (const event of opened.session.generate(request, never)) events.push(event);
  } catch (caught) {
    thrown = caught;
  }
  return { text: events.map((event) => (event.type === "text" ? event.text : "")).join(""), thrown };
}

describe("a reply cut off", { timeout: 120_000 }, () => {
  it("by its limit is an error that says so, after its text", async () => {
    const { text, thrown } = await broken({ ...json(SCHEMAS["person"]), sampling: greedy, maxTokens: 6 });
    expect(thrown).toMatchObject({
      code: "json-incomplete",
      message: expect.stringMatching(/limit of tokens/) as string,
    });
    expect(text).toMatch(/^\{"name": /);
  });

  it("by a full context is one too", async () => {
    const filler = "word ".repeat(CONTEXT - opened.session.countTokens(input.messages) - 12);
    const request = { ...json(SCHEMAS["person"]), input: ask(`${filler} ${input.messages[0]?.content ?? ""}`) };
    const { thrown } = await broken({ ...request, sampling: greedy });
    expect(thrown).toMatchObject({
      code: "json-incomplete",
      message: expect.stringMatching(/context is full/) as string,
    });
  });

  it("by a stop text is one too", async () => {
    const { text, thrown } = await broken({ ...json(SCHEMAS["person"]), sampling: greedy, stop: ['", "age'] });
    expect(thrown).toMatchObject({ code: "json-incomplete", message: expect.stringMatching(/stop text/) as string });
    expect(text).toMatch(/^\{"name": "[^"]+$/);
  });

  it("where it was whole is none", async () => {
    const whole = await say({ ...json(SCHEMAS["person"]), sampling: greedy });
    const again = await say({ ...json(SCHEMAS["person"]), sampling: greedy, maxTokens: whole.usage.completionTokens });
    expect(again.text).toBe(whole.text);
    expect(again.finishReason).toBe("stop");
  });
});

describe("what comes after", { timeout: 120_000 }, () => {
  const plain = { input: ask("What is the capital of France?"), sampling: greedy, maxTokens: 12 };

  it("a refused schema: nothing was computed, and the next reply is whole", async () => {
    const counted = countGpuCalls();
    const refused = { input, responseFormat: { type: "json", schema: '{"type":"string","pattern":"(("}' } } as const;
    await expect(say(refused)).rejects.toMatchObject({ code: "request-invalid" });
    await expect(say({ input, responseFormat: { type: "json", schema: "{" } })).rejects.toMatchObject({
      code: "request-invalid",
      message: "The schema is no JSON.",
    });
    counted.stop();
    expect(counted.counts.submits).toBe(0);
    expect(JSON.parse((await say({ ...json(SCHEMAS["choice"]), sampling: greedy })).text)).toBeTypeOf("string");
  });

  it("an ordinary reply is as it was before", async () => {
    const before = await say(plain);
    await say({ ...json(SCHEMAS["person"]), sampling: greedy });
    await broken({ ...json(SCHEMAS["person"]), sampling: greedy, maxTokens: 4 });
    const after = await say(plain);
    expect(after.text).toBe(before.text);
    expect(after.text).not.toBe("");
  });

  it("a stop in the middle: the next reply is whole", async () => {
    const stop = new AbortController();
    const running = (async () => {
      for await (const event of opened.session.generate(
        { ...json(SCHEMAS["person"]), sampling: greedy },
        stop.signal,
      )) {
        if (event.type === "text") stop.abort();
      }
    })();
    await expect(running).rejects.toMatchObject({ code: "aborted" });
    expect(JSON.parse((await say({ ...json(SCHEMAS["choice"]), sampling: greedy })).text)).toBeTypeOf("string");
  });
});

describe("what it costs", { timeout: 120_000 }, () => {
  it("is one submit and the same dispatches a token, and creates nothing", async () => {
    const cost = async (maxTokens: number) => {
      const counted = countGpuCalls();
      await broken({ ...json(SCHEMAS["person"]), sampling: greedy, maxTokens });
      counted.stop();
      return counted.counts;
    };
    await cost(4);
    const [few, more] = [await cost(4), await cost(12)];
    const perToken = (name: keyof typeof few) => (more[name] - few[name]) / 8;
    expect(perToken("submits")).toBe(1);
    expect(perToken("dispatches")).toBe(5 * layers + 3);
    expect(perToken("bytesRead")).toBe(4);
    for (const kind of ["buffers", "bindGroups", "pipelines", "shaderModules"] as const) expect(perToken(kind)).toBe(0);
  });
});
