/** From the starter to a second model in the middle of a conversation: a GGUF, got by its address. */
import { syntheticGguf } from "../../scripts/synthetic/gguf";
import { ask, LOADING, model, replies, textOf } from "../helpers/chat-page";
import { startChunkHost } from "../helpers/chunk-host";
import { expect, test } from "../helpers/test";

test.describe.configure({ timeout: 240_000 });

test("a second model is got while the first talks, and goes on with the conversation", async ({ page: tab, site }) => {
  const made = syntheticGguf("tiny-qwen2", { mix: "q4_0" });
  const host = await startChunkHost(Buffer.concat([...made.stream(0, made.size)]));
  await tab.goto(site);
  await expect(model(tab)).toHaveText("SmolLM2-135M-Instruct is ready.", { timeout: LOADING });
  await ask(tab, "Tell a long story about a lighthouse.");
  await expect(replies(tab).locator("message-text")).toBeVisible({ timeout: LOADING });

  // Behind the reply, which goes on while another page is shown.
  await tab.getByRole("link", { name: "Models", exact: true }).click();
  await tab.getByLabel("Address of a GGUF file").fill(host.url, { timeout: 20_000 });
  await tab.keyboard.press("Enter");
  const card = tab.getByRole("article", { name: "model.gguf", exact: true }).last();
  await expect(card.getByRole("button", { name: "Load model.gguf" })).toBeVisible({ timeout: 60_000 });
  await host.stop();
  await tab.getByRole("link", { name: "Chat", exact: true }).click();
  await expect(replies(tab)).toBeVisible();
  if ((await replies(tab).getAttribute("aria-busy")) === "true") await tab.keyboard.press("Escape");
  await expect(replies(tab)).toHaveAttribute("aria-busy", "false");
  const said = (await replies(tab).textContent()) ?? "";
  expect(said).toContain("SmolLM2-135M-Instruct");
  const text = await textOf(replies(tab).first());

  await tab.getByRole("link", { name: "Models", exact: true }).click();
  await card.getByRole("button", { name: "Load model.gguf" }).click();
  await expect(card.getByText(/On the GPU: .+, with Ingle/)).toBeVisible({ timeout: LOADING });
  await tab.getByRole("link", { name: "Chat", exact: true }).click();
  await expect(model(tab)).toHaveText(/^model\.gguf is ready\.$/);
  expect(await textOf(replies(tab).first())).toBe(text);
  await ask(tab, "And then?");
  await expect(replies(tab)).toHaveCount(2);
  await expect(replies(tab).last().locator("message-text")).toBeVisible({ timeout: LOADING });
  if ((await replies(tab).last().getAttribute("aria-busy")) === "true") await tab.keyboard.press("Escape");
  await expect(replies(tab).last()).toHaveAttribute("aria-busy", "false");
  await expect(replies(tab).last()).toContainText("model.gguf");

  // The next visit begins with it.
  await tab.reload();
  await expect(model(tab)).toHaveText(/^model\.gguf is ready\.$/, { timeout: LOADING });
  await expect(replies(tab)).toHaveCount(2);
});
