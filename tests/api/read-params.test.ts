/** What a program asks for: taken word for word, or refused by its name. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOptions, readParams } from "../../src/api/read-params";
import { IngleError } from "../../src/shared/errors";

const messages = [{ role: "user", content: "Hi" }];
const request = (params: object) => readParams({ messages, ...params }).request;

describe("what is taken", () => {
  it("is turned into the engine's words", () => {
    expect(
      readParams({
        messages: [
          { role: "developer", content: "Be brief." },
          {
            role: "user",
            content: [
              { type: "text", text: "Hello, " },
              { type: "text", text: "you." },
            ],
          },
        ],
        model: "starter",
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 5,
        stop: "\n",
        temperature: 0.5,
        top_p: 0.9,
        top_k: 3,
        min_p: 0.1,
        repetition_penalty: 1.1,
        frequency_penalty: 0.2,
        presence_penalty: 0.3,
        seed: 7,
        logit_bias: { "42": -100 },
        n: 1,
        logprobs: false,
      }),
    ).toEqual({
      model: "starter",
      stream: true,
      includeUsage: true,
      request: {
        input: {
          messages: [
            { role: "system", content: "Be brief." },
            { role: "user", content: "Hello, you." },
          ],
        },
        sampling: {
          temperature: 0.5,
          topP: 0.9,
          topK: 3,
          minP: 0.1,
          repetitionPenalty: 1.1,
          frequencyPenalty: 0.2,
          presencePenalty: 0.3,
          seed: 7,
        },
        maxTokens: 5,
        stop: ["\n"],
        logitBias: { 42: -100 },
      },
    });
  });

  it("leaves to the model what is left out, or null", () => {
    const plain = {
      model: undefined,
      stream: false,
      includeUsage: false,
      request: { input: { messages }, sampling: {} },
    };
    expect(readParams({ messages })).toEqual(plain);
    const nothing = {
      stream: null,
      stop: null,
      tools: null,
      temperature: null,
      response_format: null,
      user: undefined,
    };
    expect(readParams({ messages, ...nothing })).toEqual(plain);
  });

  it("holds to JSON, and keeps a schema's own nulls", () => {
    expect(request({ response_format: { type: "text" } })).not.toHaveProperty("responseFormat");
    expect(request({ response_format: { type: "json_object" } }).responseFormat).toEqual({ type: "json" });
    const schema = { type: "object", properties: { a: { enum: [null, 1] } }, required: ["a"] };
    const json_schema = { name: "answer", strict: true, schema };
    const { responseFormat } = request({ response_format: { type: "json_schema", json_schema } });
    expect(JSON.parse(responseFormat?.schema ?? "")).toEqual(schema);
  });

  it("goes on with the assistant's message", () => {
    const unfinished = [...messages, { role: "assistant", content: "Hel" }];
    expect(request({ messages: unfinished, continue_final_message: true }).continueFinalMessage).toBe(true);
    expect(request({ messages: unfinished })).not.toHaveProperty("continueFinalMessage");
  });
});

function expectRefusal(work: () => unknown, says: RegExp): void {
  let thrown: unknown;
  try {
    work();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(IngleError);
  expect(thrown).toMatchObject({ code: "request-invalid", message: expect.stringMatching(says) as string });
}

describe("what is refused, by its name", () => {
  const of = (params: object) => ({ messages, ...params });
  const tool = { type: "function", function: { name: "f" } };
  it.each<[unknown, RegExp]>([
    [undefined, /^The request is missing\.$/],
    [{}, /^messages is missing\.$/],
    [{ messages: [] }, /^messages is of length 0; it can be >=1\.$/],
    [of({ tools: [tool] }), /^tools: Calling tools is not supported yet\.$/],
    [of({ tools: [] }), /^tools: /],
    [of({ tool_choice: "auto" }), /^tool_choice: Calling tools/],
    [of({ functions: [] }), /^functions: /],
    [of({ messages: [{ role: "tool", content: "4", tool_call_id: "a" }] }), /^messages\.0\.role is "tool"/],
    [of({ messages: [{ role: "assistant", content: "", tool_calls: [tool] }] }), /^messages\.0\.tool_calls: Calling/],
    [
      of({ messages: [{ role: "user", content: "Hi", name: "Ann" }] }),
      /^messages\.0\.name: Nothing here knows it\. Leave/,
    ],
    [of({ messages: [{ role: "user", content: [{ type: "image_url" }] }] }), /models here read text\.$/],
    [of({ logprobs: true }), /^logprobs is true; it can be false\. Log probabilities are not told\.$/],
    [of({ top_logprobs: 3 }), /^top_logprobs: Log probabilities/],
    [of({ n: 2 }), /^n is 2; it can be 1\. There is one reply a request\.$/],
    [of({ modalities: ["audio"] }), /^modalities: Models here read and write text\.$/],
    [of({ user: "me" }), /^user: Nothing here knows it\. Leave it out\.$/],
    [of({ toString: "me" }), /^toString: Nothing here knows it\. Leave it out\.$/],
    [of({ ["__proto__"]: "me" }), /^__proto__: Nothing here knows it\. Leave it out\.$/],
    [of({ messages: ["Hi"] }), /^messages\.0 is "Hi"/],
    [of({ temperature: "hot" }), /^temperature is "hot"; it can be number\.$/],
    [of({ temperature: NaN }), /^temperature is NaN/],
    [of({ max_tokens: 0 }), /^max_tokens is 0; it can be >=1\.$/],
    [of({ max_tokens: 3, max_completion_tokens: 4 }), /different things\.$/],
    [of({ stream_options: { include_usage: true } }), /goes with stream: true\.$/],
    [of({ response_format: { type: "xml" } }), /^response_format\.type is "xml"/],
    [of({ response_format: { type: "json_schema" } }), /^response_format\.json_schema is missing\.$/],
    [of({ logit_bias: { the: 1 } }), /^logit_bias\.the is "the"/],
    [of({ logit_bias: Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [i, 1])) }), /more than 1024 tokens/],
    [of({ stop: Array.from({ length: 65 }, () => "a") }), /^stop is/],
    [of({ continue_final_message: true }), /^continue_final_message goes on/],
  ])("%j", (params, says) => {
    expectRefusal(() => readParams(params), says);
  });

  const cyclic: Record<string, unknown> = { type: "object" };
  cyclic["properties"] = { again: cyclic };
  let wide: unknown = 1;
  for (let i = 0; i < 40; i++) wide = [wide, wide]; // 2^40 values, were it written out
  it.each<[string, object, RegExp]>([
    ["contains itself", cyclic, /is no JSON: it may contain itself\.$|has no end\.$/],
    ["would never end", { enum: [wide] }, /schema is too long, or has no end\.$/],
    ["has a BigInt", { const: 1n }, /"const" in it is a bigint, 1\.$/],
    ["has NaN", { const: NaN }, /"const" in it is a number, NaN\.$/],
    ["has a function", { type: "object", parse: () => 1 }, /"parse" in it is a function/],
    ["says it is something else", { toJSON: () => "any" }, /schema is no JSON object\.$/],
    ["is a list", [], /^response_format\.json_schema\.schema is /],
  ])("a schema that %s", (_, schema, says) => {
    expectRefusal(
      () => readParams(of({ response_format: { type: "json_schema", json_schema: { name: "a", schema } } })),
      says,
    );
  });

  it("a request that contains itself, or can't be read", () => {
    const list: unknown[] = [];
    list.push(list, list, list);
    expectRefusal(() => readParams(of({ messages: list })), /^messages\.0/);
    const trap = {
      get messages(): never {
        throw new TypeError("Caught.");
      },
    };
    expectRefusal(() => readParams(trap), /could not be read/);
  });

  it("options that nothing here knows; a signal of another window is as good as ours", () => {
    expect(readOptions(undefined).signal).toBeUndefined();
    expect(readOptions({ signal: null }).signal).toBeUndefined();
    expect(readOptions({ signal: AbortSignal.abort() }).signal?.aborted).toBe(true);
    expectRefusal(() => readOptions({ signal: {} }), /^signal is no AbortSignal\.$/);
    expectRefusal(() => readOptions({ headers: {} }), /^headers: Nothing here knows it\. Leave it out\.$/);
    expectRefusal(() => readOptions("soon"), /"soon"/);
  });

  it("is anything that is not known, wherever it stands", () => {
    const known = new Set(
      "messages model stream stream_options max_completion_tokens max_tokens stop temperature top_p frequency_penalty presence_penalty seed logit_bias response_format n logprobs top_k min_p repetition_penalty continue_final_message".split(
        " ",
      ),
    );
    const key = fc.string({ minLength: 1 }).filter((name) => !known.has(name));
    const value = fc.jsonValue().filter((value) => value !== null);
    fc.assert(
      fc.property(key, value, (name, value) => {
        expect(() => readParams({ messages, [name]: value })).toThrow(IngleError);
        expect(() => readParams({ messages: [{ ...messages[0], [`x${name}`]: value }] })).toThrow(IngleError);
      }),
    );
  });

  it("ends with one of our errors whatever it is", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }), (given) => {
        try {
          readParams(given);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: "request-invalid" });
        }
      }),
    );
  });
});
