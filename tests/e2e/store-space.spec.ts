/** Where the browser keeps less than was hoped: quotas, cleared data, refused storage, other tabs, older records. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ModelPage } from "../../scripts/engine/model-page";
import type { Clients } from "../../src/programs";
import { startChunkHost, type ChunkHost } from "../helpers/chunk-host";
import { refused } from "../helpers/refused";
import { ask, CHUNK, download, list, remove, sha256, specOf, type Refusal } from "../helpers/store-page";
import { expect, test } from "../helpers/test";

declare const page: { readonly ingle: Clients };

const content = randomBytes(2.5 * CHUNK);
const hex = sha256(content);

let host: ChunkHost;
let model: ModelPage;
test.use({ knowsKernels: false }); // before a quota is set nothing may use IndexedDB

test.beforeEach(async ({ context, site }) => {
  host = await startChunkHost(content);
  model = await ModelPage.on(await context.newPage(), site);
});
test.afterEach(() => host.stop());

/** Deletes a database while no page of the site is open that would hold it. */
async function deleteDatabase(on: ModelPage, name: string, site: string): Promise<void> {
  await on.tab.goto(`${site}manifest.webmanifest`);
  await on.tab.evaluate(async (name) => {
    await new Promise((done, fail) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = done;
      request.onerror = fail;
    });
  }, name);
}

test("a model there is no room for is refused before a byte of it comes, with what could go", async () => {
  await download(model, specOf(host.url, hex));
  const asked = host.asked.length;
  const { outcome } = await download(model, { ...specOf(host.url, hex, 2 ** 50), id: "other", name: "Other" });
  expect(outcome).toMatchObject({ code: "storage-full" });
  expect((outcome as Refusal).message).toMatch(
    /^Other needs 1,048,576 GiB more, and this browser keeps .* GiB more for this site\. These could go: Tested \(10 MiB\)\.$/,
  );
  expect(host.asked).toHaveLength(asked);
});

// What a page is told by estimate() is not what Chromium holds it to: the one is the same on every computer.
test("a quota that is reached half way ends with what is missing, and what came is kept", async ({
  openBrowser,
  site,
}) => {
  const context = await openBrowser();
  const tab = await context.newPage();
  // Before IndexedDB is first used: what it may take is looked up now and then only.
  await tab.goto(`${site}manifest.webmanifest`);
  const session = await context.newCDPSession(tab);
  await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(site).origin, quotaSize: 6 * 2 ** 20 });
  const small = await ModelPage.on(tab, site);
  const { outcome } = await download(small, specOf(host.url, hex)); // its size is not known before
  expect(outcome).toMatchObject({ code: "storage-full" });
  expect((outcome as Refusal).message).toMatch(
    /^The browser's storage for this site is full: Tested still needs 6 MiB\. What came so far is kept\. /,
  );
  const unfinished = await tab.evaluate(() => page.ingle.store.listUnfinished());
  expect(unfinished).toMatchObject([{ spec: { id: "tested" }, bytesDone: CHUNK }]);
});

test("what the browser cleared while the page was open is noticed, and fetched again", async ({ site }) => {
  await download(model, specOf(host.url, hex));
  const session = await model.tab.context().newCDPSession(model.tab);
  await session.send("Storage.clearDataForOrigin", { origin: new URL(site).origin, storageTypes: "indexeddb" });
  await expect.poll(() => list(model)).toEqual([]);
  expect((await download(model, specOf(host.url, hex))).outcome).toMatchObject({ missingChunks: 0 });
});

test("a model whose chunks are gone is listed as such, does not load, and is fetched again", async ({
  context,
  site,
}) => {
  await download(model, specOf(host.url, hex));
  await deleteDatabase(model, "ingle-chunks", site);
  model = await ModelPage.on(await context.newPage(), site);
  expect(await list(model)).toMatchObject([{ id: "tested", missingChunks: 3 }]);
  await expect(model.load({ kind: "stored", id: "tested" })).rejects.toMatchObject({ code: "not-stored" });
  const { repairedChunks } = await model.tab.evaluate(() => page.ingle.store.verify("tested"));
  expect(repairedChunks).toBe(3);
  expect(await list(model)).toMatchObject([{ id: "tested", missingChunks: 0 }]);
});

test("verifying fetches again what has changed in storage, and nothing else", async () => {
  await download(model, specOf(host.url, hex));
  await model.tab.evaluate(async () => {
    const open = indexedDB.open("ingle-chunks");
    await new Promise((done) => (open.onsuccess = done));
    const chunks = open.result.transaction("chunks", "readwrite").objectStore("chunks");
    const key = ["tested", "model.gguf", 1];
    const get = chunks.get(key);
    await new Promise((done) => (get.onsuccess = done));
    const record = get.result as { data: Blob };
    const put = chunks.put({ ...record, data: new Blob([new Uint8Array(record.data.size)]) }, key);
    await new Promise((done) => (put.onsuccess = done));
    open.result.close();
  });
  const asked = host.asked.length;
  const { repairedChunks, model: repaired } = await model.tab.evaluate(() => page.ingle.store.verify("tested"));
  expect(repairedChunks).toBe(1);
  expect(repaired.files).toMatchObject([{ sha256: hex, isVerified: true }]);
  expect(host.asked.slice(asked)).toEqual([{ from: CHUNK, sent: CHUNK }]);
});

test("records of another version count as not there", async () => {
  await download(model, specOf(host.url, hex));
  await model.tab.evaluate(async () => {
    const open = indexedDB.open("ingle-models");
    await new Promise((done) => (open.onsuccess = done));
    const models = open.result.transaction("models", "readwrite").objectStore("models");
    const put = models.put({ version: 1, id: "tested", name: "Tested", files: [] }, "tested");
    await new Promise((done) => (put.onsuccess = done));
    open.result.close();
  });
  expect(await list(model)).toEqual([]);
  expect((await download(model, specOf(host.url, hex))).outcome).toMatchObject({ missingChunks: 0 });
  expect(await list(model)).toHaveLength(1);
});

test("two tabs fetch nothing twice, and both see how it goes", async ({ context, site }) => {
  host.pause = 10;
  const other = await ModelPage.on(await context.newPage(), site);
  const spec = specOf(host.url, hex);
  const [first, second] = await Promise.all([download(model, spec), download(other, spec)]);
  expect(first.outcome).toEqual(second.outcome);
  expect(host.asked.reduce((sum, { sent }) => sum + sent, 0)).toBe(content.length);
  for (const { told } of [first, second]) {
    expect(told.some(({ bytesDone }) => bytesDone > 0 && bytesDone < content.length)).toBe(true);
  }
});

test("what another tab downloads is not removed under it", async ({ context, site }) => {
  host.faults = [{ kind: "status", status: 503, headers: { "Retry-After": "600" } }];
  const other = await ModelPage.on(await context.newPage(), site);
  void download(other, specOf(host.url, hex)).catch(() => undefined);
  await expect.poll(() => host.asked.length).toBe(1);
  expect(await remove(model)).toMatchObject({ code: "model-busy" });
  await other.tab.close(); // which lets go of it
  await expect.poll(() => remove(model)).toBeUndefined();
});

test("what is removed does not wait for another page that has the databases open", async ({ context, site }) => {
  await download(model, specOf(host.url, hex));
  const other = await ModelPage.on(await context.newPage(), site);
  await list(other); // which has them open now
  expect(await remove(model)).toBeUndefined();
  expect(await list(other)).toEqual([]);
});

// Every context of these tests is one: its storage is in memory, and less than a profile's.
test("a private window keeps a model until it is closed, and no more than it says", async ({ browser, site }) => {
  const open = async () => ModelPage.on(await (await browser.newContext()).newPage(), site);
  const first = await open();
  await download(first, specOf(host.url, hex));
  const { quotaBytes = NaN, usedBytes = NaN, isPersisted, models } = await ask(first, "usage");
  expect({ isPersisted, models }).toEqual({
    isPersisted: false,
    models: [{ id: "tested", name: "Tested", bytes: content.length }],
  });
  expect(usedBytes).toBeGreaterThanOrEqual(content.length);
  const tooLarge = { ...specOf(host.url, hex, quotaBytes), id: "other", name: "Other" };
  await expect(ask(first, "download", tooLarge)).rejects.toMatchObject(
    refused(
      "storage-full",
      /^Other needs .* more, and this browser keeps .* more for this site\. These could go: Tested/,
    ),
  );
  const second = await open();
  expect(await list(second)).toEqual([]);
  await first.tab.context().close();
  await second.tab.context().close();
});

test("a browser that keeps nothing for the site says so", async ({ openBrowser, temporaryFolder, site }) => {
  const profile = join(temporaryFolder, "refusing");
  mkdirSync(join(profile, "Default"), { recursive: true });
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const context = await openBrowser({ profile });
  const refused = await ModelPage.on(await context.newPage(), site);
  const { outcome } = await download(refused, specOf(host.url, hex));
  expect(outcome).toMatchObject({ code: "storage-failed" });
  expect((outcome as Refusal).message).toMatch(/^This browser does not keep data for this site: /);
});
