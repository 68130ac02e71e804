/**
 * What programs in the page call: shaped like OpenAI's client, so that code written for that one runs here with a model
 * on the visitor's own GPU. What of it is not here is refused with a typed error, never ignored.
 */
import type { CapabilityReport } from "../probe/report";
import type { EngineName } from "../shared/engines";

export interface Ingle {
  readonly chat: { readonly completions: { readonly create: CreateCompletion } };
  readonly models: { list(): Promise<ModelList> };
  /** What this browser and GPU can do: the report of the Check page, as far as it was measured. */
  capabilities(): Promise<CapabilityReport>;
}

/**
 * Replies with the model on the GPU, or with the one that the chat would load. Requests wait for each other, and for the
 * chat's own reply.
 *
 * @throws IngleError with a code and a sentence: "request-invalid" for what is not understood or not supported, by its
 *   name; "not-stored" for a model that is not kept here; "no-model" where none may be fetched unasked, or it can't be
 *   loaded; "model-busy" where others go on taking it away; "device-unavailable" without a GPU; "aborted"; as
 *   `Session.generate`, of which "context-full" and "json-incomplete" are worth knowing: nothing is left out of a
 *   conversation in silence.
 */
export interface CreateCompletion {
  (params: CompletionParams & { readonly stream: true }, options?: RequestOptions): Promise<CompletionStream>;
  (params: CompletionParams & { readonly stream?: false | null }, options?: RequestOptions): Promise<ChatCompletion>;
  (params: CompletionParams, options?: RequestOptions): Promise<ChatCompletion | CompletionStream>;
}

export interface RequestOptions {
  /** Ends the reply, or the wait for its turn or its model; what is being loaded by then is loaded all the same. */
  readonly signal?: AbortSignal;
}

export interface CompletionParams {
  readonly messages: readonly MessageParam[];
  /** An id of `models.list()`, or a name that only one has. */
  readonly model?: string | null;
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean | null } | null;
  /** [tokens] */
  readonly max_completion_tokens?: number | null;
  /** The older name for it. */
  readonly max_tokens?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly frequency_penalty?: number | null;
  readonly presence_penalty?: number | null;
  readonly seed?: number | null;
  /** By the token's id. */
  readonly logit_bias?: Readonly<Record<string, number>> | null;
  readonly response_format?: ResponseFormatParam | null;
  readonly n?: 1 | null;
  readonly logprobs?: false | null;
  /** Beyond OpenAI's, as other servers call them. */
  readonly top_k?: number | null;
  readonly min_p?: number | null;
  readonly repetition_penalty?: number | null;
  /** The last message is the assistant's and unfinished: the reply goes on with it. */
  readonly continue_final_message?: boolean | null;
}

export interface MessageParam {
  /** "developer" is "system" by another name. */
  readonly role: "system" | "developer" | "user" | "assistant";
  readonly content: string | readonly { readonly type: "text"; readonly text: string }[];
}

export type ResponseFormatParam =
  | { readonly type: "text" }
  /** An object or a list. */
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly json_schema: {
        readonly schema: Readonly<Record<string, unknown>>;
        readonly name?: string | null;
        readonly description?: string | null;
        /** Held to in any case. */
        readonly strict?: boolean | null;
      };
    };

/** Leaving the loop stops the reply. It is written whether it is read or not. */
export type CompletionStream = AsyncIterable<ChatCompletionChunk>;

interface CompletionHead {
  readonly id: string;
  /** [s] since 1970. */
  readonly created: number;
  /** What replied, by its id in `models.list()`. */
  readonly model: string;
}

/** "length": the limit of tokens was reached, or the context is full. */
export type CompletionFinish = "stop" | "length";

export interface ChatCompletion extends CompletionHead {
  readonly object: "chat.completion";
  readonly choices: readonly [
    {
      readonly index: 0;
      readonly message: { readonly role: "assistant"; readonly content: string };
      readonly finish_reason: CompletionFinish;
      readonly logprobs: null;
    },
  ];
  readonly usage: CompletionUsage;
}

export interface ChatCompletionChunk extends CompletionHead {
  readonly object: "chat.completion.chunk";
  /** Empty in the chunk that has the usage. */
  readonly choices: readonly {
    readonly index: 0;
    readonly delta: { readonly role?: "assistant"; readonly content?: string };
    readonly finish_reason: CompletionFinish | null;
    readonly logprobs: null;
  }[];
  /** In the last chunk, where `stream_options.include_usage` asks for it. */
  readonly usage?: CompletionUsage;
}

export interface CompletionUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** Of the prompt, found in the cache. */
  readonly prompt_tokens_details: { readonly cached_tokens: number };
  /** Not OpenAI's. */
  readonly ingle: {
    readonly engine: EngineName;
    readonly seed: number;
    readonly time_to_first_token_ms: number;
    readonly prefill_tokens_per_second: number | null;
    readonly decode_tokens_per_second: number | null;
  };
}

export interface ModelList {
  readonly object: "list";
  /** What is kept in this browser, and the model that comes with the page. */
  readonly data: readonly ListedModel[];
}

export interface ListedModel {
  readonly id: string;
  readonly object: "model";
  /** [s] since 1970; 0, as nobody tells it. */
  readonly created: number;
  readonly owned_by: string;
  /** Not OpenAI's. */
  readonly ingle: {
    readonly name: string;
    /** Null where it comes with the page and is not kept yet. */
    readonly bytes: number | null;
    /** Whether it is on the GPU. */
    readonly loaded: boolean;
    /** [tokens] Of the loaded one. */
    readonly context_length: number | null;
  };
}

declare global {
  /** Undefined until the page has started. */
  var ingle: Ingle | undefined;
}
