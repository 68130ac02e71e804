/** What people copy from a browser's address bar, and what it names. */
import { describe, expect, it } from "vitest";
import { repositoryAt } from "../../src/store/sources/hugging-face";
import { partsOf, withoutPart } from "../../src/store/sources/parts";
import { refused } from "../helpers/refused";

const HUB = "https://huggingface.co";

describe("an address on Hugging Face", () => {
  it.each([
    [`${HUB}/Qwen/Qwen2.5-0.5B-Instruct-GGUF`, {}],
    [`${HUB}/Qwen/Qwen2.5-0.5B-Instruct-GGUF/`, {}],
    [`${HUB}/Qwen/Qwen2.5-0.5B-Instruct-GGUF/tree/main`, { revision: "main" }],
    [`${HUB}/Qwen/Qwen2.5-0.5B-Instruct-GGUF/resolve/main/q4_0.gguf`, { revision: "main", files: ["q4_0.gguf"] }],
    [
      `${HUB}/Qwen/Qwen2.5-0.5B-Instruct-GGUF/resolve/main/q4_0.gguf?download=true`,
      { revision: "main", files: ["q4_0.gguf"] },
    ],
    [`${HUB}/Qwen/Qwen2.5-0.5B-Instruct-GGUF/blob/v1%2F2/a/b%20c.gguf`, { revision: "v1/2", files: ["a/b c.gguf"] }],
  ])("%s is of its repository", (address, named) => {
    expect(repositoryAt(address)).toEqual({
      kind: "repository",
      repository: "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
      ...named,
    });
  });

  it.each([
    "https://models.example/Qwen/Qwen2.5/resolve/main/m.gguf",
    "http://huggingface.co/Qwen/Qwen2.5",
    `${HUB}/Qwen`,
    `${HUB}/datasets/Qwen/Some/resolve/main/m.gguf`,
    `${HUB}/Qwen/Qwen2.5/resolve/main/m.bin`,
    "no address",
  ])("%s is not", (address) => {
    expect(repositoryAt(address)).toBeUndefined();
  });
});

describe("parts", () => {
  it("are named by the first", () => {
    expect(partsOf("a/m-00001-of-00003.gguf?x=1")).toEqual([
      "a/m-00001-of-00003.gguf?x=1",
      "a/m-00002-of-00003.gguf?x=1",
      "a/m-00003-of-00003.gguf?x=1",
    ]);
    expect(partsOf("m.gguf")).toEqual(["m.gguf"]);
    expect(withoutPart("m-00001-of-00003.gguf")).toBe("m.gguf");
  });

  it("are of a number that models have", () => {
    for (const name of ["m-00001-of-00000.gguf", "m-00001-of-99999.gguf"]) {
      expect(() => partsOf(name)).toThrow(expect.objectContaining(refused("request-invalid", "is one of")) as Error);
    }
  });
});
