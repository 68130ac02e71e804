/** How fast a loaded model answers: a story's beginning, a few times. */
import type { GenerateEvent, GenerateRequest, Usage } from "../engine/engine";
import { IngleError } from "../shared/errors";
import { spreadOf } from "../shared/statistics";

const REPLIES = 3;
/** A reply's length: long enough that its first token, which comes with the prompt, is not what is measured. */
const TOKENS = 48;
/** With no more replies begun after so long, a slow device is asked once. */
const ENOUGH_MS = 20_000;

/**
 * @param generate with the model that is loaded.
 * @returns [tokens/s] of decoding, the median.
 * @throws IngleError as `generate`; "unexpected" when it says nothing.
 */
export async function measureModel(
  generate: (request: GenerateRequest) => AsyncIterable<GenerateEvent>,
): Promise<number> {
  const rates: number[] = [];
  const begun = performance.now();
  // The first warms up: kernels are compiled when they first run.
  for (let i = 0; i <= REPLIES && (rates.length === 0 || performance.now() - begun < ENOUGH_MS); i++) {
    const rate = await decodeRate(generate, i === 0 ? 4 : TOKENS, i);
    if (i > 0 && rate !== undefined) rates.push(rate);
  }
  if (rates.length === 0) throw new IngleError("unexpected", "The model said too little to be measured.");
  return spreadOf(rates).median;
}

/** @returns [tokens/s] what a reply shows of its model's speed, unless it is too short or was held to a form. */
export function rateOfReply({ responseFormat }: GenerateRequest, usage: Usage): number | undefined {
  return responseFormat === undefined && usage.completionTokens >= TOKENS ? usage.decodeTokensPerSecond : undefined;
}

async function decodeRate(
  generate: (request: GenerateRequest) => AsyncIterable<GenerateEvent>,
  maxTokens: number,
  seed: number,
): Promise<number | undefined> {
  const input = { messages: [{ role: "user" as const, content: "Tell a long story about a lighthouse." }] };
  for await (const event of generate({ input, maxTokens, sampling: { temperature: 1, seed } })) {
    if (event.type === "end") return event.usage.decodeTokensPerSecond;
  }
  return undefined;
}
