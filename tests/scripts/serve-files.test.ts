/** Files for pages of other origins, on loopback. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { filesIn, serveFiles } from "../../scripts/serve-files";
import type { Served } from "../../scripts/serve";

const NAME = "made up é#1?2%3,;+.gguf";

let root: string;
let served: Served;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "ingle-serve-"));
  mkdirSync(join(root, "models", "deep"), { recursive: true });
  writeFileSync(join(root, "models", NAME), "0123456789");
  writeFileSync(join(root, "models", "deep", "a"), "deep");
  writeFileSync(join(root, "models", "empty"), "");
  writeFileSync(join(root, "secret"), "secret");
  mkdirSync(join(root, "models-not"));
  writeFileSync(join(root, "models-not", "b"), "secret");
  served = await serveFiles(filesIn(join(root, "models")));
});
afterEach(async () => {
  await served.close();
  rmSync(root, { recursive: true });
});

const ask = (path: string, init?: RequestInit) => fetch(served.url + path, init);
const ranged = (Range: string, method = "GET") => ask(encodeURIComponent(NAME), { method, headers: { Range } });

/** As it is, which fetch would tidy up. */
function statusOfRaw(path: string): Promise<number | undefined> {
  const { port, pathname } = new URL(served.url);
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", path: pathname + path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on("error", reject).end();
  });
}

describe("a file on this disk", () => {
  it("comes whole, whatever its name, to any origin", async () => {
    const response = await ask(encodeURIComponent(NAME));
    expect(response.status).toBe(200);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(response.headers.get("Content-Length")).toBe("10");
    expect(await response.text()).toBe("0123456789");
    expect(await (await ask("deep/a")).text()).toBe("deep");
  });

  it.each([
    { range: "bytes=0-0", status: 206, text: "0", says: "bytes 0-0/10" },
    { range: "bytes=3-5", status: 206, text: "345", says: "bytes 3-5/10" },
    { range: "bytes=8-", status: 206, text: "89", says: "bytes 8-9/10" },
    { range: "bytes=8-99", status: 206, text: "89", says: "bytes 8-9/10" },
    { range: "bytes=10-", status: 416, text: "", says: "bytes */10" },
  ])("comes in ranges: $range", async ({ range, status, text, says }) => {
    const response = await ranged(range);
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Range")).toBe(says);
    expect(await response.text()).toBe(text);
    const head = await ranged(range, "HEAD");
    expect(head.status).toBe(status);
    expect(await head.text()).toBe("");
  });

  it("may be empty", async () => {
    const response = await ask("empty");
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  it("may be asked for across origins with a range", async () => {
    const response = await ask("deep/a", { method: "OPTIONS" });
    expect(response.status).toBe(204);
    expect(response.headers.get("Access-Control-Allow-Headers")).toBe("Range");
  });
});

describe("what is not in the folder", () => {
  it.each(["none", "", "deep", "../secret", "%2e%2e/secret", "..%2Fsecret", "..%2Fmodels-not%2Fb", "a%00", "%"])(
    "is not found: %s",
    async (path) => {
      expect(await statusOfRaw("deep/a")).toBe(200);
      expect(await statusOfRaw(path)).toBe(404);
    },
  );

  it("is all there is for who does not know the path", async () => {
    expect((await fetch(new URL("/deep/a", served.url))).status).toBe(404);
  });
});
