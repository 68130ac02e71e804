/** Downloads that die with their browser, tab or worker, or lose the network, and go on in the next. */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ModelPage } from "../../scripts/engine/model-page";
import type { FileSpec, ModelSpec } from "../../src/store/model-spec";
import { startChunkHost, type ChunkHost } from "../helpers/chunk-host";
import { isFull } from "../helpers/is-full";
import { CHUNK, download, list, sha256 } from "../helpers/store-page";
import { expect, test } from "../helpers/test";

/** `npm run test:full` kills it as often as a user ever might. */
const KILLS = isFull ? 25 : 2;
/** As many as a download ever opens. */
const CONNECTIONS = 6;
const content = randomBytes(20.3 * CHUNK);
const digest = { algorithm: "sha256", hex: sha256(content) } as const;
const FILES = 4;

let host: ChunkHost;
test.beforeEach(async () => {
  host = await startChunkHost(content);
  host.pause = 2;
});
test.afterEach(() => host.stop());

/** Several files of the same bytes: sizes are known, as from a listing. */
function spec(): ModelSpec {
  const fileOf = (name: string): FileSpec => ({ name, pieces: [{ url: host.url, bytes: content.length }], digest });
  const rest = Array.from({ length: FILES - 1 }, (_, i) => fileOf(`shard-${i}.bin`));
  return { id: "tested", name: "Tested", files: [fileOf("model.bin"), ...rest] };
}

const sentInAll = () => host.asked.reduce((sum, { sent }) => sum + sent, 0);

async function expectWhole(model: ModelPage, breaks: number): Promise<void> {
  host.pause = 0;
  const { outcome } = await download(model, spec());
  expect(outcome).toMatchObject({ bytes: FILES * content.length, missingChunks: 0 });
  for (const { sha256, isVerified } of (await list(model)).flatMap(({ files }) => files)) {
    expect({ sha256, isVerified }).toEqual({ sha256: digest.hex, isVerified: true });
  }
  // A break costs a chunk a connection, and what was under way to a browser that was no more: sockets hold some.
  expect(sentInAll()).toBeLessThanOrEqual(FILES * content.length + breaks * CONNECTIONS * (CHUNK + 2 ** 20));
}

/** The browser of a profile, all its processes. */
function kill(profile: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    let line = "";
    try {
      line = readFileSync(join("/proc", pid, "cmdline"), "latin1");
    } catch {
      continue; // it ended by itself
    }
    if (line.includes(`--user-data-dir=${profile}`)) process.kill(Number(pid), "SIGKILL");
  }
}

test(`a browser killed ${KILLS} times goes on with what it had`, async ({ openBrowser, temporaryFolder, site }) => {
  test.setTimeout(400_000);
  const profile = join(temporaryFolder, "killed");
  let kills = 0;
  for (; kills < KILLS; kills++) {
    const context = await openBrowser({ profile });
    const model = await ModelPage.on(await context.newPage(), site);
    expect(await list(model)).toEqual([]);
    const before = host.asked.length;
    void download(model, spec()).catch(() => undefined);
    await expect.poll(() => host.asked.length).toBeGreaterThan(before);
    await new Promise((done) => setTimeout(done, 50 + Math.random() * 350));
    const closed = context.waitForEvent("close");
    kill(profile);
    await closed;
    expect(sentInAll(), "a run that was whole before it was killed often enough").toBeLessThan(
      FILES * content.length + kills * CONNECTIONS * CHUNK,
    );
  }
  const context = await openBrowser({ profile });
  await expectWhole(await ModelPage.on(await context.newPage(), site), kills);
});

test("so do a closed tab, an ended worker, a host that is down and a device without a network", async ({
  context,
  site,
}) => {
  test.setTimeout(120_000);
  await context.addInitScript(() => {
    const workers: Worker[] = [];
    class Noted extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        workers.push(this);
      }
    }
    Object.assign(globalThis, { Worker: Noted, workers });
  });
  const open = async () => ModelPage.on(await context.newPage(), site);
  const begin = async (model: ModelPage) => {
    const before = sentInAll();
    const going = download(model, spec());
    going.catch(() => undefined); // its page may go
    await expect.poll(sentInAll).toBeGreaterThan(before + 3 * CHUNK);
    return { going };
  };
  const closed = await open();
  await begin(closed);
  await closed.tab.close();

  // The page lives on, and its workers are gone without a word.
  const ended = await open();
  await begin(ended);
  await ended.tab.evaluate(() => {
    for (const worker of (globalThis as unknown as { workers: Worker[] }).workers) worker.terminate();
  });

  const model = await open();
  const { going } = await begin(model);
  host.isDown = true;
  await new Promise((done) => setTimeout(done, 1500));
  host.isDown = false;
  await expect.poll(sentInAll).toBeGreaterThan(12 * CHUNK);
  await context.setOffline(true);
  await new Promise((done) => setTimeout(done, 1500));
  const asked = host.asked.length;
  await new Promise((done) => setTimeout(done, 4000)); // several pauses' worth
  expect(host.asked.length, "a device that knows it has no network asks nobody").toBe(asked);
  await context.setOffline(false);
  // The download that lost its host and its network is the one that ends well.
  await expectWhole(model, 5);
  expect((await going).outcome).toMatchObject({ missingChunks: 0 });
});
