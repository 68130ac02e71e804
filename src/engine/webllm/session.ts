/** A model that WebLLM has loaded: its replies as our events, and an end to every wait. */
import type { ChatCompletionChunk, Completion, MLCEngine } from "@mlc-ai/web-llm";
import { isTimeout, withDeadline } from "../../shared/deadline";
import { abortedError, IngleError, messageOf } from "../../shared/errors";
import type {
  ChatMessage,
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  Session,
  SessionInfo,
  Shortened,
  Usage,
} from "../engine";
import { jsonIncomplete } from "../json/incomplete";
import { dropOldestTurns, roomAfter } from "../turns";
import { completeSampling } from "../wgsl/generate/sampling";
import { StopText } from "../wgsl/generate/stop-text";
import type { ModelTokenizer } from "../wgsl/tokenizer/types";
import { repeating, STEP_LIMIT, untilLostOrStopped } from "./limit";
import { chatRequest, checkRequest, textRequest } from "./request";
import type { WatchedGpu } from "./watched-gpu";

/** What is called of the library. */
export type LoadedLibrary = Pick<MLCEngine, "chat" | "completions" | "interruptGenerate" | "getMessage" | "unload">;

export interface WebLlmSessionParts {
  readonly library: LoadedLibrary;
  readonly gpu: WatchedGpu;
  /** Counts tokens and renders what is gone on with; the library has one of its own, which it does not show. */
  readonly tokenizer: ModelTokenizer;
  readonly vocabulary: number;
  readonly info: SessionInfo;
}

type Chunk = ChatCompletionChunk | Completion;
type ReportedUsage = NonNullable<Chunk["usage"]>;

export class WebLlmSession implements Session {
  readonly info: SessionInfo;
  readonly #parts: WebLlmSessionParts;
  readonly #disposed = new AbortController();
  /** Why nothing can be asked of it any more. */
  #broken: IngleError | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: WebLlmSessionParts) {
    this.#parts = parts;
    this.info = parts.info;
    void parts.gpu.lost.then((error) => (this.#broken ??= error));
  }

  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const before = this.#last;
    let done: () => void = () => undefined;
    this.#last = new Promise<void>((resolve) => (done = resolve));
    try {
      await before;
      const either = AbortSignal.any([signal, this.#disposed.signal]);
      if (either.aborted) throw abortedError(either.reason);
      this.#noteProblem();
      if (this.#broken !== undefined) throw this.#broken;
      yield* this.#generate(request, either);
    } finally {
      done();
    }
  }

  countTokens(messages: readonly ChatMessage[]): number {
    return this.#promptOf({ input: { messages } }).tokens;
  }

  dropOldestTurns(messages: readonly ChatMessage[], room: number): Shortened {
    return dropOldestTurns(messages, this.info.contextLength - room, (kept) => this.countTokens(kept));
  }

  dispose(): void {
    if (this.#disposed.signal.aborted) return;
    this.#disposed.abort();
    const { library, gpu } = this.#parts;
    // Before its device goes: a loss that it did not ask for it would report.
    void library.unload().catch(() => undefined);
    gpu.destroy();
  }

  async *#generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const { library, vocabulary } = this.#parts;
    checkRequest(request, vocabulary);
    const sampling = completeSampling(request.sampling ?? {}, this.info.sampling);
    const prompt = this.#promptOf(request);
    const room = roomAfter(prompt.tokens, this.info);
    const maxTokens = Math.min(request.maxTokens ?? Infinity, room);
    const prefill = { type: "prefill", tokensDone: 0, tokensTotal: prompt.tokens } as const;
    yield prefill;
    const begun = performance.now();
    let firstTextAt: number | undefined;
    const reply = new Reply(request.stop ?? []);
    const chunks = this.#start(request, prompt.text, { sampling, maxTokens });
    const next = () => this.#step(chunks.next(), signal);
    let ended = false;
    try {
      // Between its tokens it is as quick to speak as any engine; before the first there is the whole prompt.
      for (let step = yield* repeating(prefill, next()); step.done !== true; step = await next()) {
        const text = reply.push(step.value);
        if (text !== "") {
          firstTextAt ??= performance.now();
          yield { type: "text", text };
        }
      }
      ended = true;
      const rest = reply.finish(await this.#step(library.getMessage(), signal));
      if (rest !== "") yield { type: "text", text: rest };
      const { usage } = reply;
      if (usage === undefined) throw new IngleError("unexpected", "WebLLM ended a reply without its usage.");
      const finishReason = reply.isStopped
        ? "stop"
        : // The library has one word for both; releases differ by one in what they count.
          usage.completion_tokens + 1 < maxTokens || request.maxTokens === undefined || request.maxTokens > room
          ? "context"
          : "length";
      if (request.responseFormat !== undefined) throwUnlessJson(reply.text, finishReason, request.stop);
      yield {
        type: "end",
        finishReason,
        usage: usageOf(usage, prompt.tokens, (firstTextAt ?? performance.now()) - begun, sampling.seed),
      };
    } finally {
      if (!ended) await this.#windDown(chunks);
    }
  }

  #promptOf({ input, continueFinalMessage = false }: GenerateRequest): { tokens: number; text: string } {
    const { tokenizer } = this.#parts;
    if ("text" in input) return { text: input.text, tokens: tokenizer.encode(input.text).length };
    const options = { addGenerationPrompt: !continueFinalMessage, continueFinalMessage };
    const prompt = tokenizer.renderChat(input.messages, options);
    return { text: prompt.text, tokens: tokenizer.encodePrompt(prompt).length };
  }

  /** The library takes a conversation only where its user spoke last: what goes on, goes on as a text. */
  async *#start(
    request: GenerateRequest,
    prompt: string,
    parts: Parameters<typeof chatRequest>[2],
  ): AsyncGenerator<Chunk> {
    const { chat, completions } = this.#parts.library;
    const { input, continueFinalMessage = false } = request;
    try {
      yield* "text" in input || continueFinalMessage
        ? await completions.create(textRequest(prompt, request, parts))
        : await chat.completions.create(chatRequest(input.messages, request, parts));
    } catch (thrown) {
      throw refusalOf(thrown);
    }
  }

  /** Waits for one step of the library's. What its device was refused until then makes all that follows garbage. */
  async #step<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      const done = await withDeadline(untilLostOrStopped(work, this.#parts.gpu, signal), STEP_LIMIT, "WebLLM");
      this.#noteProblem();
      if (this.#broken === undefined) return done;
    } catch (thrown) {
      if (isTimeout(thrown)) this.#broken ??= stuckError(thrown);
      this.#noteProblem();
      if (signal.aborted || this.#broken === undefined) throw thrown;
    }
    throw this.#broken;
  }

  #noteProblem(): void {
    const { problem } = this.#parts.gpu;
    if (problem === undefined) return;
    this.#broken ??= new IngleError(problem.code, `${problem.message} Load the model again.`, { cause: problem });
  }

  /**
   * Lets a reply that nobody wants any more end, so that the next finds the library free. Interrupted, it ends after its
   * step, which may be a whole prompt; the device's loss and the session's end do not wait for that.
   */
  async #windDown(chunks: AsyncGenerator<Chunk>): Promise<void> {
    if (this.#broken !== undefined || this.#disposed.signal.aborted) return;
    const drained = (async () => {
      await this.#parts.library.interruptGenerate();
      while ((await chunks.next()).done !== true);
    })();
    // What the reply itself fails with was told; one that does not end leaves the library of no use.
    await this.#step(drained, this.#disposed.signal).catch(() => undefined);
  }
}

function stuckError(cause: unknown): IngleError {
  const minutes = STEP_LIMIT / 60_000;
  return new IngleError("timed-out", `WebLLM did not end one step within ${minutes} minutes. Load the model again.`, {
    cause,
  });
}

/** A reply as it comes. */
class Reply {
  readonly #stop: StopText;
  #received = "";
  /** What was told of it. */
  text = "";
  /** By the model's own end or by a stop text. */
  isStopped = false;
  usage: ReportedUsage | undefined;

  constructor(stops: readonly string[]) {
    this.#stop = new StopText(stops);
  }

  /** @returns the text that is certain by now. */
  push({ choices, usage }: Chunk): string {
    this.usage = usage ?? this.usage;
    const [choice] = choices;
    if (choice === undefined) return "";
    if (choice.finish_reason === "stop") this.isStopped = true;
    return this.#take("text" in choice ? choice.text : (choice.delta.content ?? ""));
  }

  /**
   * @param whole The reply as the library keeps it. A reply that ends with its first token, or within a character, it
   *   does not stream.
   */
  finish(whole: string): string {
    const rest = whole.startsWith(this.#received) ? this.#take(whole.slice(this.#received.length)) : "";
    return this.#isOver ? rest : rest + this.#told(this.#stop.flush());
  }

  #isOver = false;

  #take(received: string): string {
    this.#received += received;
    if (this.#isOver) return "";
    const { text, stopped } = this.#stop.push(received);
    this.#isOver = stopped;
    this.isStopped ||= stopped;
    return this.#told(text);
  }

  #told(text: string): string {
    this.text += text;
    return text;
  }
}

function usageOf(usage: ReportedUsage, promptTokens: number, timeToFirstTokenMs: number, seed: number): Usage {
  const { extra } = usage as { extra: Partial<Record<string, unknown>> };
  const rate = (value: unknown) =>
    typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
  return {
    promptTokens,
    // It counts what it computed. Its own template may differ from the model's by a few tokens.
    cachedTokens: Math.max(0, promptTokens - usage.prompt_tokens),
    completionTokens: usage.completion_tokens,
    timeToFirstTokenMs,
    prefillTokensPerSecond: rate(extra["prefill_tokens_per_s"]),
    decodeTokensPerSecond: rate(extra["decode_tokens_per_s"]),
    seed,
  };
}

/** The library tells neither whether the grammar was at its end, nor whether a stop text was. @throws IngleError "json-incomplete" */
function throwUnlessJson(text: string, finishReason: FinishReason, stop: readonly string[] = []): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    if (finishReason !== "stop" || stop.some((each) => each !== "")) throw jsonIncomplete(finishReason);
    throw new IngleError("json-incomplete", "WebLLM ended its reply with what is no JSON. Ask it again.", { cause });
  }
}

/** What the library throws has a name, and no code. */
function refusalOf(thrown: unknown): IngleError {
  if (thrown instanceof IngleError) return thrown;
  const name = thrown instanceof Error ? thrown.name : "";
  const cause = { cause: thrown };
  if (name === "ContextWindowSizeExceededError") {
    return new IngleError("context-full", `WebLLM finds the conversation too long. ${messageOf(thrown)}`, cause);
  }
  if (/Message|Role|Content/.test(name)) {
    return new IngleError("chat-invalid", `WebLLM does not take this conversation: ${messageOf(thrown)}`, cause);
  }
  if (/ResponseFormat|Grammar|UnsupportedFields|SeedType|Range|Negative|Config/.test(name)) {
    return new IngleError("request-invalid", `WebLLM does not take this request: ${messageOf(thrown)}`, cause);
  }
  return new IngleError("unexpected", `WebLLM failed: ${messageOf(thrown)}`, cause);
}
