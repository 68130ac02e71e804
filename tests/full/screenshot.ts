/** `npm run screenshot`: the README's picture, of the built page with the starter's own answer. */
import { chromium } from "playwright";
import { canSandbox, ensureBrowser, QUIET_FLAGS, SOFTWARE_ADAPTER_FLAGS } from "../../scripts/browser";
import { servePage } from "../../scripts/serve";

const server = await servePage();
const browser = await chromium.launch({
  executablePath: ensureBrowser((line) => console.error(line)),
  chromiumSandbox: canSandbox,
  args: [...QUIET_FLAGS, ...SOFTWARE_ADAPTER_FLAGS],
});
try {
  const page = await browser.newPage({ viewport: { width: 1100, height: 640 } });
  await page.goto(server.url);
  await page.getByText("SmolLM2-135M-Instruct is ready.").waitFor({ timeout: 180_000 });
  await page.getByRole("textbox", { name: "Message" }).fill("What is the capital of France?");
  await page.keyboard.press("Enter");
  await page.locator('article[aria-label="Assistant"][aria-busy="false"]').waitFor({ timeout: 180_000 });
  await page.evaluate(() => new Promise(requestAnimationFrame));
  await page.screenshot({ path: "docs/screenshot.png" });
} finally {
  await browser.close();
  await server.close();
}
