/** GGUF's tokenizer metadata: kinds, spelling and merges of the tokens, and what the file says of begin and end. */
import { Metadata } from "./metadata";
import {
  type AddedTokenJson,
  type BpeTokenizer,
  invalid,
  MAX_TOKENS,
  type SpecialToken,
  type TokenizerParts,
  type TokenKind,
  unsupported,
} from "./parts";
import { byteLevelPreTokenizer, isolate, preTokenizer } from "./pre-tokenizers";
import { mergesFromScores, SPACED_WORD, spacesComeFirst } from "./sentencepiece-merges";
import { looksSpecial, stopTokensOf } from "./stop-tokens";

/** GGUF's numbers for kinds of tokens. 0 is "undefined", which nobody writes. */
const KIND_BY_NUMBER: readonly TokenKind[] = ["text", "text", "special", "special", "added", "none", "byte"];

/** @throws IngleError "model-invalid", "model-unsupported" */
export function partsFromGguf(fields: Readonly<Record<string, unknown>>): TokenizerParts {
  const metadata = new Metadata(fields);
  const model = metadata.string("tokenizer.ggml.model");
  if (model === undefined) throw invalid("The file says nothing of its tokens.");
  if (model !== "gpt2" && model !== "llama") {
    throw unsupported(`The model's tokens are of a kind this engine does not know: "${model}".`);
  }
  const tokens = metadata.strings("tokenizer.ggml.tokens");
  if (tokens === undefined || tokens.length === 0) throw invalid("The file has no list of tokens.");
  if (tokens.length > MAX_TOKENS) throw invalid(`The file has ${tokens.length} tokens, more than any real model.`);

  const token = (name: string) => metadata.token(`tokenizer.ggml.${name}_token_id`, tokens.length);
  const bos = token("bos");
  const eos = token("eos");
  const ends = [eos, token("eot"), token("eom")];
  const kinds = kindsOf(metadata, tokens, [bos, ...ends]);
  const vocabulary = textVocabulary(tokens, kinds);
  const unknown = token("unknown");
  const { bpe, addBos, spacePrefix } =
    model === "gpt2"
      ? byteLevel(metadata, tokens, kinds, vocabulary)
      : sentencePiece(metadata, tokens, kinds, vocabulary, unknown);
  return {
    tokens,
    kinds,
    spelling: model === "gpt2" ? "byte-level" : "sentencepiece",
    spacePrefix,
    firstPrefix: false,
    specials: specialsOf(tokens, kinds),
    bpe,
    bos,
    eos,
    addBos: metadata.boolean("tokenizer.ggml.add_bos_token") ?? addBos,
    stopTokens: stopTokensOf(tokens, kinds, ends),
    chatTemplate: metadata.string("tokenizer.chat_template"),
  };
}

function kindsOf(metadata: Metadata, tokens: readonly string[], steering: readonly (number | undefined)[]) {
  const numbers = metadata.numbers("tokenizer.ggml.token_type");
  if (numbers !== undefined && numbers.length !== tokens.length) {
    throw invalid(`The file has ${tokens.length} tokens and ${numbers.length} kinds for them.`);
  }
  const kinds = tokens.map((text, id): TokenKind => {
    const kind = KIND_BY_NUMBER[numbers?.[id] ?? 1] ?? "text";
    // Converters mark <|im_end|> and its like "user-defined" where a model's author forgot to say "special".
    return (kind === "added" || (kind === "text" && numbers === undefined)) && looksSpecial(text) ? "special" : kind;
  });
  for (const id of steering) if (id !== undefined && kinds[id] !== "byte") kinds[id] = "special";
  return kinds;
}

/** The tokens that text can become by merging. Where two have the same text the first is used. */
function textVocabulary(tokens: readonly string[], kinds: readonly TokenKind[]): Map<string, number> {
  const vocabulary = new Map<string, number>();
  tokens.forEach((text, id) => {
    if (kinds[id] === "text" && text !== "" && !vocabulary.has(text)) vocabulary.set(text, id);
  });
  return vocabulary;
}

function specialsOf(tokens: readonly string[], kinds: readonly TokenKind[]): SpecialToken[] {
  return tokens.flatMap((text, id) =>
    kinds[id] === "special" ? [{ id, text, stripsLeft: false, stripsRight: false }] : [],
  );
}

function addedOf(tokens: readonly string[], kinds: readonly TokenKind[]): AddedTokenJson[] {
  return tokens.flatMap((content, id) =>
    kinds[id] === "added" && content !== ""
      ? [{ id, content, lstrip: false, rstrip: false, normalized: false, special: false as const }]
      : [],
  );
}

interface Form {
  readonly bpe: BpeTokenizer;
  readonly addBos: boolean;
  readonly spacePrefix: boolean;
}

function byteLevel(
  metadata: Metadata,
  tokens: readonly string[],
  kinds: readonly TokenKind[],
  vocabulary: ReadonlyMap<string, number>,
): Form {
  const lines = metadata.strings("tokenizer.ggml.merges");
  if (lines === undefined) throw invalid("The file has no merges for its tokens.");
  const merges: [string, string][] = [];
  for (const line of lines) {
    const space = line.indexOf(" ", 1);
    if (space < 0 || space === line.length - 1) throw invalid("The file's merges are not pairs of tokens.");
    const pair: [string, string] = [line.slice(0, space), line.slice(space + 1)];
    // A merge into what is no text would lose text, or let people's text become a special token.
    if (vocabulary.has(pair[0] + pair[1])) merges.push(pair);
  }
  const cut = preTokenizer(metadata.string("tokenizer.ggml.pre"), new Set(tokens));
  return {
    addBos: cut.addBos,
    spacePrefix: false,
    bpe: {
      added_tokens: addedOf(tokens, kinds),
      normalizer: cut.nfc ? { type: "NFC" } : null,
      pre_tokenizer: byteLevelPreTokenizer(cut.patterns),
      post_processor: null,
      decoder: null,
      model: {
        type: "BPE",
        vocab: Object.fromEntries(vocabulary),
        merges,
        unk_token: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: cut.ignoreMerges,
      },
    },
  };
}

function sentencePiece(
  metadata: Metadata,
  tokens: readonly string[],
  kinds: readonly TokenKind[],
  vocabulary: Map<string, number>,
  unknown: number | undefined,
): Form {
  const scores = metadata.numbers("tokenizer.ggml.scores");
  if (scores?.length !== tokens.length) {
    throw invalid(`The file has ${tokens.length} tokens and ${scores?.length ?? 0} scores for them.`);
  }
  const merges = mergesFromScores(vocabulary, scores);
  const cut = spacesComeFirst(vocabulary.keys());
  // Bytes and "unknown" are reached by what is no token at all, never by merging.
  const bytes = tokens.flatMap((text, id): [string, number][] => (kinds[id] === "byte" ? [[text, id]] : []));
  const unknownText = unknown === undefined ? undefined : tokens[unknown];
  const vocab = Object.fromEntries([...vocabulary, ...bytes]);
  if (unknown !== undefined && unknownText !== undefined) vocab[unknownText] = unknown;
  const spacePrefix = metadata.boolean("tokenizer.ggml.add_space_prefix") ?? true;
  const toSpelling = { type: "Replace", pattern: { String: " " }, content: "▁" };
  return {
    addBos: true,
    spacePrefix,
    bpe: {
      added_tokens: addedOf(tokens, kinds),
      normalizer: spacePrefix
        ? { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, toSpelling] }
        : toSpelling,
      pre_tokenizer: cut ? isolate(SPACED_WORD) : null,
      post_processor: null,
      decoder: null,
      model: {
        type: "BPE",
        vocab,
        merges,
        unk_token: unknownText ?? null,
        fuse_unk: true,
        byte_fallback: true,
        ignore_merges: false,
      },
    },
  };
}
