/** A loaded model and its conversation: from messages to tokens, through the cache, to text. */
import { Channel } from "../../shared/channel";
import { abortedError, IngleError, throwIfAborted } from "../../shared/errors";
import type {
  ChatMessage,
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  Session,
  SessionInfo,
  Shortened,
} from "../engine";
import { DecodeLoop } from "./generate/decode-loop";
import { dropOldestTurns, roomAfter } from "../turns";
import { PrefillLoop } from "./generate/prefill-loop";
import { checkRequest, prepareRequest, writeMask } from "./generate/prepare-request";
import { completeSampling } from "./generate/sampling";
import { StopText } from "./generate/stop-text";
import { Stopwatch } from "./generate/stopwatch";
import { throwIfLost } from "./gpu/gpu";
import type { Grammar, Grammars } from "./grammar/grammars";
import type { LoadedModel } from "./model/loaded-model";
import type { ModelTokenizer } from "./tokenizer/types";

export interface SessionParts {
  readonly model: LoadedModel;
  readonly tokenizer: ModelTokenizer;
  readonly name: string;
  readonly sampling: SessionInfo["sampling"];
  /** Fixed for tests and benches; measured otherwise. */
  readonly tokensPerSubmit?: number | undefined;
}

interface ReplyParts {
  readonly prompt: readonly number[];
  /** [tokens] */
  readonly limit: number;
  /** What it is that ends the reply there. */
  readonly cutBy: FinishReason;
  readonly grammar: Grammar | undefined;
  readonly watch: Stopwatch;
  readonly signal: AbortSignal;
}

export class WgslSession implements Session {
  readonly info: SessionInfo;
  readonly #parts: SessionParts;
  readonly #prefill: PrefillLoop;
  readonly #decode: DecodeLoop;
  readonly #disposed = new AbortController();
  /** The tokens whose keys and values are in the cache, from position 0. */
  #cached: number[] = [];
  /** From the first request on that asks for JSON. */
  #grammars: Grammars | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: SessionParts) {
    const { plan } = parts.model;
    this.#parts = parts;
    this.#prefill = new PrefillLoop(parts.model);
    this.#decode = new DecodeLoop(parts.model);
    this.info = {
      name: parts.name,
      engine: "wgsl",
      contextLength: plan.contextLength,
      modelContextLength: plan.config.contextLength,
      bytes: plan.bytes,
      sampling: parts.sampling,
    };
  }

  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const before = this.#last;
    let done: () => void = () => undefined;
    this.#last = new Promise<void>((resolve) => (done = resolve));
    try {
      await before;
      const either = AbortSignal.any([signal, this.#disposed.signal]);
      if (either.aborted) throw abortedError(either.reason);
      yield* this.#generate(request, either);
    } finally {
      done();
    }
  }

  countTokens(messages: readonly ChatMessage[]): number {
    return this.#encode({ input: { messages } }).length;
  }

  dropOldestTurns(messages: readonly ChatMessage[], room: number): Shortened {
    return dropOldestTurns(messages, this.info.contextLength - room, (kept) => this.countTokens(kept));
  }

  dispose(): void {
    this.#disposed.abort();
    this.#decode.dispose();
    this.#grammars?.dispose();
    this.#parts.model.dispose();
  }

  async *#generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const { model } = this.#parts;
    throwIfLost(model.gpu);
    checkRequest(request, model.plan.config.vocabulary);
    const sampling = completeSampling(request.sampling ?? {}, this.info.sampling);
    const watch = new Stopwatch();
    const prompt = this.#encode(request);
    const room = roomAfter(prompt.length, this.info);
    const limit = Math.min(request.maxTokens ?? Infinity, room);
    const grammar = await this.#openGrammar(request, signal);
    watch.prepared();
    try {
      const cached = commonPrefix(this.#cached, prompt);
      this.#cached.length = cached;
      yield* this.#runPrefill(prompt, signal);
      throwIfAborted(signal);
      watch.prefilled(prompt.length - cached);
      prepareRequest(model, { prompt, sampling, bias: request.logitBias ?? {}, mask: grammar?.mask });
      const cutBy: FinishReason = limit < room ? "length" : "context";
      const finishReason = yield* this.#reply(request, { prompt, limit, cutBy, grammar, watch, signal });
      const usage = watch.usage({ promptTokens: prompt.length, cachedTokens: cached, seed: sampling.seed });
      yield { type: "end", finishReason, usage };
    } finally {
      grammar?.close();
    }
  }

  async *#reply(
    request: GenerateRequest,
    { prompt, limit, cutBy, grammar, watch, signal }: ReplyParts,
  ): AsyncGenerator<GenerateEvent, FinishReason> {
    const { model, tokenizer, tokensPerSubmit } = this.#parts;
    const reply = new Reply(tokenizer, request);
    let finishReason = cutBy;
    const oneAtATime = grammar !== undefined;
    const onLanded = (tokens: number) => watch.landed(tokens);
    for await (const token of this.#decode.run({ limit, signal, tokensPerSubmit, oneAtATime, onLanded })) {
      watch.token();
      // The last of the prompt, or the token before: decoding this one put it into the cache.
      this.#cached.push(reply.lastToken ?? prompt.at(-1) ?? token);
      const text = reply.push(token);
      if (text !== "") yield { type: "text", text };
      if (grammar !== undefined && !reply.isOver) {
        await grammar.accept(token);
        writeMask(model, grammar.mask);
      }
      if (reply.isOver || grammar?.isOver === true) {
        finishReason = "stop";
        break;
      }
    }
    const rest = reply.flush(finishReason);
    if (rest !== "") yield { type: "text", text: rest };
    const problem = grammar?.problem(reply.isStopped ? "stop" : cutBy);
    if (problem !== undefined) throw problem;
    return finishReason;
  }

  /** Its code is fetched by the first request that asks for it. */
  async #openGrammar(request: GenerateRequest, signal: AbortSignal): Promise<Grammar | undefined> {
    if (request.responseFormat === undefined) return undefined;
    const { model, tokenizer } = this.#parts;
    const { Grammars } = await import("./grammar/grammars");
    const vocabulary = Math.min(tokenizer.vocabularySize, model.plan.config.vocabulary);
    this.#grammars ??= new Grammars({ tokenizer, vocabulary });
    return this.#grammars.open(request, signal);
  }

  /** All but the last token, which is decoded. */
  async *#runPrefill(prompt: readonly number[], signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const from = this.#cached.length;
    const tokens = prompt.slice(from, -1);
    const events = new Channel<GenerateEvent>();
    const left = new AbortController();
    const running = this.#prefill
      .run(tokens, from, AbortSignal.any([signal, left.signal]), (done) => {
        this.#cached.push(...tokens.slice(this.#cached.length - from, done));
        events.push({ type: "prefill", tokensDone: from + done, tokensTotal: prompt.length });
      })
      .then(
        () => events.close(),
        (thrown: unknown) => events.fail(thrown),
      );
    try {
      yield* events;
    } finally {
      left.abort(); // where the caller left, the next request must not begin beside this one
      await running;
    }
  }

  #encode({ input, continueFinalMessage = false }: GenerateRequest): number[] {
    const { tokenizer } = this.#parts;
    const options = { addGenerationPrompt: !continueFinalMessage, continueFinalMessage };
    const tokens =
      "text" in input
        ? withBegin(tokenizer, tokenizer.encode(input.text))
        : tokenizer.encodePrompt(tokenizer.renderChat(input.messages, options));
    const { vocabulary } = this.#parts.model.plan.config;
    if (tokens.every((token) => token < vocabulary)) return tokens;
    throw new IngleError("model-invalid", "The model's tokenizer has tokens that its embedding has no row for.");
  }
}

/** A reply as it grows. */
class Reply {
  readonly #tokenizer: ModelTokenizer;
  readonly #decoder: ReturnType<ModelTokenizer["decoder"]>;
  readonly #stop: StopText;
  lastToken: number | undefined;
  isOver = false;
  /** By a stop text: what comes after is not the reply's. */
  isStopped = false;

  constructor(tokenizer: ModelTokenizer, request: GenerateRequest) {
    this.#tokenizer = tokenizer;
    const continues = request.continueFinalMessage === true || "text" in request.input;
    this.#decoder = tokenizer.decoder({ continues });
    this.#stop = new StopText(request.stop ?? []);
  }

  /** @returns the text that is certain by now. */
  push(token: number): string {
    this.lastToken = token;
    if (this.#tokenizer.stopTokens.has(token)) {
      this.isOver = true;
      return "";
    }
    const { text, stopped } = this.#stop.push(this.#decoder.push(token));
    this.isOver = this.isStopped = stopped;
    return text;
  }

  /** What is left when no more tokens come: nothing after a stop text, and no half of a character where it was cut. */
  flush(finishReason: FinishReason): string {
    if (this.isStopped) return "";
    const { text, stopped } = this.#stop.push(finishReason === "stop" ? this.#decoder.flush() : "");
    return stopped ? text : text + this.#stop.flush();
  }
}

function withBegin({ beginToken }: ModelTokenizer, tokens: number[]): number[] {
  return beginToken === undefined ? tokens : [beginToken, ...tokens];
}

/** All but the prompt's last token at most: that is decoded, whatever is cached. */
function commonPrefix(cached: readonly number[], prompt: readonly number[]): number {
  const most = Math.min(cached.length, prompt.length - 1);
  let length = 0;
  while (length < most && cached[length] === prompt[length]) length++;
  return length;
}
