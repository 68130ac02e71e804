/** What people write behind --model, and what is said of it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseSource } from "../../scripts/engine/model-argument";
import { printable } from "../../scripts/printable";

const folder = mkdtempSync(join(tmpdir(), "ingle-argument-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("--model", () => {
  it("is the starter when it is left out or named", () => {
    expect(parseSource(undefined)).toEqual({ kind: "starter" });
    expect(parseSource("starter")).toEqual({ kind: "starter" });
  });

  it("is a URL, whose host the page is to be allowed, unless it is this computer's", () => {
    const url = "https://models.example.org/a/model.gguf";
    expect(parseSource(url)).toEqual({ kind: "url", url, host: "https://models.example.org" });
    for (const own of ["http://127.0.0.1:8000/x.gguf", "http://localhost/x", "http://[::1]:1/x"]) {
      expect(parseSource(own)).toMatchObject({ host: undefined });
    }
    expect(() => parseSource("http://models.example.org/x.gguf")).toThrow(/Only https:\/\/ hosts/);
    expect(() => parseSource("ftp://example.org/x.gguf")).toThrow(/only http: and https:/);
    expect(() => parseSource("file:///x.gguf")).toThrow(/only http: and https:/);
  });

  it("is a file, or a folder with an MLC model in it", () => {
    const file = join(folder, "model.gguf");
    writeFileSync(file, "GGUF");
    expect(parseSource(file)).toEqual({ kind: "path", path: file });
    const empty = join(folder, "empty");
    mkdirSync(empty);
    expect(() => parseSource(empty)).toThrow(/no mlc-chat-config\.json\.$/);
    expect(() => parseSource(folder)).toThrow(/Name a file in it: model\.gguf$/);
    writeFileSync(join(empty, "mlc-chat-config.json"), "{}");
    expect(parseSource(empty)).toEqual({ kind: "path", path: empty });
  });

  it("is refused when it is empty or not there, with the whole path that was looked at", () => {
    expect(() => parseSource("")).toThrow("--model is empty.");
    const missing = join(folder, "nobody.gguf");
    expect(() => parseSource(missing)).toThrow(`there is no such file or folder: ${missing}`);
  });
});

describe("a stranger's text on a terminal", () => {
  it("steers nothing, and keeps lines, tabs and every other character", () => {
    expect(printable("\x1b[31mred\x07\x9b2J\r")).toBe("\\u001b[31mred\\u0007\\u009b2J\\u000d");
    expect(printable("a\tb\nc – 日本 🎉")).toBe("a\tb\nc – 日本 🎉");
  });
});
