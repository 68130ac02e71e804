/** The store in the built page: real IndexedDB, a real host with faults, and a model that answers from it offline. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ModelPage } from "../../scripts/engine/model-page";
import { STARTER_FOLDER } from "../../scripts/starter/folder";
import { STARTER } from "../../src/shared/starter";
import { startChunkHost, type ChunkHost, type HostFault } from "../helpers/chunk-host";
import { CHUNK, download, list, remove, sha256, specOf } from "../helpers/store-page";
import { expect, test } from "../helpers/test";

test.describe.configure({ timeout: 120_000 });

/** Two chunks and a half. */
const content = randomBytes(2.5 * CHUNK);

let model: ModelPage;
let host: ChunkHost;
test.beforeEach(async ({ context, site }) => {
  model = await ModelPage.on(await context.newPage(), site);
});
test.afterEach(async () => {
  await host.stop();
});

async function withFaults(...faults: HostFault[]): Promise<void> {
  host = await startChunkHost(content);
  host.faults = faults;
}

const sentInAll = () => host.asked.reduce((sum, { sent }) => sum + sent, 0);

const whole = {
  id: "tested",
  name: "Tested",
  bytes: content.length,
  files: [{ name: "model.gguf", bytes: content.length, sha256: sha256(content), isVerified: true }],
  missingChunks: 0,
  isInPlace: false,
};

test("what is downloaded is listed, and fetched no second time; what is removed is gone", async () => {
  await withFaults();
  const spec = specOf(host.url, sha256(content));
  const { outcome, told } = await download(model, spec);
  expect(outcome).toEqual(whole);
  const done = { bytesDone: content.length, bytesTotal: content.length };
  expect(told.at(-1)).toMatchObject({
    id: "tested",
    ...done,
    files: [{ name: "model.gguf", stage: "whole", ...done }],
  });
  expect(await list(model)).toEqual([whole]);
  expect((await download(model, spec)).outcome).toEqual(whole);
  expect(host.asked).toHaveLength(1);

  expect(await remove(model)).toBeUndefined();
  expect(await list(model)).toEqual([]);
  await download(model, spec);
  expect(host.asked).toHaveLength(2);
});

test("a broken connection costs what was not yet a chunk", async () => {
  await withFaults(
    { kind: "cut", after: 1.5 * CHUNK },
    { kind: "status", status: 503, headers: { "Retry-After": "1" } },
  );
  expect((await download(model, specOf(host.url, sha256(content)))).outcome).toEqual(whole);
  const from = host.asked.map((each) => each.from);
  expect(from.slice(0, 2)).toEqual([0, NaN]);
  expect(from.slice(2).sort()).toEqual([CHUNK, 2 * CHUNK]);
});

test("a page that is closed half way goes on where it was, in a new one", async ({ context, site }) => {
  await withFaults(
    { kind: "cut", after: 2.2 * CHUNK },
    { kind: "status", status: 429, headers: { "Retry-After": "600" } },
  );
  const spec = specOf(host.url, sha256(content));
  void download(model, spec).catch(() => undefined);
  await expect.poll(() => host.asked.some(({ from }) => Number.isNaN(from))).toBe(true); // it waits for ten minutes
  expect(await list(model)).toEqual([]);
  await model.tab.close();
  const next = await ModelPage.on(await context.newPage(), site);
  expect((await download(next, spec)).outcome).toEqual(whole);
  expect(host.asked.filter(({ from }) => from === 0)).toHaveLength(1);
  expect(host.asked.reduce((sum, { sent }) => sum + sent, 0)).toBeLessThan(content.length + 2 * CHUNK);
});

test("a host that knows no ranges is taken from its beginning, and what is there is kept", async () => {
  await withFaults({ kind: "cut", after: 1.5 * CHUNK }, { kind: "no-ranges" });
  expect((await download(model, specOf(host.url, sha256(content)))).outcome).toEqual(whole);
});

test("a byte that came wrong is found and replaced", async () => {
  await withFaults({ kind: "flip", at: CHUNK + 5 });
  expect((await download(model, specOf(host.url, sha256(content)))).outcome).toEqual(whole);
  expect(sentInAll()).toBe(2 * content.length);
});

test("what is never what its publisher says is refused, and not listed", async () => {
  await withFaults();
  const { outcome } = await download(model, specOf(host.url, sha256(randomBytes(1))));
  expect(outcome).toMatchObject({ code: "checksum-mismatch" });
  expect((outcome as { message: string }).message).toContain("model.gguf");
  expect(await list(model)).toEqual([]);
  expect(sentInAll()).toBe(3 * content.length);
});

test("a file that changed on its host half way is begun anew, never mixed", async () => {
  const other = randomBytes(content.length);
  await withFaults({ kind: "cut", after: 1.5 * CHUNK }, { kind: "replaced", by: other });
  const { outcome } = await download(model, specOf(host.url, undefined));
  expect(outcome).toMatchObject({ files: [{ sha256: sha256(other), isVerified: false }] });
});

test("another file under the same id takes the place of the first, which is not listed meanwhile", async () => {
  await withFaults();
  await download(model, specOf(host.url, sha256(content)));
  const other = randomBytes(CHUNK + 1);
  host.faults = [
    { kind: "replaced", by: other },
    { kind: "status", status: 404 },
  ];
  const { outcome } = await download(model, specOf(host.url, sha256(randomBytes(1))));
  expect(outcome).toMatchObject({ code: "source-failed" });
  expect(await list(model)).toEqual([]);
  expect((await download(model, specOf(host.url, sha256(other)))).outcome).toMatchObject({
    files: [{ bytes: other.length, isVerified: true }],
  });
});

test("what is no address is refused at once", async () => {
  await withFaults();
  const { outcome } = await download(model, specOf("models.example/m.gguf", undefined));
  expect(outcome).toMatchObject({ code: "request-invalid" });
});

test("a host that refuses ends it with the file's name", async () => {
  await withFaults({ kind: "status", status: 404 });
  const { outcome } = await download(model, specOf(host.url, undefined));
  expect(outcome).toMatchObject({ code: "source-failed" });
  expect((outcome as { message: string }).message).toMatch(/^model\.gguf: the server answered 404/);
});

test("a stored model answers with its host gone", async () => {
  host = await startChunkHost(readFileSync(join(STARTER_FOLDER, STARTER.file)));
  const { outcome } = await download(model, { ...specOf(host.url, STARTER.sha256), name: "Kept" });
  expect(outcome).toMatchObject({ files: [{ isVerified: true }] });
  await host.stop();
  const info = await model.load({ kind: "stored", id: "tested" }, 256);
  expect(info.name).toBe("Kept");
  let text = "";
  const input = { messages: [{ role: "user" as const, content: "What is the capital of France?" }] };
  await model.generate({ input, sampling: { temperature: 0 } }, (event) => {
    if (event.type === "text") text += event.text;
  });
  expect(text).toContain("Paris");
  await expect(model.load({ kind: "stored", id: "nobody" })).rejects.toMatchObject({ code: "not-stored" });
});
