/** The Models page: found, got, paused, checked, loaded, unloaded, removed, by what a person sees and presses. */
import type { Page } from "playwright/test";
import { ModelPage } from "../../scripts/engine/model-page";
import type { Clients } from "../../src/programs";
import { lookAt } from "../helpers/accessible";
import { startChunkHost } from "../helpers/chunk-host";
import { startHubHost, type HubHost } from "../helpers/hub-host";
import { losableGpu } from "../helpers/lose-gpu";
import { expect, test } from "../helpers/test";
import { tinyGguf } from "../helpers/tiny-gguf";
import { talkingMlc } from "../helpers/talking-mlc";
import { tinyMlc } from "../helpers/tiny-mlc";

declare const page: { readonly ingle: Clients };

test.describe.configure({ timeout: 240_000 });

const SMALLEST = "SmolLM2-135M-Instruct";
/** As the catalogue has it for an adapter without shader-f16, run by Ingle's engine. */
const REPOSITORY = "mlc-ai/SmolLM2-135M-Instruct-q0f16-MLC";
const gguf = Buffer.from(tinyGguf({ metadata: { "tokenizer.ggml.merges": { list: "string", values: ["t 1"] } } }));

async function openModels(tab: Page, site: string): Promise<void> {
  await tab.goto(`${site}#/models`);
  await expect(tab.getByRole("heading", { name: "For this device" })).toBeVisible({ timeout: 20_000 });
}

const card = (tab: Page, name: string) => tab.getByRole("article", { name, exact: true }).last();
const press = (tab: Page, action: string, name: string) =>
  card(tab, name)
    .getByRole("button", { name: `${action} ${name}` })
    .click();

test("the list can be searched and narrowed, and says what was found", async ({ page: tab, site }) => {
  await openModels(tab, site);
  const found = tab.getByText(/^\d+ models?$/);
  await expect(found).toHaveText("19 models");
  await tab.getByLabel("Search").fill("coder 1.5b");
  await expect(found).toHaveText("1 model");
  await expect(card(tab, "Qwen2.5-Coder-1.5B-Instruct")).toBeVisible();
  await tab.getByLabel("Search").fill("");
  await tab.getByLabel("Family").selectOption("Llama 3.1");
  await expect(found).toHaveText("2 models");
  await tab.getByLabel("Family").selectOption("");
  await tab.getByLabel("Graphics memory").fill("2");
  await tab.getByLabel("Graphics memory").press("Enter");
  await tab.getByLabel("Verdict").selectOption("does-not-fit");
  await expect(card(tab, "Llama-3.1-8B-Instruct")).toBeVisible();
  await expect(card(tab, "Llama-3.1-8B-Instruct").getByRole("button", { name: /^Get/ })).toHaveCount(0);
  await card(tab, "Llama-3.1-8B-Instruct").getByText("Why, and what it needs").click();
  await expect(
    card(tab, "Llama-3.1-8B-Instruct").getByText(/^Needs .+ GiB; there is room for 1\.86 GiB\.$/),
  ).toBeVisible();
  await tab.reload(); // what was set is there again
  await expect(tab.getByLabel("Graphics memory")).toHaveValue("2", { timeout: 20_000 });
});

async function importMine(tab: Page, site: string): Promise<void> {
  await ModelPage.on(tab, site);
  await tab.evaluate(
    async (base64) => {
      const file = new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], "mine.gguf");
      await page.ingle.store.import({ id: "mine", name: "Mine" }, [{ name: "mine.gguf", file }]);
    },
    gguf.toString("base64"), // an array of numbers takes a quarter of a minute on its way
  );
}

test("a model of one's own is loaded, unloaded, checked and removed", async ({ page: tab, site }, testInfo) => {
  await importMine(tab, site);
  await openModels(tab, site);
  await tab.getByLabel("Size").selectOption("Your own");
  await expect(tab.getByText("1 model", { exact: true })).toBeVisible();
  await expect(tab.getByRole("heading", { name: "Your own" })).toBeVisible();
  await expect(card(tab, "Mine").getByText(/Kept here: .+; no sum is published for mine\.gguf\./)).toBeVisible();
  await press(tab, "Load", "Mine");
  await expect(card(tab, "Mine").getByText(/On the GPU: .+, with Ingle/)).toBeVisible({ timeout: 150_000 });
  const onGpu = tab.getByRole("region", { name: "On the GPU now" });
  await expect(onGpu.getByText(/^Weights .+, conversation .+ \([\d,]+ tokens\), working memory .+\.$/)).toBeVisible();
  await expect(onGpu.getByText("It is unloaded after 15 minutes without use.")).toBeVisible();
  await lookAt(tab, "a model of one's own on the GPU", testInfo);
  await onGpu.getByRole("button", { name: /^Unload/ }).click();
  await expect(card(tab, "Mine").getByText(/On the GPU/)).toHaveCount(0);
  await expect(onGpu).toHaveCount(0);
  await expect(tab.getByText("Mine was unloaded.")).toBeFocused();
  await press(tab, "Load", "Mine");
  await expect(onGpu).toBeVisible({ timeout: 150_000 });
  await press(tab, "Unload", "Mine");
  await expect(onGpu).toHaveCount(0);
  await press(tab, "Check files", "Mine");
  await expect(card(tab, "Mine").getByRole("button", { name: "Load Mine" })).toBeVisible();
  await expect(tab.getByText(/This site uses .+ of the .+ that the browser offers it/)).toBeVisible();

  await tab.getByRole("button", { name: "Delete all models…" }).click();
  await expect(tab.getByRole("button", { name: "Keep them" })).toBeFocused();
  await tab.keyboard.press("Enter");
  await expect(tab.getByRole("button", { name: "Delete all models…" })).toBeFocused();
  await expect(card(tab, "Mine")).toBeVisible();
  await tab.getByRole("button", { name: "Delete all models…" }).click();
  await tab.getByRole("button", { name: "Delete all" }).click();
  await expect(tab.getByText("No model is kept here.")).toBeVisible();
  await expect(tab.locator("#disk")).toBeFocused();
  await expect(tab.getByRole("heading", { name: "Your own" })).toHaveCount(0);
});

test("a loaded model goes when it is idle, and says why when its GPU is lost", async ({ page: tab, site }) => {
  await tab.addInitScript(() => localStorage.setItem("ingle.models", JSON.stringify({ idleMinutes: 0.1 })));
  await importMine(tab, site);
  await openModels(tab, site);
  const loseGpu = await losableGpu(tab);
  await press(tab, "Load", "Mine");
  await expect(card(tab, "Mine").getByText(/On the GPU: .+, with Ingle/)).toBeVisible({ timeout: 150_000 });
  await expect(card(tab, "Mine").getByText(/On the GPU/)).toHaveCount(0, { timeout: 15_000 });
  await expect(card(tab, "Mine").getByRole("alert")).toBeEmpty();

  await tab.getByText("More settings").click();
  await tab.getByLabel("Unload after").fill("0");
  await tab.getByLabel("Unload after").press("Enter");
  await press(tab, "Load", "Mine");
  await expect(card(tab, "Mine").getByText(/On the GPU: .+, with Ingle/)).toBeVisible({ timeout: 150_000 });
  await expect(tab.getByText("It stays until it is unloaded.")).toBeVisible();
  await loseGpu();
  await expect(card(tab, "Mine").getByRole("alert")).toContainText("The GPU was lost");
  await expect(card(tab, "Mine").getByRole("button", { name: "Load Mine" })).toBeVisible();
});

test("two engines are compared on one model, and the one that runs it is taken from then on", async ({
  page: tab,
  site,
}) => {
  const hub = await startHubHost();
  const library = ["tiny-webgpu.wasm", Buffer.from("This is no WebAssembly.")] as const;
  const commit = hub.commit(new Map([...talkingMlc("q4f32_1"), library]));
  await ModelPage.on(tab, site);
  await tab.evaluate(
    async ({ host, commit }) => {
      const library = `${host}/tests/Tiny/resolve/${commit}/tiny-webgpu.wasm`;
      const { store } = page.ingle;
      await store.download(await store.describe({ kind: "repository", host, repository: "tests/Tiny", library }));
    },
    { host: hub.url, commit },
  );
  await hub.stop();
  await openModels(tab, site);
  await tab.getByLabel("Engine", { exact: true }).selectOption("Ingle");
  await press(tab, "Load", "Tiny");
  await expect(card(tab, "Tiny").getByText(/On the GPU: .+, with Ingle/)).toBeVisible({ timeout: 150_000 });
  await tab.getByLabel("Engine", { exact: true }).selectOption("Auto");
  await press(tab, "Compare engines", "Tiny");
  await expect(
    card(tab, "Tiny").getByText(/^Measured here: WebLLM did not run it, Ingle [\d,.]+ tokens\/s\.$/),
  ).toBeVisible({ timeout: 90_000 });
  await expect(card(tab, "Tiny").getByRole("alert")).toContainText("tiny-webgpu.wasm, the compiled library of Tiny");
  await expect(card(tab, "Tiny").getByText(/On the GPU: .+, with Ingle/)).toBeVisible();
  await tab.reload(); // remembered: Auto does not try WebLLM again
  await press(tab, "Load", "Tiny");
  await expect(card(tab, "Tiny").getByText(/On the GPU: .+, with Ingle/)).toBeVisible({ timeout: 150_000 });
});

test("speeds are guessed for an adapter computed on the processor, and measured on request", async ({
  page: tab,
  site,
}) => {
  await openModels(tab, site);
  const expected = card(tab, "Llama-3.1-8B-Instruct").getByText(/about [\d.]+ tokens\/s expected/);
  const guess = await expected.textContent();
  const measure = tab.getByRole("button", { name: "Measure this GPU" });
  await measure.click();
  await expect(measure).toHaveCount(0);
  await expect(tab.getByText("Measuring this GPU")).toHaveCount(0, { timeout: 60_000 });
  await expect(measure).toHaveCount(0);
  const measured = (await expected.textContent()) ?? "";
  expect(measured).not.toBe(guess);
  await tab.reload();
  await expect(expected).toHaveText(measured, { timeout: 20_000 });
});

test.describe("from a mirror", () => {
  let hub: HubHost;
  test.beforeEach(async ({ page: tab }) => {
    hub = await startHubHost(REPOSITORY);
    await tab.addInitScript((host) => {
      localStorage.setItem("ingle.models", JSON.stringify({ engine: "wgsl", host }));
    }, hub.url);
    hub.commit(talkingMlc("q0f16"));
  });
  test.afterEach(() => hub.stop());

  test("an offered model is rehearsed, got and loaded", async ({ page: tab, site }) => {
    await openModels(tab, site);
    await press(tab, "Get", SMALLEST);
    await expect(card(tab, SMALLEST).getByText(/Kept here: .+; every file is what its publisher says\./)).toBeVisible({
      timeout: 150_000,
    });
    await press(tab, "Load", SMALLEST);
    await expect(card(tab, SMALLEST).getByText(/On the GPU: .+, with Ingle/)).toBeVisible({ timeout: 150_000 });
    await press(tab, "Measure speed", SMALLEST);
    await expect(card(tab, SMALLEST).getByText(/^Measured here: Ingle [\d,.]+ tokens\/s\.$/)).toBeVisible({
      timeout: 90_000,
    });
    await expect(card(tab, SMALLEST).getByText(/tokens\/s measured/)).toBeVisible();
    // Another page of Ingle's and back: it is as it was.
    await tab.getByRole("link", { name: "Check" }).click();
    await tab.getByRole("link", { name: "Models" }).click();
    await expect(card(tab, SMALLEST).getByText(/On the GPU: .+, with Ingle/)).toBeVisible();
    await press(tab, "Remove", SMALLEST);
    await tab.keyboard.press("Escape"); // thought better of it
    await expect(card(tab, SMALLEST).getByText(/On the GPU: .+, with Ingle/)).toBeVisible();
    await press(tab, "Remove", SMALLEST);
    await press(tab, "Remove it:", SMALLEST);
    await expect(card(tab, SMALLEST).getByRole("button", { name: `Get ${SMALLEST}` })).toBeVisible();
  });

  test("a download is paused, gone on with after a reload, and said to be so", async ({ page: tab, site }) => {
    const files = talkingMlc("q0f16");
    let isHeld = true;
    hub.instead("tensor-cache.json", (response) => {
      if (isHeld) return; // never answered
      response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end(files.get("tensor-cache.json"));
    });
    await openModels(tab, site);
    await press(tab, "Get", SMALLEST);
    await press(tab, "Pause", SMALLEST);
    await expect(card(tab, SMALLEST).getByText(/^Begun: .+ are here\.$/)).toBeVisible();
    await tab.reload();
    await expect(card(tab, SMALLEST).getByRole("button", { name: `Go on ${SMALLEST}` })).toBeVisible({
      timeout: 20_000,
    });
    isHeld = false;
    await press(tab, "Go on", SMALLEST);
    await expect(card(tab, SMALLEST).getByText(/Kept here: .+; every file is what its publisher says\./)).toBeVisible({
      timeout: 60_000,
    });
    await tab.getByLabel("Verdict").selectOption("kept");
    await expect(tab.getByText("1 model", { exact: true })).toBeVisible();
    await press(tab, "Remove", SMALLEST);
    await press(tab, "Remove it:", SMALLEST);
    await expect(tab.getByText("0 models", { exact: true })).toBeVisible();
  });

  test("a host that is gone is named, and nothing is kept", async ({ page: tab, site }) => {
    await hub.stop();
    await openModels(tab, site);
    await press(tab, "Get", SMALLEST);
    await expect(card(tab, SMALLEST).getByRole("alert")).toContainText("127.0.0.1", { timeout: 90_000 });
    await expect(card(tab, SMALLEST).getByRole("button", { name: `Get ${SMALLEST}` })).toBeVisible();
  });
});

test("a model is added by its address and from disk, and what is none is said to be", async ({ page: tab, site }) => {
  const host = await startChunkHost(gguf);
  await openModels(tab, site);
  const address = tab.getByLabel("Address of a GGUF file");
  const add = tab.getByRole("button", { name: "Get it" });
  const problem = tab.locator("add-model").getByRole("alert");
  await add.click();
  await expect(problem).toHaveText("Type or paste an address first.");
  await address.fill("http://example.org/model.gguf");
  await add.click();
  await expect(problem).toContainText("has to be an https address");
  await address.fill(host.url);
  await address.press("Enter");
  await expect(card(tab, "model.gguf").getByRole("button", { name: "Load model.gguf" })).toBeVisible({
    timeout: 30_000,
  });
  await expect(problem).toBeEmpty();
  await expect(address).toHaveValue("");
  await host.stop();

  await expect(tab.getByText("model.gguf is here, under “Your own”.")).toBeVisible();

  const files = tab.getByLabel("Or files of this computer");
  await files.setInputFiles({ name: "text.gguf", mimeType: "", buffer: Buffer.from("This is no model.") });
  await expect(problem).toContainText("text.gguf is no GGUF file");
  const chosen = (model: ReturnType<typeof tinyMlc>) =>
    Array.from(model, ([name, bytes]) => ({ name, mimeType: "", buffer: Buffer.from(bytes) }));
  const folder = chosen(tinyMlc());
  await files.setInputFiles(folder.filter(({ name }) => name !== "params_shard_1.bin"));
  await expect(problem).toContainText("A file is missing, params_shard_1.bin among them.");
  // Two of one name are two.
  await files.setInputFiles(folder);
  await expect(card(tab, "MLC model")).toBeVisible({ timeout: 30_000 });
  const other = tinyMlc({ quantization: "q0f32" });
  await files.setInputFiles(Array.from(other, ([name, bytes]) => ({ name, mimeType: "", buffer: Buffer.from(bytes) })));
  await expect(tab.getByRole("article", { name: "MLC model", exact: true })).toHaveCount(2, { timeout: 30_000 });

  await tab.getByLabel("Or files of this computer").setInputFiles({ name: "mine.gguf", mimeType: "", buffer: gguf });
  await expect(card(tab, "mine").getByRole("button", { name: "Load mine" })).toBeVisible({ timeout: 30_000 });
  // By keyboard: the button that was pressed goes, and the next is where the focus is.
  await card(tab, "mine").getByRole("button", { name: "Check files mine" }).focus();
  await tab.keyboard.press("Enter");
  await expect(card(tab, "mine").getByRole("button", { name: "Load mine" })).toBeFocused();
});
