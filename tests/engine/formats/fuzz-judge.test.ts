/** The fuzz tests' judge: a reader that misbehaves is found out. */
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../../src/engine/wgsl/formats/byte-source";
import { readGguf } from "../../../src/engine/wgsl/formats/gguf";
import type { ModelFile } from "../../../src/engine/wgsl/formats/model-file";
import { IngleError } from "../../../src/shared/errors";
import { MiB } from "../../../src/shared/units";
import { countingSource, judge } from "../../helpers/fuzz-readers";
import { tinyGguf } from "../../helpers/tiny-gguf";

const never = new AbortController().signal;
const source = () => countingSource("a.gguf", tinyGguf());

/** Judges a reader that first does something of its own. */
function judgeWith(before: (source: ByteSource) => unknown, change = (model: ModelFile): ModelFile => model) {
  const file = source();
  return judge([file], async () => {
    await before(file);
    return change(await readGguf([file], never));
  });
}

const nothing = () => undefined;

describe("the judge", () => {
  it("lets a sound reader pass", async () => {
    await expect(judgeWith(nothing)).resolves.toBe("read");
  });

  it("finds a buffer that the file has no bytes for", async () => {
    await expect(judgeWith(() => new Float32Array(64 * MiB))).rejects.toThrow("to be less than or equal");
  });

  it("finds lists that fill the heap", async () => {
    const fill = () => Array.from({ length: 300 }, (_, i) => new Array<number>(128 * 1024).fill(i + 0.5));
    await expect(judgeWith(() => fill().length)).rejects.toThrow("to be less than");
  });

  it("finds bytes that are read again and again", async () => {
    const reread = async (file: ByteSource) => {
      for (let i = 0; i < 3; i++)
        for await (const chunk of file.stream(0, file.size, never)) expect(chunk).toBeDefined();
    };
    await expect(judgeWith(reread)).rejects.toThrow("to be less than or equal");
  });

  it("finds errors of another kind", async () => {
    const fail = (thrown: Error) => judgeWith(() => Promise.reject(thrown));
    await expect(fail(new RangeError("Invalid array length"))).rejects.toThrow(RangeError);
    await expect(fail(new IngleError("unexpected", "a.gguf: what?"))).rejects.toThrow();
    await expect(fail(new IngleError("model-invalid", "it is broken."))).rejects.toThrow();
  });

  it("finds numbers that don't fit", async () => {
    const wider = (model: ModelFile) => ({ ...model, config: { ...model.config, width: 288 } });
    await expect(judgeWith(nothing, wider)).rejects.toThrow();
    const later = (model: ModelFile) => {
      const { embedding } = model.tensors;
      const data = { ...embedding.data, offset: embedding.data.offset + 32 };
      return { ...model, tensors: { ...model.tensors, embedding: { ...embedding, data } } };
    };
    await expect(judgeWith(nothing, later)).rejects.toThrow("overlap");
  });

  it("finds a reader that never answers", { timeout: 20_000 }, async () => {
    await expect(judgeWith(() => new Promise(() => undefined))).rejects.toThrow();
  });
});
