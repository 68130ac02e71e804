import { describe, expect, it } from "vitest";
import { checkPattern } from "../../../src/engine/json/pattern";
import { heldSchema } from "../../../src/engine/json/schema";

const held = (schema: unknown) => JSON.parse(heldSchema(JSON.stringify(schema))) as unknown;

describe("a schema in the compiler's words", () => {
  it("is without what says nothing of what is valid", () => {
    const described = { $schema: "x", title: "T", description: "d", type: "boolean", default: true, examples: [true] };
    expect(held(described)).toEqual({ type: "boolean" });
    expect(held({ title: "T", items: { description: "anything" } })).toEqual({ type: "array", items: true });
  });

  it("says what JSON Schema leaves unsaid", () => {
    expect(held({ type: "object" })).toEqual({ type: "object", additionalProperties: true });
    expect(held({ type: "array" })).toEqual({ type: "array", items: true });
    expect(held({ prefixItems: [true] })).toEqual({ type: "array", prefixItems: [true], items: false });
    const safe = Number.MAX_SAFE_INTEGER;
    expect(held({ type: "integer" })).toEqual({ type: "integer", minimum: -safe, maximum: safe });
  });

  it("rounds an integer's bounds into what they allow, and takes the narrower", () => {
    const bounds = { type: "integer", minimum: 0.5, exclusiveMinimum: 3, maximum: 9.5, exclusiveMaximum: 9.2 };
    expect(held(bounds)).toEqual({ type: "integer", minimum: 4, maximum: 9 });
    expect(() => held({ ...bounds, exclusiveMaximum: 4 })).toThrow("no integer");
    expect(() => held({ type: "integer", minimum: "1" })).toThrow('"minimum" has to be a number');
  });

  it("keeps those of an enum's values that are of its type", () => {
    expect(held({ type: ["integer", "null"], enum: [1, "a", null, 1.5, [1]] })).toEqual({ enum: [1, null] });
    expect(held({ const: { a: [1] }, type: "object" })).toEqual({ enum: [{ a: [1] }] });
    expect(() => held({ type: "string", enum: [1, null] })).toThrow("of its type");
  });

  it("is one of several where it has several types, each with its own words", () => {
    expect(held({ type: ["string", "array"], maxLength: 3, items: { type: "null" } })).toEqual({
      anyOf: [
        { type: "string", maxLength: 3 },
        { type: "array", items: { type: "null" } },
      ],
    });
    expect(() => held({ type: ["string", "null"], minimum: 3 })).toThrow('"minimum"');
  });

  it("keeps its definitions, at the root and within", () => {
    const schema = { $ref: "#/$defs/a", $defs: { a: { type: "null", title: "A" } } };
    expect(held(schema)).toEqual({ $ref: "#/$defs/a", $defs: { a: { type: "null" } } });
    expect(held({ $defs: { a: true } })).toEqual({ $defs: { a: true } });
    expect(() => held({ $defs: { a: { not: true } }, type: "null" })).toThrow("at #/$defs/a");
  });

  it.each(["__proto__", "constructor", "toString"])("takes a property named %s as any other", (name) => {
    const text = `{"properties":{${JSON.stringify(name)}:{"type":"null"}},"required":[${JSON.stringify(name)}]}`;
    expect(heldSchema(text)).toContain(`${JSON.stringify(name)}:{"type":"null"}`);
    expect(() => held({ type: "object", required: [name] })).toThrow("is no property");
    expect(() => heldSchema(`{"type":"null",${JSON.stringify(name)}:1}`)).toThrow(name);
  });

  it.each(['a"b', "a\\b", "a\nb"])("refuses the property %j, which JSON escapes", (name) => {
    expect(() => held({ properties: { [name]: true } })).toThrow("JSON escapes");
  });

  it.each([
    { anyOf: [] },
    { enum: [] },
    { enum: "a" },
    { properties: [] },
    { type: "object", required: "a" },
    { type: [] },
    { type: "string", minLength: -1 },
    { type: "string", minLength: 1.5 },
    { items: false, prefixItems: [false] },
    { $ref: "#/properties/a", properties: { a: true } },
    { $defs: [], type: "null" },
    null,
  ])("refuses %j", (schema) => {
    expect(() => held(schema)).toThrow(/^A reply can't be held to the schema: at #/);
  });
});

describe("a pattern", () => {
  const SAFE = ["^a+$", "[a-z0-9_]{1,3}", "\\d{4}-\\d{2}", "(?:x|y)?", "[A-F\\d.-]", "ü+", "\\(\\w+\\)", "a\\.b", ""];
  /** Each would match a quote, a backslash or a control character, or has a part that the compiler reads otherwise. */
  const UNSAFE = [".", "[^a]", "\\D", "\\S", "\\W", "\\s", '"', "\\\\", "[ -~]", "[!-a]", "\\x22", "\\u0022", "\\cJ"];
  const BROKEN = ["[", "a]", "[]", "\\", "\\p{L}", "(?=a)\\b", "[[:alpha:]]", "[a-Z]", "\n"];

  it.each(SAFE)("can be held to: %s", (pattern) => {
    expect(checkPattern(pattern)).toBeUndefined();
    const matches = new RegExp(`^(?:${pattern.replace(/[$^]/g, "")})$`, "u");
    for (const character of ['"', "\\", "\n", "\u0000"]) expect(matches.test(character)).toBe(false);
  });

  it.each([...UNSAFE, ...BROKEN])("can't be held to: %j", (pattern) => {
    expect(checkPattern(pattern)).toContain('"pattern"');
  });

  it("is bounded", () => {
    expect(checkPattern("a".repeat(257))).toContain("256 characters");
    expect(checkPattern("a{1001}")).toContain("1000 times");
    expect(checkPattern("(a{40}){2,40}")).toContain("1000 times");
    expect(checkPattern("a{0,1000}")).toBeUndefined();
    expect(checkPattern(7)).toContain("has to be a text");
  });

  it("is judged in time, whatever it is", () => {
    expect(checkPattern(`${"[a-z".repeat(60)}"`)).toContain('"pattern"');
  });
});
