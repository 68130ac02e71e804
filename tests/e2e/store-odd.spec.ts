/** Specs and moments that nobody plans for. */
import { randomBytes } from "node:crypto";
import { ModelPage } from "../../scripts/engine/model-page";
import type { FileSpec, ModelSpec } from "../../src/store/model-spec";
import { startChunkHost, type ChunkHost } from "../helpers/chunk-host";
import { refused } from "../helpers/refused";
import { ask, CHUNK, download, list, remove, sha256, specOf } from "../helpers/store-page";
import { expect, test } from "../helpers/test";

test.describe.configure({ timeout: 120_000 });

let model: ModelPage;
let host: ChunkHost;
test.beforeEach(async ({ context, site }) => {
  model = await ModelPage.on(await context.newPage(), site);
});
test.afterEach(() => host.stop());

const fileOf = (name: string, content: Buffer): FileSpec => ({
  name,
  pieces: [{ url: host.url }],
  digest: { algorithm: "sha256", hex: sha256(content) },
});

for (const [what, bytes] of [
  ["no bytes at all", 0],
  ["one byte", 1],
  ["exactly a chunk", CHUNK],
  ["exactly two chunks", 2 * CHUNK],
] as const) {
  test(`a file of ${what}`, async () => {
    const content = randomBytes(bytes);
    host = await startChunkHost(content);
    const stored = await ask(model, "download", specOf(host.url, sha256(content)));
    expect(stored).toMatchObject({ bytes, missingChunks: 0, files: [{ sha256: sha256(content) }] });
    expect(await ask(model, "verify", "tested")).toMatchObject({ repairedChunks: 0 });
    const text = await model.tab.evaluate(async () => {
      const { store } = (
        globalThis as unknown as { ingle: { store: { exportFile(a: string, b: string): Promise<Blob> } } }
      ).ingle;
      return (await store.exportFile("tested", "model.gguf")).size;
    });
    expect(text).toBe(bytes);
  });
}

test("names in any script, with slashes and dots, are names; the same or none twice are refused", async () => {
  const content = randomBytes(1000);
  host = await startChunkHost(content);
  const names = ["模型.gguf", "../up.bin", "a/b/c.bin", "__proto__", " ", "x".repeat(300)];
  const [first, ...rest] = names.map((name) => fileOf(name, content));
  if (first === undefined) throw new Error("No names.");
  const spec: ModelSpec = { id: "-~/../ \u{1F525}", name: "Odd", files: [first, ...rest] };
  expect((await ask(model, "download", spec)).files.map(({ name }) => name)).toEqual(names);
  expect(await list(model)).toMatchObject([{ id: spec.id }]);
  expect(await remove(model, spec.id)).toBeUndefined();
  for (const files of [[first, first], [fileOf("", content)]] as unknown as ModelSpec["files"][]) {
    await expect(ask(model, "download", { ...spec, files })).rejects.toMatchObject(refused("request-invalid", /./));
  }
  await expect(ask(model, "download", { ...spec, id: "" })).rejects.toMatchObject(refused("request-invalid", /./));
  await expect(ask(model, "download", { ...spec, files: [] as unknown as ModelSpec["files"] })).rejects.toMatchObject(
    refused("request-invalid", /./),
  );
  await expect(ask(model, "verify", "nobody")).rejects.toMatchObject(refused("not-stored", /Download it first/));
  expect(await list(model)).toEqual([]);
});

test("stopped at any moment, it goes on where it was, and is never listed half", async () => {
  const content = randomBytes(6.3 * CHUNK);
  host = await startChunkHost(content);
  host.pause = 1;
  const spec = specOf(host.url, sha256(content));
  for (let i = 0; i < 12; i++) {
    const code = await model.tab.evaluate(
      async ({ spec, after }) => {
        const { store } = (
          globalThis as unknown as {
            ingle: { store: { download(spec: unknown, call: { signal: AbortSignal }): Promise<unknown> } };
          }
        ).ingle;
        try {
          await store.download(spec, { signal: AbortSignal.timeout(after) });
          return "whole";
        } catch (thrown) {
          return (thrown as { code: string }).code;
        }
      },
      { spec, after: i * 17 },
    );
    if (code === "whole") break;
    expect(code).toBe("aborted");
    const [listed] = await list(model);
    if (listed === undefined) continue;
    // Its last chunk was kept as the word to stop was on its way.
    expect(listed).toMatchObject({ bytes: content.length, missingChunks: 0 });
    break;
  }
  host.pause = 0;
  expect((await ask(model, "download", spec)).missingChunks).toBe(0);
  // Each stop costs what was under way, on two connections.
  expect(host.asked.reduce((sum, { sent }) => sum + sent, 0)).toBeLessThan(content.length + 13 * 2 * (CHUNK + 2 ** 20));
});

test("stopped and removed at once leaves nothing", async () => {
  const content = randomBytes(6 * CHUNK);
  host = await startChunkHost(content);
  host.pause = 2;
  const spec = specOf(host.url, sha256(content));
  for (const after of [30, 120, 250]) {
    await model.tab.evaluate(
      async ({ spec, after }) => {
        const { store } = (
          globalThis as unknown as {
            ingle: {
              store: {
                download(spec: unknown, call: { signal: AbortSignal }): Promise<unknown>;
                remove(id: string): Promise<void>;
              };
            };
          }
        ).ingle;
        await store.download(spec, { signal: AbortSignal.timeout(after) }).catch(() => undefined);
        await store.remove("tested");
      },
      { spec, after },
    );
    expect(await ask(model, "listUnfinished")).toEqual([]);
    expect((await ask(model, "usage")).models).toEqual([]);
  }
});

test("two specs under one id, in two tabs at once: the last one asked for is what is there", async ({
  context,
  site,
}) => {
  const content = randomBytes(3 * CHUNK);
  host = await startChunkHost(content);
  host.pause = 3;
  const other = await startChunkHost(content.subarray(0, CHUNK + 7));
  const second = await ModelPage.on(await context.newPage(), site);
  const first = download(model, specOf(host.url, sha256(content)));
  await expect.poll(() => host.asked.length).toBeGreaterThan(0);
  const [a, b] = await Promise.all([
    first,
    download(second, specOf(other.url, sha256(content.subarray(0, CHUNK + 7)))),
  ]);
  expect(a.outcome).toMatchObject({ bytes: 3 * CHUNK });
  expect(b.outcome).toMatchObject({ bytes: CHUNK + 7, missingChunks: 0 });
  expect(await list(model)).toMatchObject([{ bytes: CHUNK + 7, missingChunks: 0 }]);
  expect(await ask(model, "verify", "tested")).toMatchObject({ repairedChunks: 0 });
  await other.stop();
});
