/** Thousands of GGUF headers gone wrong: in single bytes, and in what they say. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { readGguf } from "../../../src/engine/wgsl/formats/gguf";
import { countingSource, judge, Tally } from "../../helpers/fuzz-readers";
import {
  GGUF_VALUE,
  writeGguf,
  type GgufContent,
  type MetadataEntry,
  type ScalarType,
  type TensorEntry,
} from "../../helpers/gguf-writer";
import { QUANTS, tensorOf, tinyContent } from "../../helpers/tiny-gguf";

const MUTANTS = 6500;
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_260_101);

const never = new AbortController().signal;

/** Sound models to begin with, of every kind the reader takes. */
const BASES: readonly [GgufContent, ...GgufContent[]] = [
  withRope(tinyContent({ layers: 1, matrixType: () => QUANTS.q4_k })),
  tinyContent({ layers: 2, architecture: "qwen2", tied: true, matrixType: () => QUANTS.q8_0 }),
  {
    alignment: 64,
    ...tinyContent({
      layers: 1,
      matrixType: (name) => (name.includes("attn") ? QUANTS.f16 : QUANTS.q6_k),
      metadata: {
        "general.alignment": 64,
        "llama.rope.freq_base": { type: "f32", value: 500_000 },
        "llama.rope.dimension_count": 64,
        "llama.rope.scaling.type": "linear",
        "llama.rope.scaling.factor": { type: "f32", value: 4 },
        "llama.attention.key_length": 64,
        "llama.attention.sliding_window": 4096,
        "llama.expert_count": 0,
        "split.count": { type: "u16", value: 1 },
        "general.sampling.temp": { type: "f32", value: 0.5 },
        "tokenizer.ggml.scores": { list: "f32", values: Array.from({ length: 40 }, (_, i) => -i) },
        "tokenizer.ggml.token_type": { list: "i32", values: Array.from({ length: 40 }, () => 1) },
      },
    }),
  },
];

/** RoPE's factors are the one tensor that is read with the header: it comes first, and is no zeros. */
function withRope(content: GgufContent): GgufContent {
  const data = new Uint8Array(new Float32Array(32).fill(2).buffer);
  return { ...content, tensors: [{ ...tensorOf("rope_freqs.weight", QUANTS.f32, [32]), data }, ...content.tensors] };
}

type Change = (content: GgufContent) => GgufContent;

const extreme = fc.constantFrom<number | bigint>(
  0,
  1,
  3,
  -1,
  255,
  256,
  2 ** 16,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 63n,
  2n ** 64n - 1n,
);
const real = fc.constantFrom(NaN, Infinity, -Infinity, -0, 1e-45, 1e38, 1e300, -1.5, 0.1);
const scalarType = fc.constantFrom(...(Object.keys(GGUF_VALUE) as ScalarType[]));
const entry: fc.Arbitrary<MetadataEntry> = fc.oneof(
  fc.record({ type: scalarType, value: extreme }).map(fitting),
  fc.record({ type: fc.constantFrom<ScalarType>("f32", "f64"), value: real }),
  // What a number may well be, in the wrong place.
  fc.integer({ min: 1, max: 600 }),
  fc.record({ type: fc.constant<ScalarType>("f32"), value: fc.constantFrom(0.125, 1e-6, 2, 1000) }),
  fc.boolean(),
  fc.string({ maxLength: 30 }),
  fc.constantFrom("llama", "qwen2", "gemma3", "yarn", "none", "no_vocab", "x".repeat(70_000)),
  fc.record({ list: scalarType, values: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 5 }), claims: extreme }),
  fc.record({ list: fc.constant("string" as const), values: fc.array(fc.string(), { maxLength: 50 }) }),
);

/** Floats hold no bigint. */
function fitting({ type, value }: { type: ScalarType; value: number | bigint }): MetadataEntry {
  return { type, value: type.startsWith("f") ? Number(value) : value };
}

/** Without fast-check's liking for small numbers, which would change little but the file's first bytes. */
const index = fc.noBias(fc.nat({ max: 999_999 }));
const at = (items: readonly unknown[], i: number): number => i % Math.max(1, items.length);

function changeKey(i: number, change: (key: string, value: MetadataEntry) => [string, MetadataEntry][]): Change {
  return (content) => {
    const metadata = content.metadata.flatMap(([key, value], j) =>
      j === at(content.metadata, i) ? change(key, value) : [[key, value] as [string, MetadataEntry]],
    );
    return { ...content, metadata };
  };
}

function changeTensor(i: number, change: (tensor: TensorEntry) => TensorEntry[]): Change {
  return (content) => {
    const tensors = content.tensors.flatMap((tensor, j) => (j === at(content.tensors, i) ? change(tensor) : [tensor]));
    return { ...content, tensors };
  };
}

const ofContent: fc.Arbitrary<Change> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(index, entry).map(([i, value]) => changeKey(i, (key) => [[key, value]])) },
  fc.tuple(index, entry).map(([i, value]) =>
    changeKey(i, (key, own) => [
      [key, own],
      [key, value],
    ]),
  ),
  index.map((i) => changeKey(i, () => [])),
  fc
    .tuple(index, fc.constantFrom("", "__proto__", "length", "llama.block_count", "k".repeat(65_536)))
    .map(([i, name]) => changeKey(i, (_, value) => [[name, value]])),
  index.map((i) => changeTensor(i, () => [])),
  index.map((i) => changeTensor(i, (tensor) => [tensor, tensor])),
  fc.tuple(index, fc.nat({ max: 45 })).map(([i, type]) => changeTensor(i, (tensor) => [{ ...tensor, type }])),
  fc.tuple(index, extreme).map(([i, offset]) => changeTensor(i, (tensor) => [{ ...tensor, offset }])),
  fc.tuple(index, fc.nat({ max: 60 })).map(([i, n]) => changeTensor(i, (tensor) => [{ ...tensor, offset: n * 32 }])),
  fc
    .tuple(index, fc.array(extreme, { maxLength: 9 }))
    .map(([i, dimensions]) => changeTensor(i, (tensor) => [{ ...tensor, dimensions }])),
  fc.tuple(index, index, extreme).map(([i, j, size]) =>
    changeTensor(i, (tensor) => {
      return [{ ...tensor, dimensions: tensor.dimensions.map((own, k) => (k === j % 2 ? size : own)) }];
    }),
  ),
  fc
    .tuple(index, fc.constantFrom("", "__proto__", "output.weight", "blk.0.attn_q.bias", "n".repeat(300)))
    .map(([i, name]) => changeTensor(i, (tensor) => [{ ...tensor, name }])),
  fc.constantFrom(0, 1, 2, 4, 65_536, 2 ** 31).map((version): Change => (content) => ({ ...content, version })),
  fc.constantFrom(1, 8, 33).map((alignment): Change => (content) => ({ ...content, alignment })),
  extreme.map((tensors): Change => (content) => ({ ...content, claims: { ...content.claims, tensors } })),
  extreme.map((keys): Change => (content) => ({ ...content, claims: { ...content.claims, keys } })),
);

type Edit = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

const ofBytes: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(index, fc.nat({ max: 7 })).map(([place, bit]): Edit => (bytes) => {
    const changed = bytes.slice();
    const i = place % bytes.length;
    changed[i] = (changed[i] ?? 0) ^ (1 << bit);
    return changed;
  }),
  fc.tuple(index, extreme, fc.constantFrom(4, 8)).map(([place, value, length]): Edit => (bytes) => {
    const changed = bytes.slice();
    const written = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer, 0, length);
    changed.set(written, place % (bytes.length - 8));
    return changed;
  }),
  index.map(
    (place): Edit =>
      (bytes) =>
        bytes.slice(0, place % bytes.length),
  ),
  fc.tuple(index, fc.nat({ max: 40 })).map(([place, count]): Edit => (bytes) => {
    const i = place % bytes.length;
    return Uint8Array.from([...bytes.subarray(0, i), ...bytes.subarray(i + count)]);
  }),
  fc.tuple(index, fc.uint8Array({ minLength: 1, maxLength: 40 })).map(([place, more]): Edit => (bytes) => {
    const i = place % bytes.length;
    return Uint8Array.from([...bytes.subarray(0, i), ...more, ...bytes.subarray(i)]);
  }),
);

const ONE = { minLength: 1, maxLength: 1 };
const FEW = { maxLength: 3 };

interface Wrong {
  readonly changes: readonly Change[];
  readonly edits: readonly Edit[];
}

const mutant = fc.record({
  base: fc.nat({ max: BASES.length - 1 }),
  wrong: fc.oneof<fc.MaybeWeightedArbitrary<Wrong>[]>(
    // One thing wrong gets furthest into the reader.
    { weight: 6, arbitrary: fc.record({ changes: fc.array(ofContent, ONE), edits: fc.constant([]) }) },
    { weight: 3, arbitrary: fc.record({ changes: fc.constant([]), edits: fc.array(ofBytes, ONE) }) },
    { weight: 1, arbitrary: fc.record({ changes: fc.array(ofContent, FEW), edits: fc.array(ofBytes, FEW) }) },
  ),
  /** How long the file is, if not as long as it should. */
  cut: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: index }),
});

it.each(BASES)("the models it begins with are sound", async (content) => {
  const { header, size } = writeHeader(content);
  const source = countingSource("a.gguf", header, size);
  expect(await judge([source], () => readGguf([source], never))).toBe("read");
});

it(
  "no header hangs the reader, takes memory, or gets through with numbers that don't fit",
  { timeout: 120_000 },
  async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(mutant, async ({ base, wrong, cut }) => {
        const { header, size } = writeHeader(
          wrong.changes.reduce((content, change) => change(content), BASES[base] ?? BASES[0]),
        );
        const start = wrong.edits.reduce((bytes, edit) => edit(bytes), header);
        const source = countingSource("a.gguf", start, cut === undefined ? size : cut % size);
        tally.add(await judge([source], () => readGguf([source], never)));
      }),
      { numRuns: MUTANTS, seed: SEED },
    );
    // The mutants are neither all sound nor all refused at the door.
    expect(tally.read, tally.toString()).toBeGreaterThan(MUTANTS / 50);
    expect(tally.kinds, tally.toString()).toBeGreaterThan(60);
  },
);

/** All tensors' places, but of their bytes only those that are no zeros: the source makes up the rest. */
function writeHeader(content: GgufContent): { header: Uint8Array<ArrayBuffer>; size: number } {
  const alignment = content.alignment ?? 32;
  let end = 0;
  const tensors = content.tensors.map((tensor) => {
    const offset = end;
    const bytes = typeof tensor.data === "number" ? tensor.data : tensor.data.length;
    end = Math.ceil((offset + bytes) / alignment) * alignment;
    return { ...tensor, offset: tensor.offset ?? offset, data: typeof tensor.data === "number" ? 0 : tensor.data };
  });
  const header = writeGguf({ ...content, tensors });
  return { header, size: header.length + end };
}
