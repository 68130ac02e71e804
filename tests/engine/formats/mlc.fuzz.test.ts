/** Thousands of MLC folders gone wrong: in what their JSON says, in its letters, and in what is there. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { readMlc } from "../../../src/engine/wgsl/formats/mlc";
import { IngleError } from "../../../src/shared/errors";
import { countingSource, judge, Tally, type Outcome } from "../../helpers/fuzz-readers";
import { tinyMlc } from "../../helpers/tiny-mlc";

const MUTANTS = 3500;
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_260_102);

const never = new AbortController().signal;

type Folder = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

const llama3 = {
  rope_type: "llama3",
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
};

/** Sound models to begin with, of every kind the reader takes. */
const BASES: readonly [Folder, ...Folder[]] = [
  tinyMlc(),
  tinyMlc({ architecture: "qwen2", quantization: "q4f32_1", tied: true }),
  tinyMlc({ quantization: "q0f16", modelConfig: { rope_scaling: llama3 } }),
  tinyMlc({
    quantization: "q4f32_1",
    rawFloat32: true,
    modelConfig: { rope_scaling: { rope_type: "linear", factor: 2 } },
  }),
];

const index = fc.noBias(fc.nat({ max: 999_999 }));

/** Where a mistake is made: mostly in the two files that size everything. */
const jsonFile = fc.oneof(
  { weight: 5, arbitrary: fc.constant("mlc-chat-config.json") },
  { weight: 5, arbitrary: fc.constant("tensor-cache.json") },
  { weight: 1, arbitrary: fc.constantFrom("tokenizer.json", "tokenizer_config.json") },
);

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const nested = (depth: number): Json => (depth === 0 ? [] : [nested(depth - 1)]);

const oddValue: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(0, -1, 1, 2, 3, 0.5, 31, 2 ** 31, 2 ** 32 + 1, 2 ** 53, 2 ** 64, 1e308, -1e308, 5e-324),
  fc.integer({ min: 1, max: 600 }),
  fc.constantFrom<Json[]>(null, true, false, "", "1", [], {}, [[]], "x".repeat(10_000), nested(60), nested(200)),
  fc.constantFrom<Json[]>("llama", "qwen2", "q4f16_1", "q0f32", "q3f16_1", "float16", "uint32", "../a", "//a.test/b"),
  fc.array(fc.integer({ min: -1, max: 300 }), { maxLength: 6 }),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

/** Changes the value at the n-th place of a document, counted over all of them; undefined takes it away. */
function changeAt(json: Json, n: number, change: (value: Json) => Json | undefined): Json {
  let left = n % countPlaces(json);
  const walk = (value: Json): Json | undefined => {
    if (left-- === 0) return change(value);
    if (isList(value)) {
      return value.flatMap((item) => {
        const walked = walk(item);
        return walked === undefined ? [] : [walked];
      });
    }
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, walk(item)] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
  };
  return walk(json) ?? null;
}

function countPlaces(json: Json): number {
  if (typeof json !== "object" || json === null) return 1;
  return Object.values(json).reduce<number>((sum, item: Json) => sum + countPlaces(item), 1);
}

type Change = (folder: Folder) => Folder;

function changeFile(name: string, change: (text: string) => string): Change {
  return (folder) => {
    const text = new TextDecoder().decode(folder.get(name));
    return new Map([...folder, [name, new TextEncoder().encode(change(text))]]);
  };
}

const changeJson = (name: string, change: (json: Json) => Json): Change =>
  changeFile(name, (text) => {
    try {
      return JSON.stringify(change(JSON.parse(text) as Json));
    } catch (thrown) {
      if (thrown instanceof SyntaxError) return text; // what an earlier change made no JSON
      throw thrown;
    }
  });

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Letters no JSON.stringify writes. */
const oddText = fc.constantFrom(
  "[".repeat(100_000),
  '{"a":'.repeat(1000),
  "0,".repeat(10_000),
  "1e999",
  "-0",
  "9007199254740993",
  "18446744073709551616",
  "NaN",
  "\u0000",
  '"',
  "\\",
  ",",
  "}",
  '"__proto__":{"shape":[1]},',
  '"nbytes":0,',
  '"shape":[1],',
  '"model_type":"qwen2",',
);

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(jsonFile, index, oddValue)
      .map(([name, n, value]) => changeJson(name, (json) => changeAt(json, n, () => value))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(jsonFile, index)
      .map(([name, n]) => changeJson(name, (json) => changeAt(json, n, () => undefined))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(jsonFile, index)
      .map(([name, n]) =>
        changeJson(name, (json) => changeAt(json, n, (value) => (isList(value) ? [...value, ...value] : [value]))),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(jsonFile, index, fc.constantFrom(-1, 1, 32, 1e9))
      .map(([name, n, more]) =>
        changeJson(name, (json) => changeAt(json, n, (value) => (typeof value === "number" ? value + more : value))),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(jsonFile, index, oddText)
      .map(([name, place, odd]) =>
        changeFile(name, (text) => text.slice(0, place % text.length) + odd + text.slice(place % text.length)),
      ),
  },
  // Behind a comma or bracket, where it may be taken for a member.
  {
    weight: 1,
    arbitrary: fc.tuple(jsonFile, index, oddText).map(([name, place, odd]) =>
      changeFile(name, (text) => {
        const at = Math.max(0, text.search(/[{,]/), text.indexOf(",", place % text.length)) + 1;
        return text.slice(0, at) + odd + text.slice(at);
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(jsonFile, index)
      .map(([name, place]) => changeFile(name, (text) => text.slice(0, place % text.length))),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(index, fc.constantFrom(0, 1, 100_000)).map(([n, size]): Change => (folder) => {
      const name = [...folder.keys()][n % folder.size] ?? "";
      return new Map([...folder, [name, new Uint8Array(size)]]);
    }),
  },
  {
    weight: 1,
    arbitrary: index.map((n): Change => (folder) => {
      return new Map([...folder].filter((_, i) => i !== n % folder.size));
    }),
  },
);

const mutant = fc.record({
  base: fc.nat({ max: BASES.length - 1 }),
  // One thing wrong gets furthest into the reader.
  changes: fc.oneof(
    { weight: 6, arbitrary: fc.array(change, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(change, { minLength: 2, maxLength: 4 }) },
  ),
});

function judgeFolder(folder: Folder): Promise<Outcome> {
  const sources = new Map([...folder].map(([name, bytes]) => [name, countingSource(name, bytes)]));
  const open = (name: string) => {
    const source = sources.get(name);
    return source ? Promise.resolve(source) : Promise.reject(new IngleError("source-failed", `${name} is not there.`));
  };
  return judge([...sources.values()], () => readMlc(open, never));
}

it.each(BASES.map((folder) => ({ folder })))("the models it begins with are sound", async ({ folder }) => {
  expect(await judgeFolder(folder)).toBe("read");
});

it(
  "no folder hangs the reader, takes memory, or gets through with numbers that don't fit",
  { timeout: 120_000 },
  async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(mutant, async ({ base, changes }) => {
        tally.add(await judgeFolder(changes.reduce((folder, change) => change(folder), BASES[base] ?? BASES[0])));
      }),
      { numRuns: MUTANTS, seed: SEED },
    );
    // The mutants are neither all sound nor all refused at the door.
    expect(tally.read, tally.toString()).toBeGreaterThan(MUTANTS / 50);
    expect(tally.kinds, tally.toString()).toBeGreaterThan(60);
  },
);
