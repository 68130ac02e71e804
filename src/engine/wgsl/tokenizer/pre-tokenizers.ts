/**
 * How each model family cuts text into words before pairs are merged: the regular expressions their tokenizer.json
 * files hold, under the names GGUF files call them by (tokenizer.ggml.pre).
 */
import { unsupported } from "./parts";

export interface PreTokenizer {
  /** One after the other: each cuts what the one before left whole, and keeps matches and what is between them. */
  readonly patterns: readonly string[];
  /** Whether text is brought into Unicode's composed form first. */
  readonly nfc: boolean;
  /** Whether a word that is a token as a whole is that token, whatever the merges say. */
  readonly ignoreMerges: boolean;
  /** Whether prompts begin with the begin token where the file does not say. */
  readonly addBos: boolean;
}

export const GPT2_PATTERN = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/** GPT-4's way, where `digits` says how many of them stay together. */
function cl100k(digits: string): string {
  return (
    String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}` +
    String.raw`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
  );
}

const LETTERS_UPPER = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LETTERS_LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;

/** GPT-4o's way, where capitals begin words. */
function o200k(digits: string): string {
  const before = String.raw`[^\r\n\p{L}\p{N}]?`;
  return (
    `${before}${LETTERS_UPPER}*${LETTERS_LOWER}+|${before}${LETTERS_UPPER}+${LETTERS_LOWER}*|${digits}` +
    String.raw`| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
  );
}

const plain = { nfc: false, ignoreMerges: false, addBos: false } as const;

const GPT2: PreTokenizer = { ...plain, patterns: [GPT2_PATTERN] };
const SMOLLM: PreTokenizer = { ...plain, patterns: [String.raw`\p{N}`, GPT2_PATTERN] };
const LLAMA3: PreTokenizer = {
  patterns: [cl100k(String.raw`\p{N}{1,3}`)],
  nfc: false,
  ignoreMerges: true,
  addBos: true,
};
/** Qwen's tokenizer.json composes first; the GGUF form can't say so, llama.cpp leaves it out. */
const QWEN2: PreTokenizer = { ...plain, patterns: [cl100k(String.raw`\p{N}`)], nfc: true };
/** Mistral's Nemo and what came after it. */
const TEKKEN: PreTokenizer = { patterns: [o200k(String.raw`\p{N}`)], nfc: false, ignoreMerges: true, addBos: true };
/** What llama.cpp cuts by when a file names nothing it knows; files from before the field are used that way. */
const DEFAULT: PreTokenizer = {
  ...plain,
  patterns: [String.raw`[\p{P}\$\+<=>\^~\|]+`, GPT2_PATTERN, String.raw`\p{N}+`, "[0-9][0-9][0-9]"],
};

/** Qwen2 and Qwen2.5 have 151,646 and more tokens; other models with the same special tokens have far fewer. */
const QWEN2_AT_LEAST = 151_000;

const BY_NAME: ReadonlyMap<string, PreTokenizer> = new Map([
  ["gpt-2", GPT2],
  ["phi-2", GPT2],
  ["smollm", SMOLLM],
  ["starcoder", SMOLLM],
  ["refact", SMOLLM],
  ["codeshell", SMOLLM],
  ["minerva-7b", SMOLLM],
  ["llama-bpe", LLAMA3],
  ["llama3", LLAMA3],
  ["llama-v3", LLAMA3],
  ["falcon3", LLAMA3],
  ["pixtral", LLAMA3],
  ["midm-2.0", LLAMA3],
  ["lfm2", LLAMA3],
  ["tekken", TEKKEN],
  ["qwen2", QWEN2],
  ["deepseek-r1-qwen", QWEN2],
  ["megrez", QWEN2],
  ["kormo", QWEN2],
]);

const KNOWN: ReadonlySet<string> = new Set([...BY_NAME.values(), DEFAULT].flatMap(({ patterns }) => patterns));

/**
 * @param vocabulary The tokens' texts.
 * @throws IngleError "model-unsupported" for a name that is not known here.
 */
export function preTokenizer(name: string | undefined, vocabulary: ReadonlySet<string>): PreTokenizer {
  if (name === undefined || name === "" || name === "default") {
    // Early files of Llama 3 and Qwen2 lack the name: their tokens give them away.
    if (vocabulary.has("<|begin_of_text|>") && vocabulary.has("<|eot_id|>")) return LLAMA3;
    if (vocabulary.has("<|im_start|>") && vocabulary.has("<|endoftext|>") && vocabulary.size > QWEN2_AT_LEAST)
      return QWEN2;
    return DEFAULT;
  }
  const found = BY_NAME.get(name);
  if (found === undefined) {
    throw unsupported(`The model's text is cut into words in a way this engine does not know: "${name}".`);
  }
  return found;
}

/**
 * Whether a file's own pattern can be run on any text without taking for ever: a known one, or one that at most
 * repeats its last part, after which nothing can fail and be tried again.
 */
export function isHarmless(pattern: string): boolean {
  return KNOWN.has(pattern) || /^(?:\\[pP]\{\w+\}|\\?[^*+?{}\\])*(?:[*+?]|\{\d+(?:,\d*)?\})?$/u.test(pattern);
}

/** As tokenizer.json says it. */
export function byteLevelPreTokenizer(patterns: readonly string[]): object {
  return {
    type: "Sequence",
    pretokenizers: [...patterns.map(isolate), { type: "ByteLevel", add_prefix_space: false, use_regex: false }],
  };
}

/** Cuts before and after each match. */
export function isolate(pattern: string): object {
  return { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false };
}
