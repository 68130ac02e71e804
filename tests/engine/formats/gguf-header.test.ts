import { gguf } from "@huggingface/gguf";
import { describe, expect, it } from "vitest";
import { openFile } from "../../../src/engine/wgsl/formats/file-source";
import { readGgufHeader, type GgufHeader } from "../../../src/engine/wgsl/formats/gguf-header";
import { joinSources } from "../../../src/engine/wgsl/formats/joined-source";
import { writeGguf, type MetadataEntry } from "../../helpers/gguf-writer";
import { refused } from "../../helpers/refused";
import { tinyContent, tinyGguf } from "../../helpers/tiny-gguf";

const never = new AbortController().signal;
const read = (bytes: Uint8Array<ArrayBuffer>): Promise<GgufHeader> =>
  readGgufHeader(openFile(new Blob([bytes]), "a.gguf"), never);

const EVERY_TYPE: [string, MetadataEntry][] = [
  ["u8", { type: "u8", value: 255 }],
  ["i8", { type: "i8", value: -1 }],
  ["u16", { type: "u16", value: 65_535 }],
  ["i16", { type: "i16", value: -2 }],
  ["u32", { type: "u32", value: 2 ** 32 - 1 }],
  ["i32", { type: "i32", value: -3 }],
  ["f32", { type: "f32", value: 0.5 }],
  ["bool", true],
  ["string", "Grüße, 世界 🔥"],
  ["u64", { type: "u64", value: 2 ** 40 }],
  ["i64", { type: "i64", value: -4 }],
  ["f64", { type: "f64", value: 0.1 }],
  ["list of strings", { list: "string", values: ["a", "", "\uFEFFb"] }],
  ["list of f32", { list: "f32", values: [1, -2.5] }],
  ["list of bool", { list: "bool", values: [true, false] }],
  ["empty list", { list: "i32", values: [] }],
];

/** The library's reading of the same bytes, in this reader's form. */
async function readWithLibrary(bytes: Uint8Array<ArrayBuffer>): Promise<GgufHeader> {
  const range = (_: unknown, init?: RequestInit) => {
    const [, from, to] = /(\d+)-(\d+)/.exec(new Headers(init?.headers).get("Range") ?? "") ?? [];
    return Promise.resolve(new Response(bytes.slice(Number(from), Number(to) + 1)));
  };
  const { metadata, tensorInfos, tensorDataOffset } = await gguf("https://a.test/", { fetch: range });
  const plain = (value: unknown) => (typeof value === "bigint" ? Number(value) : value);
  const own = new Set(["version", "tensor_count", "kv_count"]);
  return {
    metadata: new Map(
      Object.entries(metadata)
        .filter(([key]) => !own.has(key))
        .map(([key, value]) => [key, plain(value) as string]),
    ),
    tensors: tensorInfos.map(({ name, shape, dtype, offset }) => ({
      name,
      type: dtype,
      dimensions: shape.map(Number),
      offset: Number(tensorDataOffset + offset),
    })),
  };
}

describe("a header", () => {
  it("has every type of value", async () => {
    const { metadata } = await read(writeGguf({ metadata: EVERY_TYPE, tensors: [] }));
    const values = EVERY_TYPE.map(([key, entry]) => {
      if (typeof entry !== "object") return [key, entry];
      return [key, "list" in entry ? entry.values : entry.value];
    });
    expect([...metadata]).toEqual(values);
  });

  it("is read as @huggingface/gguf reads it", async () => {
    const content = tinyContent({ architecture: "qwen2" });
    const fit = EVERY_TYPE.filter(([key]) => key !== "list of strings"); // it drops U+FEFF
    const bytes = writeGguf({ ...content, metadata: [...content.metadata, ...fit], version: 2 });
    expect(await read(bytes)).toEqual(await readWithLibrary(bytes));
  });

  it("is read whole whatever chunks it comes in, and wherever its strings are cut", async () => {
    // The list's last string lies across the 2,000,000th byte: what @huggingface/gguf 0.4.6 cuts short.
    const list = (values: string[]): [string, MetadataEntry] => ["words", { list: "string", values }];
    const words = Array.from({ length: 20 }, (_, i) => String(i).repeat(45_000));
    const before = writeGguf({ metadata: [list(words)], tensors: [] }).length;
    const values = [...words, "y".repeat(2_000_100 - before)];
    const bytes = writeGguf({ metadata: [list(values), ["after", 7]], tensors: [] });
    const cuts = [0, 1, 3, 4, 30, 31, 1000, 1_000_001, bytes.length];
    const pieces = cuts.slice(1).map((cut, i) => openFile(new Blob([bytes.slice(cuts[i], cut)]), "piece"));
    const { metadata } = await readGgufHeader(joinSources("a.gguf", pieces), never);
    expect(metadata.get("words")).toEqual(values);
    expect(metadata.get("after")).toBe(7);
  });

  it("is refused, cut anywhere", async () => {
    const bytes = tinyGguf({ layers: 1 });
    const tensors = (await read(bytes)).tensors;
    const start = Math.min(...tensors.map(({ offset }) => offset));
    // What comes after the last tensor's entry is padding.
    for (let cut = 0; cut < start - 32; cut++) {
      await expect(read(bytes.slice(0, cut)), `cut at ${cut}`).rejects.toMatchObject(
        refused("model-invalid", /^a\.gguf: it ends inside /),
      );
    }
  });

  it("stops when told to", async () => {
    const source = openFile(new Blob([tinyGguf()]), "a.gguf");
    await expect(readGgufHeader(source, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("what a header claims is bounded before anything is held for it", () => {
  const HUGE = 0xffff_ffff_ffff_ffffn;
  const u64 = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer);
  const u32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
  const text = (value: string) => [...u64(BigInt(value.length)), ...new TextEncoder().encode(value)];
  const header = (tensors: bigint, keys: bigint, ...rest: number[]) =>
    Uint8Array.from([...new TextEncoder().encode("GGUF"), ...u32(3), ...u64(tensors), ...u64(keys), ...rest]);

  it.each<[string, Uint8Array<ArrayBuffer>]>([
    ["claims 18446744073709552000 tensors", header(HUGE, 0n)],
    ["claims 18446744073709552000 metadata keys", header(0n, HUGE)],
    ["metadata key 1 of 1 claims a text of", header(0n, 1n, ...u64(HUGE))],
    ['key "k" claims a text of 1099511627776', header(0n, 1n, ...text("k"), ...u32(8), ...u64(2n ** 40n))],
    ['it ends inside key "k"', header(0n, 1n, ...text("k"), ...u32(8), ...u64(1_000_000n))],
    ['key "k" claims a list of', header(0n, 1n, ...text("k"), ...u32(9), ...u32(4), ...u64(HUGE))],
    ['it ends inside key "k"', header(0n, 1n, ...text("k"), ...u32(9), ...u32(4), ...u64(1_000_000n))],
    ['key "k" is a list of unknown type 9', header(0n, 1n, ...text("k"), ...u32(9), ...u32(9), ...u64(1n))],
    ['key "k" has a value of unknown type 13', header(0n, 1n, ...text("k"), ...u32(13))],
    ["tensor 1 of 1 claims a text of 256", header(1n, 0n, ...u64(256n))],
    ['tensor "t" has 5 dimensions', header(1n, 0n, ...text("t"), ...u32(5))],
    ['tensor "t" has 0 dimensions', header(1n, 0n, ...text("t"), ...u32(0))],
    ['tensor "t" has a dimension of 0', header(1n, 0n, ...text("t"), ...u32(1), ...u64(0n), ...u32(0), ...u64(0n))],
    [
      'tensor "t" has a dimension of 18446744073709552000',
      header(1n, 0n, ...text("t"), ...u32(1), ...u64(HUGE), ...u32(0), ...u64(0n)),
    ],
  ])("%s", async (message, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject(refused("model-invalid", message));
  });

  it("all lists together", async () => {
    const list: MetadataEntry = { list: "u8", values: Array.from({ length: 600_000 }, () => 0) };
    const metadata = ["a", "b", "c", "d"].map((key): [string, MetadataEntry] => [key, list]);
    const read4 = read(writeGguf({ metadata, tensors: [] }));
    await expect(read4).rejects.toMatchObject(refused("model-invalid", 'key "d" claims a list of 600000'));
  });

  it("and a name is clipped in messages", async () => {
    const key = "k".repeat(60_000);
    const read1 = read(header(0n, 1n, ...text(key), ...u32(99)));
    await expect(read1).rejects.toMatchObject(refused("model-invalid", /^.{1,200}$/));
  });
});
