/**
 * What a reply is to be held to, in the words that the grammar compiler (xgrammar, in both engines) really holds it to.
 * It passes over many of JSON Schema's words in silence, and gets some wrong: a schema that has one is refused here, by
 * that word's name, because a reply that breaks its schema is worse than none. Bounded: the compiler's time grows with
 * a schema faster than its length does.
 */
import { IngleError } from "../../shared/errors";
import type { GenerateRequest } from "../engine";
import { checkPattern } from "./pattern";

type Schema = true | Readonly<Record<string, unknown>>;
type TypeName = "string" | "integer" | "number" | "boolean" | "null" | "array" | "object";

const LONGEST_SCHEMA = 32_768;
const DEEPEST_SCHEMA = 32;
/** Of one object. The compiler's time grows with their square where they may be left out. */
const MOST_PROPERTIES = 100;
/** Characters, items. */
const LARGEST_COUNT = 10_000;

/** No request without a schema gets a bare number, which would never be whole for certain. */
const ANY_JSON = '{"anyOf":[{"type":"object","additionalProperties":true},{"type":"array","items":true}]}';

/** They say nothing of what is valid. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "$comment",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
]);
const DEFINITIONS = ["$defs", "definitions"] as const;

const WORDS_OF: Readonly<Record<TypeName, readonly string[]>> = {
  string: ["minLength", "maxLength", "pattern", "format"],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  number: [],
  boolean: [],
  null: [],
  array: ["items", "prefixItems", "minItems", "maxItems"],
  object: ["properties", "required", "additionalProperties"],
};

/** The compiler knows others too, whose strings may hold a bare quote. */
const FORMATS: ReadonlySet<unknown> = new Set(["date", "time", "date-time", "duration", "uuid", "ipv4"]);

const INSTEAD: Readonly<Record<string, string>> = {
  oneOf: " Use anyOf.",
  allOf: " Write it as one schema.",
  // The compiler's idea of numbers between two is wrong: it takes 1.5 for one between 0 and 1.
  minimum: " Only an integer can have it.",
  maximum: " Only an integer can have it.",
};

/**
 * @param request One that asks for JSON.
 * @returns the schema for the compiler.
 * @throws IngleError "request-invalid" with the reason.
 */
export function schemaOf({ responseFormat, continueFinalMessage, input }: GenerateRequest): string {
  if (continueFinalMessage === true || "text" in input) {
    throw new IngleError("request-invalid", "A reply can be held to JSON only from its beginning on.");
  }
  return responseFormat?.schema === undefined ? ANY_JSON : heldSchema(responseFormat.schema);
}

/** @throws IngleError "request-invalid" with the reason. */
export function heldSchema(text: string): string {
  if (text.length > LONGEST_SCHEMA) {
    throw new IngleError("request-invalid", `The schema has ${text.length} characters; it can have ${LONGEST_SCHEMA}.`);
  }
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (cause) {
    throw new IngleError("request-invalid", "The schema is no JSON.", { cause });
  }
  return JSON.stringify(held(schema, "#", 0));
}

function refusal(at: string, what: string): IngleError {
  return new IngleError("request-invalid", `A reply can't be held to the schema: at ${at}, ${what}`);
}

function held(schema: unknown, at: string, depth: number): Schema {
  if (depth > DEEPEST_SCHEMA) throw refusal(at, `it is more than ${DEEPEST_SCHEMA} levels deep.`);
  if (schema === true) return true;
  if (!isObject(schema)) throw refusal(at, "there is no schema that anything could keep to.");
  const definitions = Object.fromEntries(
    DEFINITIONS.filter((word) => Object.hasOwn(schema, word)).map((word) => [
      word,
      heldMap(schema[word], `${at}/${word}`, depth),
    ]),
  );
  const words = Object.keys(schema).filter((word) => !ANNOTATIONS.has(word) && !Object.hasOwn(definitions, word));
  const own = words.length === 0 ? true : heldWords(schema, new Set(words), at, depth);
  if (own === true) return at === "#" ? { ...definitions } : true;
  return { ...own, ...definitions };
}

function heldWords(schema: Readonly<Record<string, unknown>>, words: Set<string>, at: string, depth: number): Schema {
  const only = (...known: string[]) => {
    for (const word of words) {
      if (!known.includes(word)) throw refusal(at, `"${word}" is a word it does not know here.${INSTEAD[word] ?? ""}`);
    }
  };
  const inner = (value: unknown, under: string) => held(value, `${at}/${under}`, depth + 1);

  if (words.has("$ref")) {
    only("$ref");
    const { $ref } = schema;
    if (typeof $ref === "string" && /^#(?:\/(?:\$defs|definitions)\/[\w.-]+)*$/.test($ref)) return { $ref };
    throw refusal(at, '"$ref" can name the whole, "#", or what is in its "$defs".');
  }
  if (words.has("const")) {
    only("const", "type");
    return { enum: valuesOf([schema["const"]], schema["type"], at) };
  }
  if (words.has("enum")) {
    only("enum", "type");
    return { enum: valuesOf(schema["enum"], schema["type"], at) };
  }
  if (words.has("anyOf")) {
    only("anyOf");
    return { anyOf: listOf(schema["anyOf"], `${at}/anyOf`).map((option, i) => inner(option, `anyOf/${i}`)) };
  }
  if (words.has("allOf") && Array.isArray(schema["allOf"]) && schema["allOf"].length === 1) {
    only("allOf");
    return inner(schema["allOf"][0], "allOf/0");
  }
  const type = schema["type"] ?? impliedType(words);
  if (type === undefined) only();
  const types = typesOf(type, at);
  only("type", ...types.flatMap((type) => WORDS_OF[type]));
  const all = types.map((type): Schema => ({ type, ...heldType(type, schema, at, inner) }));
  return all.length === 1 && all[0] !== undefined ? all[0] : { anyOf: all };
}

function impliedType(words: ReadonlySet<string>): unknown {
  if (words.has("properties") || words.has("additionalProperties")) return "object";
  return words.has("items") || words.has("prefixItems") ? "array" : undefined;
}

function typesOf(type: unknown, at: string): TypeName[] {
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const known = types.filter((each): each is TypeName => typeof each === "string" && Object.hasOwn(WORDS_OF, each));
  if (known.length === types.length && known.length > 0) return known;
  throw refusal(at, `its "type" has to be one of ${Object.keys(WORDS_OF).join(", ")}.`);
}

type Inner = (value: unknown, under: string) => Schema;

/** A type's own words, complete: what JSON Schema allows by saying nothing, the compiler does not. */
function heldType(type: TypeName, schema: Readonly<Record<string, unknown>>, at: string, inner: Inner): object {
  switch (type) {
    case "string":
      return heldString(schema, at);
    case "integer":
      return heldInteger(schema, at);
    case "array":
      return heldArray(schema, at, inner);
    case "object":
      return heldObject(schema, at, inner);
    case "number":
    case "boolean":
    case "null":
      return {};
  }
}

function heldString({ minLength, maxLength, pattern, format }: Readonly<Record<string, unknown>>, at: string): object {
  const lengths = counts({ minLength, maxLength }, at);
  if (pattern === undefined && format === undefined) return lengths;
  if (Object.keys(lengths).length > 0 || (pattern !== undefined && format !== undefined)) {
    throw refusal(at, "a string can be held to its lengths, a pattern or a format, but only to one of them.");
  }
  if (format !== undefined) {
    if (FORMATS.has(format)) return { format };
    throw refusal(at, `"format" can be one of ${[...FORMATS].join(", ")}.`);
  }
  const problem = checkPattern(pattern);
  if (problem === undefined) return { pattern };
  throw refusal(at, problem);
}

/** Between JavaScript's safe integers: a reply's number has an end, and is read as what was written. */
function heldInteger(schema: Readonly<Record<string, unknown>>, at: string): object {
  const bound = (word: string, otherwise: number): number => {
    const value = schema[word] ?? otherwise;
    if (typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    throw refusal(at, `"${word}" has to be a number within ±(2^53 − 1).`);
  };
  const most = Number.MAX_SAFE_INTEGER;
  const minimum = Math.max(
    Math.ceil(bound("minimum", -most)),
    "exclusiveMinimum" in schema ? Math.floor(bound("exclusiveMinimum", 0)) + 1 : -most,
  );
  const maximum = Math.min(
    Math.floor(bound("maximum", most)),
    "exclusiveMaximum" in schema ? Math.ceil(bound("exclusiveMaximum", 0)) - 1 : most,
  );
  if (minimum > maximum) throw refusal(at, "no integer lies within its bounds.");
  return { minimum, maximum };
}

function heldArray(schema: Readonly<Record<string, unknown>>, at: string, inner: Inner): object {
  const { items, prefixItems, minItems, maxItems } = schema;
  const first = prefixItems === undefined ? [] : listOf(prefixItems, `${at}/prefixItems`);
  return {
    ...(first.length > 0 && { prefixItems: first.map((item, i) => inner(item, `prefixItems/${i}`)) }),
    // Where nothing is said of them, any items may come; but after those that are named, none has to.
    items: items === false || (items === undefined && first.length > 0) ? false : inner(items ?? true, "items"),
    ...counts({ minItems, maxItems }, at),
  };
}

function heldObject(schema: Readonly<Record<string, unknown>>, at: string, inner: Inner): object {
  const { properties = {}, required = [], additionalProperties } = schema;
  if (!isObject(properties)) throw refusal(at, '"properties" are no object.');
  const names = Object.keys(properties);
  if (names.length > MOST_PROPERTIES) {
    throw refusal(at, `it has ${names.length} properties; it can have ${MOST_PROPERTIES}.`);
  }
  const missing = listOrEmpty(required, `${at}/required`).find((name) => !names.includes(name as string));
  if (missing !== undefined) throw refusal(at, `"required" names ${JSON.stringify(missing)}, which is no property.`);
  if (names.length === 0) {
    return {
      additionalProperties:
        additionalProperties === false ? false : inner(additionalProperties ?? true, "additionalProperties"),
    };
  }
  if (additionalProperties !== undefined && additionalProperties !== false) {
    // One of them could have a property's name again, and another type.
    throw refusal(at, '"additionalProperties" can stand beside "properties" only as false.');
  }
  const odd = names.find((name) => /["\\\p{Cc}]/u.test(name));
  if (odd !== undefined) throw refusal(at, `the property ${JSON.stringify(odd)} has a character that JSON escapes.`);
  return {
    properties: Object.fromEntries(names.map((name) => [name, inner(properties[name], `properties/${name}`)])),
    required,
    additionalProperties: false,
  };
}

function heldMap(map: unknown, at: string, depth: number): Record<string, Schema> {
  if (!isObject(map)) throw refusal(at, "there is no object.");
  return Object.fromEntries(Object.keys(map).map((name) => [name, held(map[name], `${at}/${name}`, depth + 1)]));
}

function valuesOf(values: unknown, type: unknown, at: string): readonly unknown[] {
  const types = type === undefined ? undefined : typesOf(type, at);
  const kept = listOf(values, `${at}/enum`).filter((value) => types?.some((each) => isOf(each, value)) ?? true);
  if (kept.length === 0) throw refusal(at, "none of its values is of its type.");
  return kept;
}

function isOf(type: TypeName, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

function counts(words: Readonly<Record<string, unknown>>, at: string): Record<string, number> {
  const given: Record<string, number> = {};
  for (const [word, value] of Object.entries(words)) {
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > LARGEST_COUNT) {
      throw refusal(at, `"${word}" has to be a whole number from 0 to ${LARGEST_COUNT}.`);
    }
    given[word] = value;
  }
  return given;
}

function listOf(value: unknown, at: string): readonly unknown[] {
  const list = listOrEmpty(value, at);
  if (list.length === 0) throw refusal(at, "the list is empty.");
  return list;
}

function listOrEmpty(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw refusal(at, "there is no list.");
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
