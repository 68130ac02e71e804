/** `chat.completions.create`: a program's request, the model that it wants, and the reply in OpenAI's words. */
import type { GenerateEvent, Usage } from "../engine/engine";
import { Channel } from "../shared/channel";
import { unlessAborted } from "../shared/abort";
import { IngleError, throwIfAborted } from "../shared/errors";
import { makeQueue } from "../shared/queue";
import type { OpenTalk } from "../talk/open-talk";
import { bringModel, type ModelParts } from "./models";
import { readOptions, readParams, type Asked } from "./read-params";
import type { ChatCompletion, ChatCompletionChunk, CompletionFinish, CompletionStream, CompletionUsage } from "./types";

export type CompletionParts = ModelParts & { readonly desk: Pick<OpenTalk["desk"], "generate"> };

type Head = Pick<ChatCompletion, "id" | "created" | "model"> & Pick<CompletionUsage["ingle"], "engine">;

/** From the model's loading to the reply's end: a request for another model would take this one's away. */
const inTurn = makeQueue();

/**
 * @param open Begins to load the model that the chat would: not for a request that is refused.
 * @throws IngleError as `CreateCompletion` has it.
 */
export async function createCompletion(
  open: () => Promise<CompletionParts>,
  params: unknown,
  options?: unknown,
): Promise<ChatCompletion | CompletionStream> {
  const asked = readParams(params);
  const { signal: stop } = readOptions(options);
  const left = new AbortController();
  const signal = stop ? AbortSignal.any([stop, left.signal]) : left.signal;
  throwIfAborted(signal);
  const parts = await unlessAborted(open(), signal);
  const events = new Channel<GenerateEvent>();
  let begin: (head: Head) => void = () => undefined;
  const begun = new Promise<Head>((resolve) => (begin = resolve));
  // Written whether it is read or not: a stream that nobody reads must not hold up whoever comes next.
  const writing = inTurn(async () => {
    throwIfAborted(signal);
    const model = await bringModel(parts, asked.model, signal);
    const { loaded } = parts.desk.state;
    if (loaded === undefined) {
      throw new IngleError("no-model", "The model was taken off the GPU. Ask again to load it.");
    }
    const { engine } = loaded.info;
    begin({ id: `chatcmpl-${crypto.randomUUID()}`, created: Math.floor(Date.now() / 1000), model, engine });
    for await (const event of parts.desk.generate(asked.request, signal)) events.push(event);
  });
  writing.then(
    () => events.close(),
    (thrown: unknown) => events.fail(thrown),
  );
  // Told at once where it waits for its turn. What is being loaded by then still has its turn to itself.
  const head = await unlessAborted(Promise.race([begun, writing.then(never)]), signal);
  return asked.stream ? stream(head, events, asked, left) : whole(head, events);
}

/** What ends has begun. */
function never(): never {
  throw cutOff();
}

async function whole({ engine, ...head }: Head, events: AsyncIterable<GenerateEvent>): Promise<ChatCompletion> {
  let content = "";
  for await (const event of events) {
    if (event.type === "text") content += event.text;
    if (event.type !== "end") continue;
    const message = { role: "assistant", content } as const;
    return {
      ...head,
      object: "chat.completion",
      choices: [{ index: 0, message, finish_reason: finishOf(event.finishReason), logprobs: null }],
      usage: usageOf(event.usage, engine),
    };
  }
  throw cutOff();
}

async function* stream(
  { engine, ...rest }: Head,
  events: AsyncIterable<GenerateEvent>,
  { includeUsage }: Asked,
  left: AbortController,
): AsyncGenerator<ChatCompletionChunk> {
  const head = { ...rest, object: "chat.completion.chunk" } as const;
  const chunk = (
    delta: ChatCompletionChunk["choices"][0]["delta"],
    finish_reason: CompletionFinish | null = null,
  ): ChatCompletionChunk => ({ ...head, choices: [{ index: 0, delta, finish_reason, logprobs: null }] });
  try {
    yield chunk({ role: "assistant", content: "" });
    for await (const event of events) {
      if (event.type === "text") yield chunk({ content: event.text });
      if (event.type !== "end") continue;
      yield chunk({}, finishOf(event.finishReason));
      if (includeUsage) yield { ...head, choices: [], usage: usageOf(event.usage, engine) };
      return;
    }
    throw cutOff();
  } finally {
    left.abort();
  }
}

function cutOff(): IngleError {
  return new IngleError("aborted", "The model was taken off the GPU before its reply was whole.");
}

const finishOf = (reason: (GenerateEvent & { type: "end" })["finishReason"]): CompletionFinish =>
  reason === "stop" ? "stop" : "length";

function usageOf(usage: Usage, engine: Head["engine"]): CompletionUsage {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    ingle: {
      engine,
      seed: usage.seed,
      time_to_first_token_ms: usage.timeToFirstTokenMs,
      prefill_tokens_per_second: usage.prefillTokensPerSecond ?? null,
      decode_tokens_per_second: usage.decodeTokensPerSecond ?? null,
    },
  };
}
