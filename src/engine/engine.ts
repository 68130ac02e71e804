/** The one interface that every engine has. Types only: what they are made of crosses the worker boundary as it is. */
import type { EngineName } from "../shared/engines";

export type ChatRole = "system" | "user" | "assistant" | "tool";

export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
}

export interface Sampling {
  /** 0: always the likeliest token. */
  readonly temperature: number;
  /** 0: off. */
  readonly topK: number;
  /** 1: off. */
  readonly topP: number;
  /** 0: off. */
  readonly minP: number;
  /** 1: off. On tokens of prompt and reply. */
  readonly repetitionPenalty: number;
  /** 0: off. On tokens of the reply, like the next. */
  readonly frequencyPenalty: number;
  /** 0: off. */
  readonly presencePenalty: number;
  /** The same seed gives the same text on the same adapter. */
  readonly seed: number;
}

export interface GenerateRequest {
  /** A conversation, or a text to go on with as it stands. */
  readonly input: { readonly messages: readonly ChatMessage[] } | { readonly text: string };
  /** Whether the last message is the assistant's, unfinished, and is gone on with. */
  readonly continueFinalMessage?: boolean;
  /** What is left out is the model's own default, then Ingle's; the seed's is random. */
  readonly sampling?: Partial<Sampling>;
  /** [tokens] The reply ends here at the latest; by default where the context is full. */
  readonly maxTokens?: number;
  /** The reply ends before any of these texts. */
  readonly stop?: readonly string[];
  /** What is added to the logits of tokens, by id: −100 all but forbids one. */
  readonly logitBias?: Readonly<Record<number, number>>;
  /**
   * The reply is JSON and nothing else, by this JSON schema where there is one; an object or a list where there is none.
   * Schemas that can't be held to, word for word, are refused: src/engine/json/schema.ts has what can be. Not together
   * with `continueFinalMessage` or a text to go on with. A reply that maxTokens, a full context or a stop text cuts off
   * before its JSON is whole ends with "json-incomplete" instead of an end event.
   */
  readonly responseFormat?: { readonly type: "json"; readonly schema?: string };
}

/** A stop token or text came; maxTokens was reached; the context is full. */
export type FinishReason = "stop" | "length" | "context";

export interface Usage {
  readonly promptTokens: number;
  /** Of these, found in the KV cache. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly timeToFirstTokenMs: number;
  /** Of the tokens that were not in the cache; undefined when all were. */
  readonly prefillTokensPerSecond: number | undefined;
  /** Of what came after the first tokens, which may come several at once; undefined where nothing did. */
  readonly decodeTokensPerSecond: number | undefined;
  readonly seed: number;
}

export type GenerateEvent =
  | { readonly type: "prefill"; readonly tokensDone: number; readonly tokensTotal: number }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "end"; readonly finishReason: FinishReason; readonly usage: Usage };

export interface SessionInfo {
  readonly name: string;
  readonly engine: EngineName;
  /** [tokens] Prompt and reply together. */
  readonly contextLength: number;
  /** [tokens] What the model was made for. */
  readonly modelContextLength: number;
  /** [bytes] on the GPU. */
  readonly bytes: { readonly weights: number; readonly kv: number; readonly scratch: number; readonly total: number };
  /** What a request gets that says nothing of sampling, but for the seed. */
  readonly sampling: Omit<Sampling, "seed">;
}

/** A loaded model and one conversation's cache. */
export interface Session {
  readonly info: SessionInfo;
  /**
   * Replies. Requests wait for each other. What was in the cache from the last is not computed again.
   *
   * @throws IngleError "context-full" before anything is computed; "chat-invalid"; "request-invalid", also for what this
   *   engine does not have; "json-incomplete"; "device-lost"; "gpu-out-of-memory"; "gpu-wrong"; "aborted". What was generated until then
   *   stays in the cache.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
  /** [tokens] of the prompt that a conversation makes. */
  countTokens(messages: readonly ChatMessage[]): number;
  /**
   * The conversation without as many of its oldest turns as it takes to leave room for a reply; system messages and the
   * last turn stay.
   *
   * @param room [tokens]
   * @throws IngleError "context-full" when what has to stay is too long by itself.
   */
  dropOldestTurns(messages: readonly ChatMessage[], room: number): Shortened;
  /** Gives all GPU memory back. Running requests end with "aborted". */
  dispose(): void;
}

export interface Shortened {
  readonly messages: readonly ChatMessage[];
  /** Messages left out. */
  readonly dropped: number;
}

/** Where a model comes from. */
export type ModelSource =
  /** A GGUF file, a part of one in parts, or an MLC repository. */
  | { readonly kind: "url"; readonly url: string }
  /** A GGUF file (all parts of it), or an MLC folder's files, from disk. */
  | { readonly kind: "files"; readonly files: readonly File[] }
  /** A model that was downloaded before, by its id in the store. */
  | { readonly kind: "stored"; readonly id: string }
  /** The model that comes with the page. */
  | { readonly kind: "starter" };

export type LoadProgress =
  | { readonly stage: "reading" }
  | { readonly stage: "tuning" }
  | { readonly stage: "loading"; readonly bytesDone: number; readonly bytesTotal: number };

/** [tokens] Just so many, which a model made for fewer refuses; or with `atMost` as many of them as it was made for. */
export type WantedContext = number | { readonly atMost: number };

export interface LoadOptions {
  /** By default the model's own, or 4,096 tokens where it has more. */
  readonly contextLength?: WantedContext | undefined;
  /**
   * How keys and values are kept: f32 by default, which costs no precision; f16 takes half the memory, and logits may be
   * off by 1 to 2 thousandths of their range. With WebLLM the model's compiled library decides.
   */
  readonly kv?: "f32" | "f16" | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface Engine {
  /**
   * @throws IngleError "source-failed", "model-invalid", "model-unsupported", "context-too-long", "device-unavailable",
   *   "gpu-out-of-memory", "device-lost", "aborted". Nothing stays allocated.
   */
  load(source: ModelSource, options: LoadOptions): Promise<Session>;
}
