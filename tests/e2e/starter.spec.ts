/** The starter model as the built page serves it, from its own origin, and never out of the shell's cache. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  STARTER,
  STARTER_MANIFEST,
  STARTER_PATH,
  STARTER_PIECE_BYTES,
  type StarterManifest,
} from "../../src/shared/starter";
import { expect, test } from "../helpers/test";

test("is served in pieces that join to the pinned file, with its licence", async ({ site }) => {
  const manifest = (await (await fetch(`${site}${STARTER_PATH}${STARTER_MANIFEST}`)).json()) as StarterManifest;
  expect(manifest, "`npm run starter` fetches it, the next build has it").toMatchObject({ version: 1, ...STARTER });
  if (!("pieces" in manifest)) throw new Error(manifest.missing);
  const whole = createHash("sha256");
  for (const { path, bytes, sha256 } of manifest.pieces) {
    const piece = await readFile(join("dist", STARTER_PATH, path));
    expect(piece.byteLength).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(STARTER_PIECE_BYTES);
    expect(createHash("sha256").update(piece).digest("hex")).toBe(sha256);
    whole.update(piece);
    // Its end alone: 94 MiB through one process that serves and asks take a minute on a busy machine.
    const end = await fetch(`${site}${STARTER_PATH}${path}`, { headers: { Range: `bytes=${bytes - 1000}-` } });
    expect(end.status).toBe(206);
    expect(Buffer.from(await end.arrayBuffer()).equals(piece.subarray(-1000))).toBe(true);
  }
  expect(whole.digest("hex")).toBe(STARTER.sha256);
  expect(await (await fetch(`${site}${STARTER_PATH}LICENSE`)).text()).toContain("END OF TERMS AND CONDITIONS");
});

test("is never in the shell's cache, even after the page has read it", async ({ page, site }) => {
  const list = await readFile("dist/sw.js", "utf8");
  expect(list).toContain("index.html");
  expect(list).not.toContain(STARTER_PATH);
  expect(list).not.toContain(".gguf");

  await page.goto(site);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const kept = await page.evaluate(async (path) => {
    const manifest = (await (await fetch(`${path}manifest.json`)).json()) as { pieces: { path: string }[] };
    const last = manifest.pieces.at(-1)?.path ?? "";
    const { byteLength } = await (await fetch(path + last)).arrayBuffer();
    if (byteLength === 0) throw new Error("The last piece is empty.");
    const urls = [];
    for (const name of await caches.keys()) {
      for (const { url } of await (await caches.open(name)).keys()) urls.push(url);
    }
    return urls;
  }, STARTER_PATH);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.filter((url) => url.includes(STARTER_PATH))).toEqual([]);
});
