/** The build option VITE_STARTER_FROM: what it may be, and what gate and page make of it. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { bundleGate } from "../../scripts/bundle-gate";
import { starterElsewhere } from "../../scripts/starter/elsewhere";
import { standInModel } from "../fixtures/stand-in-model";

const { pin } = standInModel();
const HTTP_HOSTS = ["http://models.intern:8080"];
const read = (option: string | undefined) => starterElsewhere(option, HTTP_HOSTS, pin, 80_000);
const firstPath = (option: string) => read(option)?.pieces[0]?.path;

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

describe("the option", () => {
  it("left out or empty leaves the model with the page", () => {
    for (const option of [undefined, "", "  "]) expect(read(option)).toBeUndefined();
  });

  it.each([
    [
      "https://huggingface.co/a/b/resolve/0123abc/m.Q4_1.gguf",
      "https://huggingface.co/a/b/resolve/0123abc/m.Q4_1.gguf",
    ],
    [" https://CDN.example.org:443/M.GGUF ", "https://cdn.example.org/M.GGUF"],
    ["http://127.0.0.1:8000/m.gguf", "http://127.0.0.1:8000/m.gguf"],
    ["http://models.intern:8080/m.gguf", "http://models.intern:8080/m.gguf"],
    ["https://cdn.example.org", "https://cdn.example.org/stand-in.gguf.00"],
    ["https://cdn.example.org/a/starter", "https://cdn.example.org/a/starter/stand-in.gguf.00"],
    ["https://cdn.example.org/a/starter/", "https://cdn.example.org/a/starter/stand-in.gguf.00"],
    ["https://cdn.example.org/a/starter/manifest.json", "https://cdn.example.org/a/starter/stand-in.gguf.00"],
  ])("%s leads to %s", (option, path) => {
    expect(firstPath(option)).toBe(path);
  });

  it.each([
    ["cdn.example.org/m.gguf", "is no address, such as"],
    ["/m.gguf", "is no address, such as"],
    ["ftp://cdn.example.org/m.gguf", "has to be an https address"],
    ["http://cdn.example.org/m.gguf", "has to be in VITE_HTTP_HOSTS as well"],
    ["http://models.intern/m.gguf", "has to be in VITE_HTTP_HOSTS as well"],
    ["https://name:secret@cdn.example.org/m.gguf", '"cdn.example.org" may have no name and password in it'],
    ["https://cdn.example.org/m.gguf#part", 'may not have a "#"'],
    ["https://cdn/m.gguf", "has to name its host in full"],
    ["https://[::1]/m.gguf", "has to name its host in full"],
    ["https://cdn.example.org/starter/?token=1", 'a folder\'s ends without "?token=1"'],
    ["https://huggingface.co/a/b/blob/main/m.gguf", 'where that has "/resolve/"'],
    ["https://huggingface.co/a/b/tree/main", 'where that has "/resolve/"'],
  ])("%s is refused: %s", (option, sentence) => {
    expect(() => read(option)).toThrow(/^VITE_STARTER_FROM: "/);
    expect(() => read(option)).toThrow(sentence);
    expect(() => read(option)).not.toThrow("secret"); // a log is no place for it
  });
});

describe("its host", () => {
  const listWith = async (option: string) => {
    vi.stubEnv("VITE_STARTER_FROM", option);
    vi.resetModules();
    return import("../../src/shared/policy");
  };

  it("is on the list that a user begins with, and in the built gate", async () => {
    const { DEFAULT_HOSTS, STARTER_HOST } = await listWith("https://cdn.example.org/starter/");
    expect(STARTER_HOST).toBe("https://cdn.example.org");
    expect(DEFAULT_HOSTS.at(-1)).toBe("https://cdn.example.org");
    expect(DEFAULT_HOSTS).toContain("https://huggingface.co");
    expect(await bundleGate()).toContain("https://cdn.example.org");
    vi.unstubAllEnvs();
    expect(await bundleGate()).not.toContain("cdn.example.org");
  });

  it("is not listed twice, nor where it is reached anyway; and without the option there is none", async () => {
    const { DEFAULT_HOSTS: own, STARTER_HOST } = await listWith("");
    expect(STARTER_HOST).toBeUndefined();
    for (const address of [
      "https://huggingface.co/m.gguf",
      "https://cdn-lfs.hf.co/m.gguf",
      "http://127.0.0.1:80/m.gguf",
    ]) {
      expect((await listWith(address)).DEFAULT_HOSTS).toEqual(own);
    }
    const other = "https://nothf.co";
    expect((await listWith(`${other}/m.gguf`)).DEFAULT_HOSTS).toEqual([...own, other]);
  });
});
