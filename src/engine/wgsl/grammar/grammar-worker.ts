/**
 * The worker that holds replies to a grammar, with xgrammar compiled to wasm. It has a worker to itself because a
 * schema's compilation is one call that only the end of its worker ends; because where the library refuses a schema it
 * aborts with its stack as it stood, and is broken after twenty of those; and because wasm never gives memory back.
 */
import { GrammarCompiler, GrammarMatcher, TokenizerInfo, type CompiledGrammar } from "@mlc-ai/web-xgrammar";
import type { Answer, Question, Step, Vocabulary } from "./messages";

interface Model {
  readonly vocabulary: Vocabulary;
  readonly info: TokenizerInfo;
  readonly compiler: GrammarCompiler;
}

/** What may come after these bytes: a character's second byte, which the library takes for any in a character. */
const SECOND_BYTE: Readonly<Record<number, readonly [least: number, most: number]>> = {
  0xe0: [0xa0, 0xbf],
  0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f],
};

/** What the library says of a schema, it says to the console that it finds when it starts. */
const said: string[] = [];
console.error = (...words: unknown[]) => void said.push(words.join(" "));

let model: Model | undefined;
/** The last schema's: programs ask for many replies by one. */
let compiled: { readonly schema: string; readonly grammar: CompiledGrammar } | undefined;
let matcher: GrammarMatcher | undefined;

async function answer(question: Question): Promise<Answer | undefined> {
  switch (question.type) {
    case "vocabulary":
      model = await openModel(question.vocabulary);
      return { type: "ready" };
    case "open":
      return open(question.schema);
    case "accept":
      return needed(matcher).acceptToken(question.token) ? step(question.token) : { type: "rejected" };
    case "close":
      matcher?.dispose();
      matcher = undefined;
      return undefined;
  }
}

async function openModel(vocabulary: Vocabulary): Promise<Model> {
  const { bytes, ends, stopTokens } = vocabulary;
  const tokens = Array.from(ends, (end, id) => bytes.subarray(ends[id - 1] ?? 0, end));
  // It takes bytes where its types say strings: so its idea of a token is what our decoder makes of it.
  const info = await TokenizerInfo.createTokenizerInfo(tokens as unknown[] as string[], "raw", false, ends.length, [
    ...stopTokens,
  ]);
  return { vocabulary, info, compiler: await GrammarCompiler.createGrammarCompiler(info, false) };
}

async function open(schema: string): Promise<Answer> {
  const { info, vocabulary } = needed(model);
  const reasons = await compile(schema);
  const grammar = compiled?.grammar;
  if (grammar === undefined) return { type: "refused", reasons };
  // The library asks for this to know a number, and leaves what it gets to leak.
  grammar.tokenizerInfo = () => info;
  // A model without an end token is at its end as soon as the JSON is.
  matcher = await GrammarMatcher.createGrammarMatcher(grammar, undefined, vocabulary.stopTokens.length === 0);
  return step();
}

/** @returns what it says against the schema; nothing if there is a compiled one. */
async function compile(schema: string): Promise<readonly string[]> {
  if (compiled?.schema === schema) return [];
  compiled?.grammar.dispose();
  compiled = undefined;
  said.length = 0;
  try {
    // JSON as on one line, with a space after comma and colon: a model can't fill a reply with white space.
    const grammar = await needed(model).compiler.compileJSONSchema(schema, false, -1);
    if (said.length === 0) compiled = { schema, grammar };
  } catch (thrown) {
    said.push(String(thrown));
  }
  return [...said];
}

/** @param last The token before. */
async function step(last?: number): Promise<Step> {
  const { vocabulary } = needed(model);
  const { stopTokens } = vocabulary;
  const mask = Int32Array.from(await needed(matcher).getNextTokenBitmask());
  const past = vocabulary.ends.length % 32; // bits of no token, which the library may set
  if (past > 0) mask[mask.length - 1] = (mask.at(-1) ?? 0) & ((1 << past) - 1);
  if (last !== undefined) keepCharacters(mask, vocabulary, last);
  const bits = stopTokens.map((token) => ({ word: token >> 5, bit: 1 << (token & 31) }));
  const isWhole =
    stopTokens.length === 0
      ? needed(matcher).isTerminated()
      : bits.some(({ word, bit }) => ((mask[word] ?? 0) & bit) !== 0);
  return { type: "step", mask, isWhole, isOver: isWhole && (stopTokens.length === 0 || isEmptyBut(mask, bits)) };
}

/** Where the last token ends within a character: takes those out of the mask that would make no character of it. */
function keepCharacters(mask: Int32Array, { bytes, ends }: Vocabulary, last: number): void {
  const range = SECOND_BYTE[bytes[(ends[last] ?? 0) - 1] ?? 0];
  if (range === undefined) return;
  ends.forEach((_, token) => {
    const next = bytes[ends[token - 1] ?? 0] ?? 0;
    if (next < range[0] || next > range[1]) mask[token >> 5] = (mask[token >> 5] ?? 0) & ~(1 << (token & 31));
  });
}

function isEmptyBut(mask: Int32Array, bits: readonly { readonly word: number; readonly bit: number }[]): boolean {
  const rest = mask.slice();
  for (const { word, bit } of bits) rest[word] = (rest[word] ?? 0) & ~bit;
  return rest.every((word) => word === 0);
}

function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError("The grammar worker was asked out of turn.");
  return value;
}

self.onmessage = ({ data }: MessageEvent<Question>) => {
  answer(data).then(
    (said) => {
      if (said !== undefined) self.postMessage(said, said.type === "step" ? [said.mask.buffer] : []);
    },
    // To the worker's onerror, which ends it.
    (thrown: unknown) => setTimeout(() => reportError(thrown)),
  );
};
