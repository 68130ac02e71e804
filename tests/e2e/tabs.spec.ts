/** Two tabs and one model: the second talks through the first, and takes over when that one is closed in the middle. */
import type { Page } from "playwright/test";
import { ask, LOADING, model, replies, textOf, waitForText } from "../helpers/chat-page";
import { expect, test } from "../helpers/test";

declare const globalThis: { bytes: number };

test.describe.configure({ timeout: 240_000 });

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
  const before = await waitForText(replies(second), 40);
  expect(await bytes(), "bytes of GPU buffers in the tab that talks through the other").toBe(0);
  await first.close();
  // From the last token on, without a click.
  const after = await waitForText(replies(second), before.length + 60);
  expect(after.startsWith(before)).toBe(true);
  expect(await bytes()).toBeGreaterThan(90e6);
  await expect(model(second)).toHaveText("SmolLM2-135M-Instruct is ready.");

  // The other way round; and both ask at once.
  const third = await context.newPage();
  await third.goto(site);
  await expect(model(third)).toHaveText("SmolLM2-135M-Instruct is ready, in another tab.");
  await ask(third, "What is the capital of France?");
  await second.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(replies(second)).toHaveAttribute("aria-busy", "false");
  await waitForText(replies(third), 4);
  await third.keyboard.press("Escape"); // where the tiny model would not end by itself
  await expect(replies(third)).toHaveAttribute("aria-busy", "false");
  expect((await textOf(replies(second))).startsWith(after)).toBe(true);

  // On the Models page it can be taken off the GPU from either.
  await third.getByRole("link", { name: "Models", exact: true }).click();
  const onGpu = third.getByRole("region", { name: "On the GPU now" });
  await expect(onGpu.getByText("Another tab of Ingle has it there")).toBeVisible({ timeout: 20_000 });
  await onGpu.getByRole("button", { name: /^Unload/ }).click();
  await expect(onGpu).toHaveCount(0);
  await expect(model(second)).toHaveText(/is off the GPU/);
});
