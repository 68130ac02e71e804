/** Hugging Face's tokenizer.json, with tokenizer_config.json and generation_config.json where there are any. */
import { cutting, spellingOf } from "./json-cutting";
import { isObject, type Json, list, object, text, textOrNothing, tokenId } from "./json-shape";
import {
  type AddedTokenJson,
  invalid,
  MAX_TOKENS,
  type SpecialToken,
  type TokenizerParts,
  type TokenKind,
  unsupported,
} from "./parts";
import { spacesComeFirst } from "./sentencepiece-merges";
import { looksSpecial, stopTokensOf } from "./stop-tokens";
import { byteOf } from "./token-bytes";

export interface JsonSource {
  readonly tokenizer: unknown;
  readonly config: unknown;
  readonly generation: unknown;
}

/** @throws IngleError "model-invalid", "model-unsupported" */
export function partsFromJson(source: JsonSource): TokenizerParts {
  const file = object(source.tokenizer, "tokenizer.json");
  const config = isObject(source.config) ? source.config : {};
  const model = object(file["model"], "tokenizer.json's model");
  checkModel(model);
  const byteFallback = model["byte_fallback"] === true;

  const table = new Table();
  for (const [content, id] of Object.entries(object(model["vocab"], "The vocabulary"))) {
    const kind = byteFallback && byteOf(content) !== undefined ? "byte" : "text";
    table.set(tokenId(id, MAX_TOKENS, `The vocabulary's "${content}"`), content, kind);
  }
  const { specials, added } = addedTokens(file, table);
  const { tokens, kinds } = table.finished();

  const vocabulary = textVocabulary(tokens, kinds);
  const merges = mergesOf(model, vocabulary);
  const spelling = spellingOf(file["decoder"]);
  const wordsApart = spelling.name === "sentencepiece" && spacesComeFirst(vocabulary.keys());
  const cut = cutting(file["normalizer"], file["pre_tokenizer"], wordsApart);
  const vocab = Object.fromEntries(vocabulary);
  // Bytes and "unknown" are reached by what is no token at all, never by merging.
  if (byteFallback) tokens.forEach((content, id) => kinds[id] === "byte" && (vocab[content] = id));
  const unknown = textOrNothing(model["unk_token"]);
  const unknownId = unknown === undefined ? -1 : tokens.indexOf(unknown);
  if (unknown !== undefined && unknownId >= 0) vocab[unknown] = unknownId;

  const named = (name: string) => namedToken(config, name, table);
  const bos = named("bos_token") ?? templateBegin(file["post_processor"], table);
  const eos = named("eos_token");
  return {
    tokens,
    kinds,
    spelling: spelling.name,
    spacePrefix: spelling.spacePrefix,
    firstPrefix: cut.firstPrefix,
    specials,
    bpe: {
      added_tokens: added,
      normalizer: cut.normalizer,
      pre_tokenizer: cut.preTokenizer,
      post_processor: null,
      decoder: null,
      model: {
        type: "BPE",
        vocab,
        merges,
        unk_token: unknownId < 0 ? null : (unknown ?? null),
        fuse_unk: model["fuse_unk"] === true,
        byte_fallback: byteFallback,
        ignore_merges: model["ignore_merges"] === true,
      },
    },
    bos,
    eos,
    addBos:
      typeof config["add_bos_token"] === "boolean"
        ? config["add_bos_token"]
        : bos !== undefined && templateBegin(file["post_processor"], table) === bos,
    stopTokens: stopTokensOf(tokens, kinds, [eos, ...generationEnds(source.generation, tokens.length)]),
    chatTemplate: chatTemplateOf(config["chat_template"]),
  };
}

function checkModel(model: Json): void {
  const type = textOrNothing(model["type"]) ?? (model["merges"] === undefined ? "unknown" : "BPE");
  if (type !== "BPE") throw unsupported(`The model's tokens are of a kind this engine does not know: "${type}".`);
  for (const name of ["continuing_subword_prefix", "end_of_word_suffix"]) {
    if (model[name]) throw unsupported(`The model's tokens are spelt in a way this engine does not know (${name}).`);
  }
}

/** Tokens by id, as they are found. */
class Table {
  readonly #tokens: string[] = [];
  readonly #kinds: TokenKind[] = [];
  readonly #ids = new Map<string, number>();

  set(id: number, content: string, kind: TokenKind): void {
    this.#tokens[id] = content;
    this.#kinds[id] = kind;
    this.#ids.set(content, id);
  }

  id(content: string): number | undefined {
    return this.#ids.get(content);
  }

  /** Without holes. */
  finished(): { tokens: readonly string[]; kinds: readonly TokenKind[] } {
    if (this.#tokens.length === 0) throw invalid("The vocabulary is empty.");
    return {
      tokens: Array.from(this.#tokens, (content: string | undefined) => content ?? ""),
      kinds: Array.from(this.#kinds, (kind: TokenKind | undefined) => kind ?? "none"),
    };
  }
}

function addedTokens(file: Json, table: Table): { specials: SpecialToken[]; added: AddedTokenJson[] } {
  const specials: SpecialToken[] = [];
  const added: AddedTokenJson[] = [];
  for (const entry of list(file["added_tokens"], "tokenizer.json's added_tokens")) {
    const token = object(entry, "An added token");
    const content = text(token["content"], "An added token's content");
    const id = tokenId(token["id"], MAX_TOKENS, `The added token "${content}"`);
    const special = token["special"] === true || looksSpecial(content);
    table.set(id, content, special ? "special" : "added");
    const lstrip = token["lstrip"] === true;
    const rstrip = token["rstrip"] === true;
    if (special) specials.push({ id, text: content, stripsLeft: lstrip, stripsRight: rstrip });
    else if (content !== "") {
      added.push({ id, content, lstrip, rstrip, normalized: token["normalized"] === true, special: false });
    }
  }
  return { specials, added };
}

function textVocabulary(tokens: readonly string[], kinds: readonly TokenKind[]): Map<string, number> {
  const vocabulary = new Map<string, number>();
  tokens.forEach((content, id) => {
    if (kinds[id] === "text" && content !== "") vocabulary.set(content, id);
  });
  return vocabulary;
}

/** Both forms: "a b" and ["a", "b"]. A merge into what is no text is left out: it would make a special token of it. */
function mergesOf(model: Json, vocabulary: ReadonlyMap<string, number>): [string, string][] {
  const merges: [string, string][] = [];
  for (const merge of list(model["merges"], "The merges")) {
    const pair: readonly unknown[] = typeof merge === "string" ? merge.split(" ") : Array.isArray(merge) ? merge : [];
    const [left, right] = pair;
    if (typeof left !== "string" || typeof right !== "string" || pair.length !== 2) {
      throw invalid("The merges are not pairs of tokens.");
    }
    if (vocabulary.has(left + right)) merges.push([left, right]);
  }
  return merges;
}

/** `"bos_token": "<s>"`, or an object with its content. */
function namedToken(config: Json, name: string, table: Table): number | undefined {
  const value = config[name];
  const content = textOrNothing(isObject(value) ? value["content"] : value);
  return content === undefined ? undefined : table.id(content);
}

/** The token that the file's template puts before a text. */
function templateBegin(processor: unknown, table: Table): number | undefined {
  if (!isObject(processor)) return undefined;
  for (const inner of list(processor["processors"], "The post-processor's list")) {
    const begin = templateBegin(inner, table);
    if (begin !== undefined) return begin;
  }
  if (processor["type"] !== "TemplateProcessing") return undefined;
  const first = list(processor["single"], "The post-processor's template")[0];
  const special = isObject(first) ? first["SpecialToken"] : undefined;
  return isObject(special) ? table.id(textOrNothing(special["id"]) ?? "") : undefined;
}

function generationEnds(generation: unknown, vocabulary: number): number[] {
  if (!isObject(generation)) return [];
  const ends = generation["eos_token_id"];
  return (Array.isArray(ends) ? (ends as unknown[]) : [ends]).filter(
    (id): id is number => typeof id === "number" && Number.isInteger(id) && id >= 0 && id < vocabulary,
  );
}

/** One template, or a list of them by name. */
function chatTemplateOf(value: unknown): string | undefined {
  if (!Array.isArray(value)) return textOrNothing(value);
  const named = value.filter(isObject);
  const chosen = named.find((entry) => entry["name"] === "default") ?? named[0];
  return textOrNothing(chosen?.["template"]);
}
