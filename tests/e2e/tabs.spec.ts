/** Two tabs and one model: the second talks through the first, and takes over when that one is closed in the middle. */
import type { Locator, Page } from "playwright/test";
import { expect, test } from "../helpers/test";

declare const globalThis: { bytes: number };

test.describe.configure({ timeout: 240_000 });

const LOADING = 150_000;
const model = (tab: Page) => tab.getByRole("status", { name: "Model", exact: true });
const reply = (tab: Page) => tab.getByRole("article", { name: "Assistant" });

async function ask(tab: Page, text: string): Promise<void> {
  await tab.getByRole("textbox", { name: "Message", exact: true }).fill(text);
  await tab.keyboard.press("Enter");
}

const textOf = (reply: Locator): Promise<string> =>
  reply.locator("message-text").evaluate((element) => (element as HTMLElement & { text: string }).text);

async function textBeyond(reply: Locator, characters: number): Promise<string> {
  await expect(reply.locator("message-text")).toBeVisible({ timeout: LOADING });
  await expect.poll(async () => (await textOf(reply)).length, { timeout: LOADING }).toBeGreaterThan(characters);
  return textOf(reply);
}

/** [bytes] of GPU buffers that the tab's worker makes from now on. */
async function countBuffers(tab: Page): Promise<() => Promise<number>> {
  const [worker] = tab.workers();
  if (worker === undefined) throw new Error("The page has no worker.");
  await worker.evaluate(() => {
    globalThis.bytes = 0;
    const { createBuffer } = GPUDevice.prototype;
    GPUDevice.prototype.createBuffer = function (descriptor) {
      globalThis.bytes += descriptor.size;
      return createBuffer.call(this, descriptor);
    };
  });
  return () => worker.evaluate(() => globalThis.bytes);
}

test("one has the model for both, and the other goes on alone when that one is closed", async ({ context, site }) => {
  const first = await context.newPage();
  await first.goto(site);
  await expect(model(first)).toHaveText("SmolLM2-135M-Instruct is ready.", { timeout: LOADING });
  const second = await context.newPage();
  await second.goto(site);
  await expect(model(second)).toHaveText("SmolLM2-135M-Instruct is ready, in another tab.");
  const bytes = await countBuffers(second);

  await ask(second, "Tell a long story about a lighthouse.");
  const before = await textBeyond(reply(second), 40);
  expect(await bytes(), "bytes of GPU buffers in the tab that talks through the other").toBe(0);
  await first.close();
  // From the last token on, without a click.
  const after = await textBeyond(reply(second), before.length + 60);
  expect(after.startsWith(before)).toBe(true);
  expect(await bytes()).toBeGreaterThan(90e6);
  await expect(model(second)).toHaveText("SmolLM2-135M-Instruct is ready.");

  // The other way round; and both ask at once.
  const third = await context.newPage();
  await third.goto(site);
  await expect(model(third)).toHaveText("SmolLM2-135M-Instruct is ready, in another tab.");
  await ask(third, "What is the capital of France?");
  await second.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(reply(second)).toHaveAttribute("aria-busy", "false");
  await expect(reply(third)).toHaveAttribute("aria-busy", "false", { timeout: LOADING });
  expect((await textOf(reply(third))).length).toBeGreaterThan(4);
  expect((await textOf(reply(second))).startsWith(after)).toBe(true);

  // On the Models page it can be taken off the GPU from either.
  await third.getByRole("link", { name: "Models", exact: true }).click();
  const onGpu = third.getByRole("region", { name: "On the GPU now" });
  await expect(onGpu.getByText("Another tab of Ingle has it there")).toBeVisible({ timeout: 20_000 });
  await onGpu.getByRole("button", { name: /^Unload/ }).click();
  await expect(onGpu).toHaveCount(0);
  await expect(model(second)).toHaveText(/is off the GPU/);
});
