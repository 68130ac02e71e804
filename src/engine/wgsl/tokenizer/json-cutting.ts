/**
 * How a tokenizer.json prepares text: its normalizer, pre-tokenizer and decoder. They are handed to the library as
 * they are, but for what the library does otherwise than Hugging Face's own implementation.
 */
import { isObject, type Json, list, shown, text } from "./json-shape";
import { invalid, unsupported } from "./parts";
import { GPT2_PATTERN, isHarmless, isolate } from "./pre-tokenizers";
import { SPACED_WORD } from "./sentencepiece-merges";

const SPACES_TO_SPELLING = { type: "Replace", pattern: { String: " " }, content: "▁" };
/** Deeper than any real file; recursion ends here. */
const MAX_DEPTH = 16;

export interface Cutting {
  readonly normalizer: object | null;
  readonly preTokenizer: object | null;
  /** Whether the first text of a prompt gets a space before it, unless it has one, and no other text. */
  readonly firstPrefix: boolean;
}

/**
 * @param wordsApart Whether text in ▁ spelling may be cut into words before merging.
 */
export function cutting(normalizer: unknown, preTokenizer: unknown, wordsApart: boolean): Cutting {
  const words = wordsApart ? isolate(SPACED_WORD) : null;
  const normal = checkedNormalizer(normalizer, 0);
  if (preTokenizer === null || preTokenizer === undefined) {
    return { normalizer: normal, preTokenizer: words, firstPrefix: false };
  }
  const step = stepOf(preTokenizer, "pre_tokenizer");
  const plainSpaces = (step["replacement"] ?? "▁") === "▁" && step["split"] === false;
  if (step["type"] === "Metaspace" && step["prepend_scheme"] === "first" && plainSpaces) {
    // The library knows a text's place only among texts it cut itself; special tokens are cut out before it.
    const normalizers = normal === null ? [SPACES_TO_SPELLING] : [normal, SPACES_TO_SPELLING];
    return { normalizer: { type: "Sequence", normalizers }, preTokenizer: words, firstPrefix: true };
  }
  return { normalizer: normal, preTokenizer: checkedPreTokenizer(step, 0), firstPrefix: false };
}

function checkedNormalizer(value: unknown, depth: number): object | null {
  if (value === null || value === undefined) return null;
  const step = stepOf(value, "normalizer");
  switch (step["type"]) {
    case "Sequence":
      return { ...step, normalizers: inner(step["normalizers"], depth, checkedNormalizer) };
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
    case "Lowercase":
    case "Strip":
      return step;
    case "Prepend":
      text(step["prepend"], "What tokenizer.json puts before texts");
      return step;
    case "Replace":
      checkPattern(step);
      text(step["content"] ?? "", "What tokenizer.json puts in the place of text");
      return step;
    default:
      throw unsupported(`The model changes text in a way this engine does not know: ${shown(step["type"])}.`);
  }
}

function checkedPreTokenizer(value: unknown, depth: number): object | null {
  if (value === null || value === undefined) return null;
  const step = stepOf(value, "pre_tokenizer");
  switch (step["type"]) {
    case "Sequence":
      return { ...step, pretokenizers: inner(step["pretokenizers"], depth, checkedPreTokenizer) };
    case "ByteLevel":
      // The library's pattern takes JavaScript's white space; as a pattern of the file's it is translated.
      if (step["use_regex"] === false || step["add_prefix_space"] === true) return step;
      return { type: "Sequence", pretokenizers: [isolate(GPT2_PATTERN), { ...step, use_regex: false }] };
    case "Digits":
      // The library knows 0 to 9 only.
      return isolate(step["individual_digits"] === true ? String.raw`\p{N}` : String.raw`\p{N}+`);
    case "Split":
      checkPattern(step);
      // Only these two are cut as they say; the library takes any other for Isolated.
      if (step["behavior"] === "Isolated" && step["invert"] !== true) return step;
      if (step["behavior"] === "Removed") return step;
      throw unsupported(`The model cuts text in a way this engine does not know: ${shown(step["behavior"])}.`);
    case "Metaspace":
      text(step["replacement"] ?? "▁", "What tokenizer.json puts in the place of spaces");
      return step;
    case "WhitespaceSplit":
      return step;
    default:
      throw unsupported(`The model cuts text in a way this engine does not know: ${shown(step["type"])}.`);
  }
}

/** The file is not trusted, and nothing can stop a regular expression that runs. */
function checkPattern(step: Json): void {
  const pattern = isObject(step["pattern"]) ? step["pattern"] : {};
  if (typeof pattern["String"] === "string") return;
  const source = pattern["Regex"];
  if (typeof source !== "string") throw invalid("tokenizer.json has a step without a pattern.");
  if (!isHarmless(source)) throw unsupported(`The model cuts text by a pattern this engine does not know: ${source}`);
}

function inner(value: unknown, depth: number, check: (value: unknown, depth: number) => object | null): object[] {
  if (depth >= MAX_DEPTH) throw invalid("tokenizer.json is nested too deep.");
  return list(value, "A sequence in tokenizer.json").flatMap((step) => check(step, depth + 1) ?? []);
}

function stepOf(value: unknown, what: string): Json {
  if (!isObject(value)) throw invalid(`tokenizer.json's ${what} should be an object and is not.`);
  return value;
}

/** How tokens are spelt, and whether decoding takes a space away from the beginning. */
export function spellingOf(decoder: unknown): { name: "byte-level" | "sentencepiece"; spacePrefix: boolean } {
  const steps = flattened(decoder, 0);
  if (steps.some((step) => step["type"] === "ByteLevel")) return { name: "byte-level", spacePrefix: false };
  const metaspace = steps.find((step) => step["type"] === "Metaspace");
  const spaces = steps.some((step) => step["type"] === "Replace" && step["content"] === " ");
  if (metaspace === undefined && !spaces) {
    throw unsupported("The model's tokens are spelt in a way this engine does not know.");
  }
  const stripped = steps.some((step) => step["type"] === "Strip" && step["content"] === " " && step["start"] === 1);
  const prepended = metaspace !== undefined && metaspace["prepend_scheme"] !== "never";
  return { name: "sentencepiece", spacePrefix: stripped || prepended };
}

function flattened(decoder: unknown, depth: number): Json[] {
  if (!isObject(decoder) || depth > MAX_DEPTH) return [];
  if (decoder["type"] !== "Sequence") return [decoder];
  return list(decoder["decoders"], "The decoder's list").flatMap((step) => flattened(step, depth + 1));
}
