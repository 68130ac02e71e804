/** A request in WebLLM's words, which are OpenAI's. */
import type {
  ChatCompletionMessageParam,
  ChatCompletionRequestStreaming,
  CompletionCreateParamsStreaming,
} from "@mlc-ai/web-llm";
import { IngleError } from "../../shared/errors";
import type { ChatMessage, GenerateRequest, Sampling } from "../engine";
import { schemaOf } from "../json/schema";
import { checkLogitBias, checkMaxTokens } from "../wgsl/generate/prepare-request";

/** What WebLLM has no notion of, with the value that stands for "off". */
const LACKING = { topK: 0, minP: 0 } as const;

/** @throws IngleError "request-invalid" */
export function checkRequest(request: GenerateRequest, vocabulary: number): void {
  const { sampling = {}, responseFormat } = request;
  checkMaxTokens(request.maxTokens);
  checkLogitBias(request.logitBias ?? {}, vocabulary);
  for (const [name, off] of Object.entries(LACKING)) {
    const value = sampling[name as keyof typeof LACKING] ?? off;
    if (value === off) continue;
    throw new IngleError(
      "request-invalid",
      `WebLLM has no ${name}. Leave it out, or run the model with Ingle's engine.`,
    );
  }
  if (responseFormat !== undefined) schemaOf(request);
}

export interface RequestParts {
  readonly sampling: Sampling;
  /** [tokens] */
  readonly maxTokens: number;
}

function common({ stop = [], logitBias }: GenerateRequest, { sampling, maxTokens }: RequestParts) {
  const stops = stop.filter((text) => text !== "");
  return {
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    repetition_penalty: sampling.repetitionPenalty,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    seed: sampling.seed,
    ...(stops.length > 0 && { stop: stops }),
    ...(logitBias !== undefined && { logit_bias: { ...logitBias } }),
  } as const;
}

/** A conversation that asks for a reply. */
export function chatRequest(
  messages: readonly ChatMessage[],
  request: GenerateRequest,
  parts: RequestParts,
): ChatCompletionRequestStreaming {
  return {
    ...common(request, parts),
    // The roles are OpenAI's own.
    messages: messages.map(({ role, content }) => ({ role, content }) as ChatCompletionMessageParam),
    // Release 0.2.86 fails on one without a schema.
    ...(request.responseFormat && { response_format: { type: "json_object", schema: schemaOf(request) } }),
  };
}

/** A text that goes on as it stands. */
export function textRequest(
  prompt: string,
  request: GenerateRequest,
  parts: RequestParts,
): CompletionCreateParamsStreaming {
  return { ...common(request, parts), prompt };
}
