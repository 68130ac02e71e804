/**
 * What kills a reply in the middle: the GPU's device, twice in one reply; the worker; the whole page. Nothing of a
 * finished message is lost, and each reply is completed. `npm run test:full` does each ten times.
 */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright/test";
import { ask, button, importPresets, LOADING, model, replies, textOf, waitForText } from "../helpers/chat-page";
import { isFull } from "../helpers/is-full";
import { losableGpu } from "../helpers/lose-gpu";
import { expect, test } from "../helpers/test";

declare const globalThis: { ownWorkers: Worker[] };

const ROUNDS = isFull ? 10 : 1;
/** The likeliest token each time, and an end: a tiny model need not find one. */
const PRESET = { name: "Plain", sampling: { temperature: 0 }, maxTokens: 24 };

/** @returns the reply's text once it is whole. */
async function whole(reply: Locator): Promise<string> {
  await expect(reply).toHaveAttribute("aria-busy", "false", { timeout: LOADING });
  await expect(reply.getByText("This reply was cut off.")).toHaveCount(0);
  return textOf(reply);
}

/** A conversation with a finished reply and one that is being written. */
async function converse(tab: Page, finished: string[]): Promise<{ reply: Locator; before: string }> {
  await button(tab, "New conversation").click();
  await tab.getByLabel("Preset", { exact: true }).selectOption(PRESET.name);
  const isSample = ROUNDS === 1 && finished.length > 0; // one finished reply at the beginning is enough
  if (!isSample) {
    await ask(tab, "What is the capital of France?");
    await expect(replies(tab)).toHaveCount(1);
    finished.push(await whole(replies(tab)));
  }
  await ask(tab, "Write a story about the sea.");
  await expect(replies(tab)).toHaveCount(isSample ? 1 : 2);
  const reply = replies(tab).last();
  return { reply, before: await waitForText(reply, 10) };
}

/** All that was finished is in what is kept, to the last character, and nothing else. */
async function expectKept(tab: Page, finished: readonly string[], path: string): Promise<void> {
  const download = tab.waitForEvent("download");
  await button(tab, "Export all").click();
  await (await download).saveAs(path);
  const file = JSON.parse(await readFile(path, "utf8")) as {
    conversations: { messages: { role: string; content: string; state: string }[] }[];
  };
  const kept = file.conversations.flatMap(({ messages }) => messages).filter(({ role }) => role === "assistant");
  expect(kept.map(({ state }) => state)).toEqual(kept.map(() => "whole"));
  expect(kept.map(({ content }) => content).sort()).toEqual([...finished].sort());
}

test(`a device, a worker and a page lost mid-reply (${ROUNDS} of each) cost nothing`, async ({
  context,
  site,
}, testInfo) => {
  test.setTimeout(200_000 + ROUNDS * 200_000);
  const exported = testInfo.outputPath("all.json");
  await context.addInitScript(() => {
    Object.defineProperty(navigator, "connection", { value: { type: "cellular" } });
    globalThis.ownWorkers = [];
    window.Worker = class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        globalThis.ownWorkers.push(this);
      }
    };
  });
  let tab = await context.newPage();
  await tab.goto(site);
  await expect(model(tab)).toContainText("is fetched only when you say so");
  const dialog = await importPresets(tab, [PRESET]);
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect.poll(() => tab.workers().length).toBeGreaterThan(0);
  const loseGpu = await losableGpu(tab);
  await button(tab, "Get SmolLM2-135M-Instruct").click();

  const finished: string[] = [];
  const completed = async (reply: Locator, before: string) => {
    const after = await whole(reply);
    expect(after.startsWith(before) && after.length > before.length, `"${after}" goes on from "${before}"`).toBe(true);
    finished.push(after);
    await expectKept(tab, finished, exported);
  };

  for (let round = 0; round < ROUNDS; round++) {
    const { reply, before } = await converse(tab, finished);
    await loseGpu();
    await expect(reply).toContainText("The model was lost", { timeout: 15_000 });
    const longer = await waitForText(reply, before.length + 5);
    expect(longer.startsWith(before), `"${longer}" goes on from "${before}"`).toBe(true);
    await loseGpu();
    await expect(reply).toContainText("The model was lost", { timeout: 15_000 });
    await completed(reply, longer);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const { reply, before } = await converse(tab, finished);
    await tab.evaluate(() => globalThis.ownWorkers.forEach((worker) => worker.terminate()));
    await expect(reply).toContainText("The model was lost", { timeout: 15_000 });
    await completed(reply, before);
    await expect(tab.getByRole("alert").filter({ hasText: /\w/ })).toHaveCount(0);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const { before } = await converse(tab, finished);
    await tab.waitForTimeout(1100); // kept once a second
    const crashed = tab.waitForEvent("crash");
    const browser = await context.newCDPSession(tab);
    void browser.send("Page.crash").catch(() => undefined); // no answer comes
    await crashed;
    await tab.close();
    tab = await context.newPage();
    await tab.goto(site);
    const list = tab.getByRole("navigation", { name: "Conversations" });
    await list.getByRole("listitem").first().getByRole("button").first().click();
    const reply = replies(tab).last();
    await expect(reply.getByText("This reply was cut off.")).toBeVisible({ timeout: 30_000 });
    const kept = await textOf(reply);
    expect(kept.startsWith(before), `"${kept}" has all of "${before}"`).toBe(true);
    await button(tab, "Continue").click();
    await expect(reply).toHaveAttribute("aria-busy", "true");
    await completed(reply, kept);
  }
  console.log(
    `${3 * ROUNDS} replies lost in the middle, all completed; ${finished.length} replies kept to the last character.`,
  );
});
