/** A program's request, checked word for word and turned into the engine's. */
import * as v from "valibot";
import type { ChatMessage, GenerateRequest, Sampling } from "../engine/engine";
import { IngleError } from "../shared/errors";

/** What was asked for. */
export interface Asked {
  readonly model: string | undefined;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly request: GenerateRequest;
}

const MOST_MESSAGES = 10_000;
const LONGEST_TEXT = 10_000_000;
const MOST_STOPS = 64;
const MOST_BIASES = 1024;
/** Objects, lists and values: each takes a character at least, and the engine takes no longer schema. */
const MOST_SCHEMA_VALUES = 32_768;

/** OpenAI's clients write null for what is left out. */
const orNull = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(v.unknown(), v.transform(withoutNothing), schema);
const object = <Entries extends v.ObjectEntries>(entries: Entries) => orNull(v.strictObject(entries));

const number = v.pipe(v.number(), v.finite());
const text = v.pipe(v.string(), v.maxLength(LONGEST_TEXT));
const parts = v.pipe(
  v.array(v.strictObject({ type: v.literal("text"), text })),
  v.minLength(1),
  v.maxLength(MOST_MESSAGES),
);
const message = object({
  role: v.picklist(["system", "developer", "user", "assistant"]),
  content: v.union([text, parts]),
});
const count = v.pipe(number, v.safeInteger(), v.minValue(1));

const schema = object({
  messages: v.pipe(v.array(message), v.minLength(1), v.maxLength(MOST_MESSAGES)),
  model: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1000))),
  stream: v.optional(v.boolean(), false),
  stream_options: v.optional(object({ include_usage: v.optional(v.boolean()) })),
  max_completion_tokens: v.optional(count),
  max_tokens: v.optional(count),
  stop: v.optional(v.union([text, v.pipe(v.array(text), v.maxLength(MOST_STOPS))])),
  temperature: v.optional(number),
  top_p: v.optional(number),
  frequency_penalty: v.optional(number),
  presence_penalty: v.optional(number),
  seed: v.optional(number),
  logit_bias: v.optional(v.record(v.pipe(v.string(), v.regex(/^\d{1,9}$/)), number)),
  response_format: v.optional(
    orNull(
      v.variant("type", [
        v.strictObject({ type: v.literal("text") }),
        v.strictObject({ type: v.literal("json_object") }),
        v.strictObject({
          type: v.literal("json_schema"),
          json_schema: object({
            schema: v.custom<object>((given) => typeof given === "object" && given !== null && !Array.isArray(given)),
            name: v.optional(v.string()),
            description: v.optional(v.string()),
            strict: v.optional(v.boolean()),
          }),
        }),
      ]),
    ),
  ),
  n: v.optional(v.literal(1)),
  logprobs: v.optional(v.literal(false)),
  top_k: v.optional(number),
  min_p: v.optional(number),
  repetition_penalty: v.optional(number),
  continue_final_message: v.optional(v.boolean(), false),
});
type Params = v.InferOutput<typeof schema>;

const options = v.optional(object({ signal: v.optional(v.unknown()) }), {});

/** What people would look for, and why it is not there. */
const NOT_YET: ReadonlyMap<string, string> = new Map(
  Object.entries({
    tools: "Calling tools is not supported yet.",
    tool_choice: "Calling tools is not supported yet.",
    functions: "Calling functions is not supported.",
    function_call: "Calling functions is not supported.",
    parallel_tool_calls: "Calling tools is not supported yet.",
    tool_calls: "Calling tools is not supported yet.",
    tool_call_id: "Calling tools is not supported yet.",
    logprobs: "Log probabilities are not told.",
    top_logprobs: "Log probabilities are not told.",
    n: "There is one reply a request.",
    modalities: "Models here read and write text.",
    audio: "Models here read and write text.",
    timeout: "A signal ends the wait: AbortSignal.timeout(ms).",
  }),
);

/** @throws IngleError "request-invalid" naming what is not understood, or not supported. */
export function readParams(given: unknown): Asked {
  const params = parsed(schema, given);
  const { max_tokens, max_completion_tokens = max_tokens, stream_options, continue_final_message } = params;
  if (max_tokens !== undefined && max_tokens !== max_completion_tokens) {
    throw invalid("max_tokens and max_completion_tokens say different things.");
  }
  if (stream_options !== undefined && !params.stream) throw invalid("stream_options goes with stream: true.");
  if (Object.keys(params.logit_bias ?? {}).length > MOST_BIASES) {
    throw invalid(`logit_bias has more than ${MOST_BIASES} tokens.`);
  }
  const messages = params.messages.map(messageOf);
  if (continue_final_message && messages.at(-1)?.role !== "assistant") {
    throw invalid("continue_final_message goes on with the assistant's message, and the last one is not.");
  }
  return {
    model: params.model,
    stream: params.stream,
    includeUsage: stream_options?.include_usage === true,
    request: {
      input: { messages },
      sampling: samplingOf(params),
      ...(continue_final_message && { continueFinalMessage: true }),
      ...(max_completion_tokens !== undefined && { maxTokens: max_completion_tokens }),
      ...(params.stop !== undefined && { stop: typeof params.stop === "string" ? [params.stop] : params.stop }),
      ...(params.logit_bias && { logitBias: biasOf(params.logit_bias) }),
      ...responseFormatOf(params),
    },
  };
}

/** What goes with a request, and is not sent anywhere. @throws IngleError "request-invalid" */
export function readOptions(given: unknown): { readonly signal: AbortSignal | undefined } {
  const { signal } = parsed(options, given);
  try {
    // Another window's signal is as good as this one's: no `instanceof`.
    return { signal: signal === undefined ? undefined : AbortSignal.any([signal as AbortSignal]) };
  } catch {
    throw invalid("signal is no AbortSignal.");
  }
}

/** Whatever it is made of: a proxy or a getter may throw what it likes. */
function parsed<Schema extends v.GenericSchema>(as: Schema, given: unknown): v.InferOutput<Schema> {
  let found: v.SafeParseResult<Schema>;
  try {
    found = v.safeParse(as, given, { abortEarly: true });
  } catch (cause) {
    throw invalid("The request could not be read.", cause);
  }
  if (!found.success) throw refusal(found.issues[0]);
  return found.output;
}

function messageOf({ role, content }: v.InferOutput<typeof message>): ChatMessage {
  return {
    role: role === "developer" ? "system" : role,
    content: typeof content === "string" ? content : content.map((part) => part.text).join(""),
  };
}

function samplingOf(params: Params): Partial<Sampling> {
  const named: Partial<Record<keyof Sampling, number | undefined>> = {
    temperature: params.temperature,
    topK: params.top_k,
    topP: params.top_p,
    minP: params.min_p,
    repetitionPenalty: params.repetition_penalty,
    frequencyPenalty: params.frequency_penalty,
    presencePenalty: params.presence_penalty,
    seed: params.seed,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function biasOf(given: Readonly<Record<string, number>>): Record<number, number> {
  return Object.fromEntries(Object.entries(given).map(([token, bias]) => [Number(token), bias]));
}

function responseFormatOf({ response_format: format }: Params): Pick<GenerateRequest, "responseFormat"> {
  if (format === undefined || format.type === "text") return {};
  if (format.type === "json_object") return { responseFormat: { type: "json" } };
  return { responseFormat: { type: "json", schema: schemaText(format.json_schema.schema) } };
}

/** What JSON has no word for, a function or NaN, would be left out of it in silence: a library's schema object, say. */
function schemaText(given: object): string {
  const at = "response_format.json_schema.schema";
  let values = 0;
  const check = (key: string, value: unknown): unknown => {
    if (++values > MOST_SCHEMA_VALUES) throw invalid(`${at} is too long, or has no end.`);
    const isJson =
      typeof value === "number" ? Number.isFinite(value) : !["function", "symbol", "bigint"].includes(typeof value);
    if (!isJson)
      throw invalid(
        `${at} is no JSON: "${key.slice(0, 100)}" in it is a ${typeof value}, ${String(value).slice(0, 80)}.`,
      );
    return value;
  };
  try {
    const text = JSON.stringify(given, check) as string | undefined;
    if (text?.startsWith("{") === true) return text;
  } catch (thrown) {
    throw thrown instanceof IngleError ? thrown : invalid(`${at} is no JSON: it may contain itself.`, thrown);
  }
  throw invalid(`${at} is no JSON object.`);
}

/** Of one object, so that nothing is read deeper than the schema goes. */
function withoutNothing(given: unknown): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined));
}

function refusal(issue: v.BaseIssue<unknown>): IngleError {
  const path = v.getDotPath(issue) ?? "";
  const key = issue.path?.at(-1)?.key;
  const last = typeof key === "string" ? key.slice(0, 100) : "";
  const at = path === "" ? "The request" : path.slice(0, 200);
  if (issue.type === "strict_object" && issue.expected === "never") {
    return invalid(`${at}: ${NOT_YET.get(last) ?? "Nothing here knows it. Leave it out."}`);
  }
  if (issue.received === "undefined") return invalid(`${at} is missing.`);
  if (last === "content")
    return invalid(`${at} is no text, and no list of {type: "text", text}: models here read text.`);
  const received = `${issue.type.endsWith("length") ? "of length " : ""}${issue.received.slice(0, 80)}`;
  const because = NOT_YET.get(last);
  const why = because === undefined ? "" : ` ${because}`;
  const expected = issue.expected === null ? "" : `; it can be ${issue.expected.slice(0, 200)}`;
  return invalid(`${at} is ${received}${expected}.${why}`);
}

function invalid(sentence: string, cause?: unknown): IngleError {
  return new IngleError("request-invalid", sentence, { cause });
}
