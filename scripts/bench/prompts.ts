/** Requests of exactly so many tokens. */
import type { GenerateRequest, Sampling, Usage } from "../../src/engine/engine";
import type { ModelPage } from "../engine/model-page";

/** Everything that sampling can do is on: what is measured is what users get, or more. */
const EVERYTHING: Omit<Sampling, "seed"> = {
  temperature: 0.7,
  topK: 20,
  topP: 0.8,
  minP: 0.01,
  repetitionPenalty: 1.05,
  frequencyPenalty: 0.1,
  presencePenalty: 0.1,
};

const WORD = " a";
const LETTERS = "bcdefghjklmnopqrstuvwxyz";
const MOST_SEEDS = 8;

export class Prompts {
  readonly #page: ModelPage;
  /** Tokens beside the words: the first letter, and what the tokenizer begins with. */
  readonly #overhead: number;
  #letter = 0;
  readonly #seeds = new Map<string, number>();

  private constructor(page: ModelPage, overhead: number) {
    this.#page = page;
    this.#overhead = overhead;
  }

  /** Finds out how the model's tokenizer counts. */
  static async for(page: ModelPage): Promise<Prompts> {
    const words = 8;
    const { promptTokens } = await generate(page, { input: { text: textOf("a", words) }, maxTokens: 1 });
    return new Prompts(page, promptTokens - words);
  }

  /** A prompt of so many tokens that shares nothing with those before, so that nothing of it is in the cache. */
  fresh(tokens: number): string {
    this.#letter = (this.#letter + 1) % LETTERS.length;
    return textOf(LETTERS.charAt(this.#letter), tokens - this.#overhead);
  }

  /** The same prompt and more of it: what it has in common is in the cache. */
  extend(text: string, tokens: number): string {
    return textOf(text.charAt(0), tokens - this.#overhead);
  }

  /** Computes a prompt and one token. @throws Error when it has not the tokens that it should have. */
  async prefill(text: string, tokens: number): Promise<Usage> {
    const usage = await generate(this.#page, { input: { text }, sampling: EVERYTHING, maxTokens: 1 });
    if (usage.promptTokens === tokens) return usage;
    throw new Error(`A prompt was to have ${tokens} tokens; this model's tokenizer makes ${usage.promptTokens} of it.`);
  }

  /** Decodes so many tokens after a prompt; fewer when the model ends its reply whatever the seed. */
  async decode(text: string, tokens: number): Promise<Usage> {
    const key = `${tokens} ${text}`;
    for (let seed = this.#seeds.get(key) ?? 0; ; seed++) {
      const sampling = { ...EVERYTHING, seed };
      const usage = await generate(this.#page, { input: { text }, sampling, maxTokens: tokens });
      this.#seeds.set(key, seed);
      if (usage.completionTokens === tokens || seed + 1 === MOST_SEEDS) return usage;
    }
  }
}

function textOf(letter: string, words: number): string {
  return letter + WORD.repeat(Math.max(0, words));
}

async function generate(page: ModelPage, request: GenerateRequest): Promise<Usage> {
  let usage: Usage | undefined;
  await page.generate(request, (event) => {
    if (event.type === "end") usage = event.usage;
  });
  if (usage === undefined) throw new Error("A reply had no end.");
  return usage;
}
