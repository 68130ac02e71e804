/** What somebody who looks elsewhere learns of a download, and what keeps the device awake meanwhile. */
import { randomBytes } from "node:crypto";
import { ModelPage } from "../../scripts/engine/model-page";
import { startChunkHost } from "../helpers/chunk-host";
import { CHUNK, download, sha256, specOf } from "../helpers/store-page";
import { expect, test } from "../helpers/test";

const content = randomBytes(CHUNK);

test("a download's end is told to whoever looks elsewhere, and the screen stays on until then", async ({
  context,
  site,
}) => {
  const host = await startChunkHost(content);
  await context.grantPermissions(["notifications"], { origin: new URL(site).origin });
  const tab = await context.newPage();
  await tab.addInitScript(() => {
    // A headless browser shows every tab and has no screen to keep on.
    const state = { hidden: false, locks: 0 };
    Object.assign(globalThis, { state });
    Object.defineProperty(document, "visibilityState", { get: () => (state.hidden ? "hidden" : "visible") });
    Object.defineProperty(navigator, "wakeLock", {
      value: {
        request() {
          state.locks++;
          return Promise.resolve({ released: false, release: () => Promise.resolve(state.locks--) });
        },
      },
    });
  });
  const model = await ModelPage.on(tab, site);
  const look = (hidden: boolean) =>
    tab.evaluate((hidden) => {
      (globalThis as unknown as { state: { hidden: boolean } }).state.hidden = hidden;
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  const locks = () => tab.evaluate(() => (globalThis as unknown as { state: { locks: number } }).state.locks);
  const notices = () =>
    tab.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      return (await registration.getNotifications()).map(({ title, body }) => ({ title, body }));
    });
  const title = await tab.title();

  await download(model, specOf(host.url, sha256(content))); // in sight
  expect(await tab.title()).toBe(title);
  expect(await notices()).toEqual([]);

  host.pause = 5;
  const going = download(model, { ...specOf(host.url, sha256(content)), id: "second" });
  await expect.poll(locks).toBe(1);
  await look(true);
  await going;
  expect(await locks()).toBe(0);
  await expect.poll(() => tab.title()).toBe(`The model is here · ${title}`);
  await expect.poll(notices).toEqual([{ title: "The model is here", body: "" }]);
  await look(false);
  expect(await tab.title()).toBe(title);

  await look(true);
  host.faults = [{ kind: "status", status: 404 }];
  await download(model, { ...specOf(host.url, sha256(content)), id: "third" });
  await expect.poll(() => tab.title()).toBe(`The download has stopped · ${title}`);
  await expect.poll(async () => (await notices()).at(-1)?.body).toMatch(/^model\.gguf: the server answered 404/);
  await host.stop();
});
