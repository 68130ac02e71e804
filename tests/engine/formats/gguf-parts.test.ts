import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../../src/engine/wgsl/formats/byte-source";
import { openFile } from "../../../src/engine/wgsl/formats/file-source";
import { readGguf } from "../../../src/engine/wgsl/formats/gguf";
import { writeGguf, type MetadataEntry } from "../../helpers/gguf-writer";
import { refused } from "../../helpers/refused";
import { tinyContent, tinyGguf } from "../../helpers/tiny-gguf";

const never = new AbortController().signal;

const open = (bytes: Uint8Array<ArrayBuffer>, name = "tiny.gguf"): ByteSource => openFile(new Blob([bytes]), name);

describe("a model in parts", () => {
  /** Splits the tensors; only the first part has the metadata, as gguf-split writes them. */
  function split(count: number, name = "tiny"): ByteSource[] {
    const { metadata, tensors } = tinyContent();
    return Array.from({ length: count }, (_, i) => {
      const place: [string, MetadataEntry][] = [
        ["split.no", { type: "u16", value: i }],
        ["split.count", { type: "u16", value: count }],
        ["split.tensors.count", { type: "i32", value: tensors.length }],
      ];
      const share = tensors.slice((i * tensors.length) / count, ((i + 1) * tensors.length) / count);
      const bytes = writeGguf({ metadata: i === 0 ? [...metadata, ...place] : place, tensors: share });
      const digits = (n: number) => String(n).padStart(5, "0");
      return open(bytes, `${name}-${digits(i + 1)}-of-${digits(count)}.gguf`);
    });
  }

  it("is read in any order", async () => {
    const parts = split(4);
    const model = await readGguf([parts[2], parts[0], parts[3], parts[1]] as ByteSource[], never);
    expect(model.sources).toEqual(parts);
    expect(model.tensors.embedding.data.source).toBe(0);
    expect(model.tensors.layers[1]?.down.data.source).toBe(3);
  });

  it("is refused with some missing, naming them", async () => {
    const parts = split(4);
    const read = readGguf([parts[3], parts[1]] as ByteSource[], never);
    await expect(read).rejects.toMatchObject(refused("model-invalid", "4 parts, and of these are missing: 1, 3"));
  });

  it("is refused with one twice, or one of another model", async () => {
    const [first, second] = split(2);
    const [other] = split(2, "other");
    const [, third] = split(3);
    const twice = readGguf([first, second, second] as ByteSource[], never);
    await expect(twice).rejects.toMatchObject(refused("model-invalid", "it is part 2 of 2, as"));
    for (const sources of [
      [other, second],
      [first, third],
      [first, open(tinyGguf())],
    ]) {
      const mixed = readGguf(sources as ByteSource[], never);
      await expect(mixed).rejects.toMatchObject(refused("model-invalid", "does not belong together"));
    }
  });

  it("is refused when it lacks tensors", async () => {
    const [first] = split(2);
    const place: [string, MetadataEntry][] = [
      ["split.no", 1],
      ["split.count", 2],
    ];
    const empty = open(writeGguf({ metadata: place, tensors: [] }), "tiny-00002-of-00002.gguf");
    const read = readGguf([first, empty] as ByteSource[], never);
    await expect(read).rejects.toMatchObject(refused("model-invalid", "and should have 21"));
  });
});
