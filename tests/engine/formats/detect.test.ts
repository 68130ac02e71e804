import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readModelFiles, readModelUrl } from "../../../src/engine/wgsl/formats/detect";
import { startFaultyServer, type FaultyServer } from "../../helpers/faulty-server";
import { writeGguf, type MetadataEntry } from "../../helpers/gguf-writer";
import { refused } from "../../helpers/refused";
import { tinyContent, tinyGguf } from "../../helpers/tiny-gguf";
import { tinyMlc } from "../../helpers/tiny-mlc";

const never = new AbortController().signal;

/** A GGUF model in two parts, by their names. */
function twoParts(): Map<string, Uint8Array<ArrayBuffer>> {
  const { metadata, tensors } = tinyContent();
  const part = (i: number) => {
    const place: [string, MetadataEntry][] = [
      ["split.no", { type: "u16", value: i }],
      ["split.count", { type: "u16", value: 2 }],
    ];
    const own = i === 0 ? tensors.slice(0, 9) : tensors.slice(9);
    return writeGguf({ metadata: i === 0 ? [...metadata, ...place] : place, tensors: own });
  };
  return new Map([
    ["tiny-00001-of-00002.gguf", part(0)],
    ["tiny-00002-of-00002.gguf", part(1)],
  ]);
}

describe("files", () => {
  const files = (contents: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) =>
    [...contents].map(([name, bytes]) => new File([bytes], name));

  it("of GGUF are known by their first bytes, whatever they are called", async () => {
    const model = await readModelFiles([new File([tinyGguf()], "sha256-0a1b2c")], never);
    expect(model.config.architecture).toBe("llama");
  });

  it("of GGUF may be parts", async () => {
    const model = await readModelFiles(files(twoParts()).reverse(), never);
    expect(model.sources.map(({ name }) => name)).toEqual(["tiny-00001-of-00002.gguf", "tiny-00002-of-00002.gguf"]);
  });

  it("of an MLC folder are known by its configuration, among others", async () => {
    const model = await readModelFiles([new File(["hello"], "README.md"), ...files(tinyMlc())], never);
    expect(model.tokenizer.kind).toBe("json");
  });

  it("of an MLC folder are asked for by name", async () => {
    const all = files(tinyMlc());
    const some = all.filter(({ name }) => name !== "tokenizer.json");
    await expect(readModelFiles(some, never)).rejects.toMatchObject(
      refused("source-failed", "tokenizer.json is not among the files."),
    );
  });

  it.each([
    ["model.safetensors", new Uint8Array(100)],
    ["empty.gguf", new Uint8Array()],
  ])("of another kind are refused: %s", async (name, bytes) => {
    await expect(readModelFiles([new File([bytes], name)], never)).rejects.toMatchObject(
      refused("model-unsupported", name),
    );
  });

  it("that are none are refused", async () => {
    await expect(readModelFiles([], never)).rejects.toMatchObject({ code: "model-invalid" });
  });
});

describe("a URL", () => {
  let server: FaultyServer;
  beforeAll(async () => {
    server = await startFaultyServer();
    server.put("/models/tiny.gguf", tinyGguf());
    for (const [name, bytes] of twoParts()) server.put(`/parts/${name}`, bytes);
    for (const [name, bytes] of tinyMlc()) server.put(`/mlc-ai/Tiny-q4f16_1-MLC/resolve/main/${name}`, bytes);
  });
  afterAll(() => server.stop());

  it("of a GGUF file", async () => {
    const model = await readModelUrl(`${server.origin}/models/tiny.gguf?download=true`, never);
    expect(model.sources.map(({ name }) => name)).toEqual(["tiny.gguf"]);
  });

  it("of any part of one", async () => {
    const model = await readModelUrl(`${server.origin}/parts/tiny-00002-of-00002.gguf`, never);
    expect(model.sources).toHaveLength(2);
  });

  it.each(["", "mlc-chat-config.json"])("of an MLC folder, ending in %j", async (end) => {
    const model = await readModelUrl(`${server.origin}/mlc-ai/Tiny-q4f16_1-MLC/resolve/main/${end}`, never);
    expect(model.name).toBe("Tiny-q4f16_1-MLC");
    expect(model.tensors.layers).toHaveLength(2);
  });

  it.each(["", "model.gguf", "file:///etc/passwd", "data:,x"])("must be one: %j", async (address) => {
    await expect(readModelUrl(address, never)).rejects.toMatchObject({ code: "source-failed" });
  });

  it("says what is not there", async () => {
    const missing = readModelUrl(`${server.origin}/models/other.gguf`, never);
    await expect(missing).rejects.toMatchObject(refused("source-failed", "other.gguf: the server answered 404"));
  });
});
