/**
 * From the starter to other models in the middle of a conversation: the one that is recommended, got by its one button;
 * and a GGUF, got by its address.
 */
import { syntheticGguf } from "../../scripts/synthetic/gguf";
import { ask, button, LOADING, model, replies, textOf, waitForText } from "../helpers/chat-page";
import { lookAt } from "../helpers/accessible";
import { startChunkHost } from "../helpers/chunk-host";
import { startHubHost } from "../helpers/hub-host";
import { talkingMlc } from "../helpers/talking-mlc";
import { expect, test } from "../helpers/test";

test.describe.configure({ timeout: 240_000 });

/** What is recommended on SwiftShader where Ingle's own engine is to run it. */
const RECOMMENDED = { name: "SmolLM2-360M-Instruct", repository: "mlc-ai/SmolLM2-360M-Instruct-q4f16_1-MLC" };
const LAST_SHARD = "params_shard_2.bin";

test("the recommended model comes behind the conversation and takes over, and so does one of the visitor's own", async ({
  page: tab,
  site,
}, testInfo) => {
  const hub = await startHubHost(RECOMMENDED.repository);
  const files = talkingMlc("q4f16_1");
  hub.commit(files);
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  hub.instead(LAST_SHARD, (response) => {
    response.writeHead(200, { "Access-Control-Allow-Origin": "*" });
    void held.then(() => response.end(files.get(LAST_SHARD)));
  });
  await tab.addInitScript((host) => {
    localStorage.setItem("ingle.models", JSON.stringify({ engine: "wgsl", host }));
  }, hub.url);
  await tab.goto(site);
  await expect(model(tab)).toHaveText("SmolLM2-135M-Instruct is ready.", { timeout: LOADING });
  const offer = tab.getByRole("region", { name: `${RECOMMENDED.name} answers much better` });
  await expect(offer).toContainText(/\d+ MiB to download, once\. Verdict: /);
  await lookAt(tab, "a better model offered", testInfo);

  await offer.getByRole("button", { name: /^Get it \(.+\)$/ }).click();
  await ask(tab, "Tell a long story about a lighthouse.");
  const first = replies(tab).first();
  await waitForText(first, 20);
  await expect(offer.getByRole("progressbar", { name: /^Downloading/ })).toBeVisible({ timeout: 60_000 });
  await lookAt(tab, "a better model on its way, behind a reply", testInfo);
  // The reply goes on while another page is shown.
  const before = await textOf(first);
  await tab.getByRole("link", { name: "Models", exact: true }).click();
  await expect(tab.getByRole("progressbar", { name: /^Downloading/ }).first()).toBeVisible({ timeout: 20_000 });
  await tab.getByRole("link", { name: "Chat", exact: true }).click();
  await expect(first).toBeVisible();
  goOn();
  // When it is here, it waits for the reply's end.
  const tookOver = tab.getByText(`${RECOMMENDED.name} answers from here on. The conversation is kept.`);
  await expect(tookOver.or(offer.getByRole("button", { name: "Use it" }))).toBeVisible({ timeout: LOADING });
  if ((await first.getAttribute("aria-busy")) === "true") await button(tab, "Stop").click();
  await expect(tookOver).toBeVisible({ timeout: LOADING });
  await expect(model(tab)).toHaveText(`${RECOMMENDED.name} is ready.`);
  await expect(offer).toHaveCount(0);
  await lookAt(tab, "a better model has taken over", testInfo);
  await button(tab, "OK").click();
  const text = await textOf(first);
  expect(text.startsWith(before)).toBe(true);

  await ask(tab, "And now?");
  await expect(replies(tab)).toHaveCount(2);
  await expect(replies(tab).last()).toContainText(RECOMMENDED.name, { timeout: LOADING });
  await expect(first).toContainText("SmolLM2-135M-Instruct");
  await hub.stop();

  // Another one, by its address: got behind the conversation, too.
  const made = syntheticGguf("tiny-qwen2", { mix: "q4_0" });
  const host = await startChunkHost(Buffer.concat([...made.stream(0, made.size)]));
  await tab.getByRole("link", { name: "Models", exact: true }).click();
  await tab.getByLabel("Address of a GGUF file").fill(host.url, { timeout: 20_000 });
  await tab.keyboard.press("Enter");
  const card = tab.getByRole("article", { name: "model.gguf", exact: true }).last();
  await card.getByRole("button", { name: "Load model.gguf" }).click({ timeout: 60_000 });
  await host.stop();
  await expect(card.getByText(/On the GPU: .+, with Ingle/)).toBeVisible({ timeout: LOADING });
  await tab.getByRole("link", { name: "Chat", exact: true }).click();
  await expect(model(tab)).toHaveText("model.gguf is ready.");
  expect(await textOf(replies(tab).first())).toBe(text);
  await ask(tab, "And then?");
  await expect(replies(tab)).toHaveCount(3);
  await expect(replies(tab).last().locator("message-text")).toBeVisible({ timeout: LOADING });
  if ((await replies(tab).last().getAttribute("aria-busy")) === "true") await tab.keyboard.press("Escape");
  await expect(replies(tab).last()).toHaveAttribute("aria-busy", "false");
  await expect(replies(tab).last()).toContainText("model.gguf");

  // The next visit begins with it.
  await tab.reload();
  await expect(model(tab)).toHaveText("model.gguf is ready.", { timeout: LOADING });
  await expect(replies(tab)).toHaveCount(3);
});
