import { describe, expect, it } from "vitest";
import type { ModelSpec, SourceName } from "../../src/store/model-spec";
import { describeModel } from "../../src/store/sources/describe";
import { downloadModel, importModel } from "../../src/store/store";
import { refused } from "../helpers/refused";

const signal = new AbortController().signal;
const file = { name: "model.gguf", pieces: [{ url: "http://127.0.0.1:9/model.gguf" }] };

describe("what is no model's spec", () => {
  it.each([
    ["nothing", {}, /its "id"/],
    ["no object", null, /spec: it/],
    ["no file", { id: "a", name: "A", files: [] }, /its "files"/],
    ["a file of no pieces", { id: "a", name: "A", files: [{ name: "b", pieces: [] }] }, /its "files\.0\.pieces"/],
    [
      "an unknown kind of sum",
      { id: "a", name: "A", files: [{ ...file, digest: { algorithm: "crc32", hex: "00" } }] },
      /its "files\.0\.digest\.algorithm"/,
    ],
    [
      "half a sum",
      { id: "a", name: "A", files: [{ ...file, digest: { algorithm: "sha256", hex: "00" } }] },
      /its "files\.0\.digest\.hex"/,
    ],
    [
      "a negative size",
      { id: "a", name: "A", files: [{ ...file, pieces: [{ url: "http://127.0.0.1:9/", bytes: -1 }] }] },
      /its "files\.0\.pieces\.0\.bytes"/,
    ],
  ])("is refused in words of its own: %s", async (_, spec, message) => {
    await expect(downloadModel(spec as unknown as ModelSpec, { signal })).rejects.toMatchObject(
      refused("request-invalid", message),
    );
  });

  it("is refused where files are imported for it, too", async () => {
    const chosen = [{ name: "model.gguf", file: new File(["a"], "model.gguf") }];
    await expect(importModel({ id: "", name: "" }, chosen, { signal, inPlace: false })).rejects.toMatchObject({
      code: "request-invalid",
    });
  });
});

describe("what names no model, and what are no files", () => {
  it.each([
    ["nothing", undefined, /source: it/],
    ["another kind", { kind: "zip" }, /its "kind"/],
    ["a repository without a name", { kind: "repository" }, /its "repository"/],
    ["a page that is no address", { kind: "starter", page: "x" }, /its "page"/],
    ["an address that is a number", { kind: "gguf", url: 5 }, /its "url"/],
  ])("%s", async (_, source, why) => {
    await expect(describeModel(source as SourceName, signal)).rejects.toMatchObject(refused("request-invalid", why));
  });

  it.each([null, [{ name: "a.gguf", file: "text" }], [{ file: new File([], "a.gguf") }]])("%o", async (files) => {
    const taken = importModel({ id: "a", name: "A" }, files as never, { signal, inPlace: false });
    await expect(taken).rejects.toMatchObject(refused("request-invalid", /This is no list of files/));
  });
});
