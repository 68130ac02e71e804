/**
 * How long a visitor waits for a first token: on the first visit, and on a second one with the server gone and the
 * network off, beside what the engine takes by itself; and that an installed app answers without either. `test:full` only.
 */
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright/test";
import { ModelPage } from "../../scripts/engine/model-page";
import { STARTER_ID } from "../../src/shared/starter";
import { spreadOf } from "../../src/shared/statistics";
import { ask, box, button, LOADING, model, replies, waitForText } from "../helpers/chat-page";
import { startStaticHost } from "../helpers/static-host";
import { expect, test } from "../helpers/test";

test.use({ knowsKernels: false }); // a first visit chooses them
test.describe.configure({ timeout: 600_000 });

const QUESTION = "What is the capital of France?";
const ROUNDS = 3;
/** How much longer than the engine alone the page may take. */
const MOST_OVERHEAD = 1.3;

/** [ms] from the navigation to the first text of a reply, as the page's own clock has it. */
async function firstTextMs(tab: Page): Promise<number> {
  await tab.evaluate(() => performance.clearMarks("first text")); // of replies that were there before
  await ask(tab, QUESTION);
  await tab.waitForFunction(() => performance.getEntriesByName("first text").length > 0, undefined, {
    timeout: LOADING,
  });
  const [shown] = await tab.evaluate(() =>
    performance.getEntriesByName("first text").map(({ startTime }) => startTime),
  );
  return shown ?? NaN;
}

/** Marks when the first reply's text is on the page: a look from outside would come later. */
async function markFirstText(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const { define } = customElements;
    customElements.define = function (name, constructor, options) {
      if (name === "message-text") {
        const prototype = constructor.prototype as { connectedCallback: () => void };
        const { connectedCallback } = prototype;
        prototype.connectedCallback = function () {
          performance.mark("first text");
          connectedCallback.call(this);
        };
      }
      define.call(this, name, constructor, options);
    };
  });
}

/** [ms] The engine by itself: the kept model loaded, and the question answered up to its first token. */
async function engineMs(context: BrowserContext, site: string): Promise<number> {
  const page = await ModelPage.on(await context.newPage(), site);
  const began = performance.now();
  await page.load({ kind: "stored", id: STARTER_ID });
  let first: number | undefined;
  const request = { input: { messages: [{ role: "user" as const, content: QUESTION }] }, maxTokens: 4 };
  await page.generate(request, ({ type }) => {
    if (type === "text") first ??= performance.now() - began;
  });
  await page.tab.close();
  return first ?? NaN;
}

const median = (values: readonly number[]) => spreadOf(values).median;
const seconds = (values: readonly number[]) => values.map((ms) => (ms / 1000).toFixed(1)).join(", ");

test("the first token comes soon, and as soon with no server and no network; an installed app answers, too", async ({
  openBrowser,
  temporaryFolder,
}) => {
  const host = await startStaticHost("dist", "/apps/ingle/");
  const profile = join(temporaryFolder, "profile");
  const context = await openBrowser({ profile });
  await markFirstText(context);
  const tab = await context.newPage();
  await tab.goto(host.url, { waitUntil: "commit" });
  await expect(box(tab)).toBeVisible();
  const cold = await firstTextMs(tab);
  await button(tab, "Stop").click(); // a tiny model need not find an end
  await expect(replies(tab)).toHaveAttribute("aria-busy", "false");
  await tab.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const browser = await context.newCDPSession(tab);
  const { appId: manifestId = "" } = await browser.send("Page.getAppId");
  await browser.send("PWA.install", { manifestId });
  await browser.send("PWA.changeAppUserSettings", { manifestId, displayMode: "standalone" });

  await tab.goto("about:blank"); // its model is off the GPU
  const own: number[] = [];
  for (let round = 0; round < ROUNDS; round++) own.push(await engineMs(context, host.url));

  await host.stop();
  await context.setOffline(true);
  const warm: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await tab.goto("about:blank");
    await tab.goto(host.url, { waitUntil: "commit" });
    await expect(replies(tab)).not.toHaveCount(0); // the last conversation
    await button(tab, "New conversation").click();
    await expect(replies(tab)).toHaveCount(0);
    warm.push(await firstTextMs(tab));
  }
  console.log(
    `First token: ${seconds([cold])} s after a first visit's begin; ${seconds(warm)} s with the server gone and the ` +
      `network off; the engine alone takes ${seconds(own)} s. ${(median(warm) / median(own)).toFixed(2)} times.`,
  );
  await tab.goto("about:blank");
  const opening = context.waitForEvent("page");
  await browser.send("PWA.launch", { manifestId });
  const app = await opening;
  expect(await app.evaluate(() => matchMedia("(display-mode: standalone)").matches)).toBe(true);
  await expect(model(app)).toHaveText("SmolLM2-135M-Instruct is ready.", { timeout: LOADING });
  await button(app, "New conversation").click();
  await ask(app, QUESTION);
  await waitForText(replies(app), 5);
  expect(median(warm)).toBeLessThanOrEqual(MOST_OVERHEAD * median(own));
});
