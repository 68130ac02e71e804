/**
 * Schemas without a model: whatever a reply held to one is made of, it is JSON by the schema. Replies are made at
 * random, of single bytes and of tokens as models have them, and judged by an independent validator.
 */
import Ajv2020 from "ajv/dist/2020";
import { afterAll, describe, expect, it } from "vitest";
import type { GenerateRequest } from "../../src/engine/engine";
import { Grammars, type Grammar } from "../../src/engine/wgsl/grammar/grammars";
import { seededRandom } from "../../src/engine/wgsl/kernels/random";
import { never } from "./helpers/models";

/** Each byte, bytes that come together, and what must never come: the end, and a special token. */
const WORDS = [
  '{"',
  '":',
  '": ',
  '", "',
  '"}',
  "}]",
  "true",
  "null",
  '"a"',
  "name",
  "12",
  "é",
  "😀",
  '\\"',
  "\n\n",
  "\t",
];
const TOKENS = [...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)), ...WORDS.map(bytesOf), bytesOf("")];
const TWELVE = 256 + WORDS.indexOf("12");
const END = TOKENS.length;
const SPECIAL = END - 1;
const VOCABULARY = END + 1;
const MOST_TOKENS = 400;
const REPLIES = 12;

const grammars = new Grammars({
  tokenizer: { stopTokens: new Set([END]), bytesOfToken: (token) => TOKENS[token] ?? bytesOf("") },
  vocabulary: VOCABULARY,
});
afterAll(() => grammars.dispose());

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function open(schema: unknown, rest: Partial<GenerateRequest> = {}): Promise<Grammar> {
  const text = typeof schema === "string" ? schema : JSON.stringify(schema);
  const responseFormat = { type: "json" as const, ...(schema !== undefined && { schema: text }) };
  return grammars.open({ input: { messages: [] }, responseFormat, ...rest }, never);
}

/** A reply of tokens picked at random, in a hurry to end; undefined where it got too long. */
async function randomReply(schema: unknown, random: () => number): Promise<string | undefined> {
  const grammar = await open(schema);
  const text = new TextDecoder("utf-8", { fatal: true });
  let all = "";
  try {
    for (let length = 0; length < MOST_TOKENS; length++) {
      if (grammar.isOver) return all + text.decode();
      const allowed = allowedBy(grammar);
      expect(allowed).not.toContain(SPECIAL);
      const closing = allowed.filter(
        (token) => token === END || /["}\]]/.test(String.fromCharCode(...tokenBytes(token))),
      );
      const from = closing.length > 0 && random() < 0.3 ? closing : allowed;
      const token = from[Math.floor(random() * from.length)] ?? END;
      if (token === END) return all + text.decode();
      all += text.decode(tokenBytes(token), { stream: true });
      await grammar.accept(token);
    }
    return undefined;
  } finally {
    grammar.close();
  }
}

function allowedBy({ mask }: Grammar): number[] {
  expect(mask).toHaveLength(Math.ceil(VOCABULARY / 32));
  return Array.from(mask).flatMap((word, w) =>
    Array.from({ length: 32 }, (_, bit) => 32 * w + bit).filter((_, bit) => ((word >>> bit) & 1) === 1),
  );
}

function tokenBytes(token: number): Uint8Array {
  return TOKENS[token] ?? bytesOf("");
}

const string = { type: "string" };
const HELD: Readonly<Record<string, unknown>> = {
  "no schema": undefined,
  anything: {},
  "an object": {
    type: "object",
    title: "Person",
    properties: { name: string, age: { type: "integer" }, tags: { type: "array", items: string } },
    required: ["name", "age"],
    additionalProperties: false,
  },
  "an object of anything": { type: "object" },
  "a map": { type: "object", additionalProperties: { type: "boolean" } },
  "nothing required": { properties: { a: { type: "null" }, b: { type: "number" }, c: string } },
  "any array": { type: "array" },
  "nested arrays": { type: "array", items: { type: "array", items: { type: "integer" }, maxItems: 2 }, minItems: 1 },
  "a tuple": { type: "array", prefixItems: [{ type: "integer" }, string], items: false },
  "a tuple that goes on": { prefixItems: [{ type: "boolean" }], items: { type: "null" }, maxItems: 3 },
  "an open tuple": { type: "array", prefixItems: [{ type: "boolean" }] },
  "an enum": { enum: ["red", 'a "quoted" one', "back\\slash", "line\nbreak", 3, -1.5, 0.1, null, { a: [1] }] },
  "an enum of a type": { type: "string", enum: ["a", "é😀", 3] },
  "a constant": { const: { 'a"b': ["\u0001", true] } },
  integers: { type: "array", items: { type: "integer", minimum: -12, exclusiveMaximum: 107 }, maxItems: 4 },
  "integers from": { type: "integer", exclusiveMinimum: 41.5 },
  "integers of a few": { type: "integer", minimum: 99, maximum: 101 },
  numbers: { type: "array", items: { type: "number" } },
  "lengths of strings": { type: "array", items: { type: "string", minLength: 2, maxLength: 5 }, minItems: 2 },
  "no more than": { type: "string", maxLength: 3 },
  "a pattern": { type: "string", pattern: "^(?:[A-Z]{2}|x)-\\d{3}(\\.[0-9a-f]+)?$" },
  formats: {
    type: "object",
    properties: Object.fromEntries(
      ["date", "time", "date-time", "duration", "uuid", "ipv4"].map((format) => [format, { type: "string", format }]),
    ),
  },
  "one of several": { anyOf: [{ type: "integer" }, { type: "object", properties: { a: string }, required: ["a"] }] },
  "types together": { type: ["string", "null", "array"], maxLength: 4, items: { type: "null" }, maxItems: 2 },
  "allOf of one": { allOf: [{ $ref: "#/$defs/short" }], $defs: { short: { type: "string", maxLength: 2 } } },
  "a tree": {
    $ref: "#/$defs/node",
    $defs: {
      node: {
        type: "object",
        properties: { value: { type: "boolean" }, next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
        required: ["value", "next"],
      },
    },
  },
  "itself again": { type: "object", properties: { inner: { $ref: "#" } } },
  "names that mean something elsewhere": {
    type: "object",
    properties: { constructor: string, "a b/~%|*": { type: "null" }, 7: { type: "null" }, ünï: { type: "null" } },
    required: ["constructor", "a b/~%|*", "7", "ünï"],
  },
};

describe("a reply of random tokens", { timeout: 120_000 }, () => {
  it.each(Object.entries(HELD))("is JSON by its schema: %s", async (_, schema) => {
    const isValid = new Ajv2020({ strict: false, validateFormats: false }).compile(schema ?? {});
    const random = seededRandom(7);
    const whole: string[] = [];
    for (let i = 0; i < REPLIES; i++) {
      const reply = await randomReply(schema, random);
      if (reply === undefined) continue;
      whole.push(reply);
      expect(isValid(JSON.parse(reply)), `${reply}: ${JSON.stringify(isValid.errors)}`).toBe(true);
    }
    expect(whole.length).toBeGreaterThan(REPLIES / 4);
  });
});

describe("a schema", () => {
  it.each([
    { name: "no JSON", schema: "{", says: /is no JSON/ },
    { name: "no object", schema: '"string"', says: /at #, there is no schema/ },
    { name: "false", schema: false, says: /at #, there is no schema/ },
    { name: "an unknown type", schema: { properties: { a: { type: "text" } } }, says: /#\/properties\/a, its "type"/ },
    { name: "oneOf", schema: { oneOf: [string] }, says: /"oneOf".*Use anyOf/ },
    { name: "allOf", schema: { allOf: [string, { maxLength: 3 }] }, says: /"allOf".*one schema/ },
    { name: "not", schema: { type: "string", not: { const: "a" } }, says: /"not" is a word/ },
    { name: "multipleOf", schema: { type: "integer", multipleOf: 3 }, says: /"multipleOf"/ },
    { name: "bounds of a number", schema: { type: "number", minimum: 0 }, says: /"minimum".*Only an integer/ },
    { name: "uniqueItems", schema: { type: "array", uniqueItems: true }, says: /"uniqueItems"/ },
    { name: "a length without a type", schema: { maxLength: 3 }, says: /"maxLength"/ },
    { name: "two ways at once", schema: { type: "string", pattern: "^a$", maxLength: 3 }, says: /only to one/ },
    { name: "a pattern that takes quotes", schema: { type: "string", pattern: "^.*$" }, says: /"pattern"/ },
    { name: "a pattern of all but", schema: { type: "string", pattern: "[^a]" }, says: /"pattern"/ },
    { name: "a pattern that explodes", schema: { type: "string", pattern: "((a{1,100}){1,100})" }, says: /repeats/ },
    { name: "a broken pattern", schema: { type: "string", pattern: "((" }, says: /parenthesis is not closed/ },
    { name: "a reference out", schema: { $ref: "https://example.org/x" }, says: /"\$ref"/ },
    { name: "a reference to nothing", schema: { $ref: "#/$defs/a" }, says: /Cannot find field/ },
    { name: "more properties", schema: { properties: { a: {} }, additionalProperties: {} }, says: /only as false/ },
    { name: "a required stranger", schema: { properties: { a: {} }, required: ["b"] }, says: /"b", which is no/ },
    { name: "no integer", schema: { type: "integer", minimum: 1.2, maximum: 1.8 }, says: /no integer/ },
    { name: "crossed lengths", schema: { type: "string", minLength: 3, maxLength: 2 }, says: /minLength 3 is greater/ },
    {
      name: "what only is itself",
      schema: { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } },
      says: /no token/,
    },
    { name: "an email address", schema: { type: "string", format: "email" }, says: /"format" can be/ },
  ])("is refused with its reason: $name", async ({ schema, says }) => {
    const message = expect.stringMatching(says) as string;
    await expect(open(schema)).rejects.toMatchObject({ code: "request-invalid", message });
  });

  it("is bounded in length, depth and breadth", async () => {
    const deep = JSON.parse(`${'{"items":'.repeat(40)}true${"}".repeat(40)}`) as unknown;
    const wide = { properties: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`p${i}`, true])) };
    await expect(open(JSON.stringify("x".repeat(40_000)))).rejects.toMatchObject({ code: "request-invalid" });
    await expect(open(deep)).rejects.toMatchObject({ message: expect.stringMatching(/levels deep/) as string });
    await expect(open(wide)).rejects.toMatchObject({ message: expect.stringMatching(/101 properties/) as string });
    const items = { type: "array", maxItems: 10_001 };
    await expect(open(items)).rejects.toMatchObject({ message: expect.stringMatching(/0 to 10000/) as string });
  });

  it("may be refused again and again, and the next is compiled", { timeout: 60_000 }, async () => {
    for (let i = 0; i < 25; i++) await expect(open({ type: "string", pattern: "((" })).rejects.toThrow();
    const grammar = await open(string);
    expect(grammar.isOver).toBe(false);
    grammar.close();
  });

  it("can't begin in the middle of a reply", async () => {
    const message = expect.stringMatching(/only from its beginning/) as string;
    await expect(open(string, { continueFinalMessage: true })).rejects.toMatchObject({ message });
    await expect(open(string, { input: { text: "x" } })).rejects.toMatchObject({ message });
  });
});

describe("a grammar", () => {
  it("is given up when its request is", async () => {
    const stop = new AbortController();
    const opening = grammars.open({ input: { messages: [] }, responseFormat: { type: "json" } }, stop.signal);
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: "aborted" });
    (await open(string)).close();
  });

  it("knows when its JSON is whole, and when nothing else can come", async () => {
    const grammar = await open({ type: "integer", minimum: 7, maximum: 70 });
    const [seven, zero] = ["7".charCodeAt(0), "0".charCodeAt(0)];
    expect(allowedBy(grammar)).toEqual(Array.from({ length: 9 }, (_, i) => zero + 1 + i).concat(TWELVE));
    expect(grammar.problem("length")).toMatchObject({ code: "json-incomplete" });
    await grammar.accept(seven);
    expect(allowedBy(grammar)).toEqual([zero, END]);
    expect(grammar.problem("length")).toBeUndefined();
    expect(grammar.problem("stop")).toMatchObject({ code: "json-incomplete" });
    expect(grammar.isOver).toBe(false);
    await grammar.accept(zero);
    expect(grammar.isOver).toBe(true);
    expect(allowedBy(grammar)).toEqual([END]);
    grammar.close();
  });

  it("ends where nothing could follow", async () => {
    const never = { type: "array", items: { $ref: "#/$defs/a" }, minItems: 1, $defs: { a: { $ref: "#/$defs/a" } } };
    const grammar = await open(never);
    await expect(grammar.accept("[".charCodeAt(0))).rejects.toMatchObject({ code: "json-incomplete" });
  });

  it("tells of a token that it had forbidden", async () => {
    const grammar = await open({ const: 7 });
    await expect(grammar.accept("8".charCodeAt(0))).rejects.toMatchObject({ code: "gpu-wrong" });
    grammar.close();
  });

  it("ends with its JSON where the model has no end token", async () => {
    const endless = new Grammars({
      tokenizer: { stopTokens: new Set(), bytesOfToken: (token) => TOKENS[token] ?? bytesOf("") },
      vocabulary: VOCABULARY,
    });
    const responseFormat = { type: "json", schema: '{"enum":[true]}' } as const;
    const grammar = await endless.open({ input: { messages: [] }, responseFormat }, never);
    for (const byte of bytesOf("true")) {
      expect(grammar.isOver).toBe(false);
      await grammar.accept(byte);
    }
    expect(grammar.isOver).toBe(true);
    endless.dispose();
    await expect(endless.open({ input: { messages: [] }, responseFormat }, never)).rejects.toMatchObject({
      code: "aborted",
    });
  });
});
