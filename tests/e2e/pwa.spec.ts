/** Installed and launched as an app by the browser itself, opened with the network gone, and updated when asked to. */
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright/test";
import { ask, box, replies, textOf, waitForText } from "../helpers/chat-page";
import { expect, openCheck, reportOf, test } from "../helpers/test";
import { startStaticHost } from "../helpers/static-host";

/** The page's own service worker is in charge, so all of the shell is kept. */
async function waitForShell(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

test("installed, launched in a window of its own, and again with the server gone", async ({
  openBrowser,
  temporaryFolder,
}) => {
  const host = await startStaticHost("dist", "/apps/ingle/");
  const profile = join(temporaryFolder, "profile");
  let context: BrowserContext = await openBrowser({ profile });
  let page = await context.newPage();
  await openCheck(page, host.url);
  await waitForShell(page);

  let browser = await context.newCDPSession(page);
  const { installabilityErrors } = await browser.send("Page.getInstallabilityErrors");
  expect(installabilityErrors).toEqual([]);
  const { errors, data } = await browser.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect((JSON.parse(data ?? "{}") as { icons: { sizes: string; purpose?: string }[] }).icons).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ sizes: "192x192" }),
      expect.objectContaining({ sizes: "512x512" }),
      expect.objectContaining({ sizes: "512x512", purpose: "maskable" }),
    ]),
  );

  const { appId: manifestId = "" } = await browser.send("Page.getAppId");
  expect(manifestId).toBe(host.url);
  await browser.send("PWA.install", { manifestId });
  // The protocol installs an app that opens in a tab; a person's click on Install chooses a window.
  await browser.send("PWA.changeAppUserSettings", { manifestId, displayMode: "standalone" });

  const launch = async (): Promise<Page> => {
    const opening = context.waitForEvent("page");
    await browser.send("PWA.launch", { manifestId });
    const app = await opening;
    await expect(app.getByRole("textbox", { name: "Message" })).toBeVisible();
    expect(await app.evaluate(() => matchMedia("(display-mode: standalone)").matches)).toBe(true);
    return app;
  };
  await (await launch()).close();

  await host.stop();
  const offline = await launch();
  expect((await reportOf(offline, { measure: true })).webgpu).toEqual({ value: true });

  // And after the browser was closed and opened again, still with no server.
  await context.close();
  context = await openBrowser({ profile });
  page = await context.newPage();
  browser = await context.newCDPSession(page);
  await launch();
});

test("opens, works and loads its later parts with the server gone after the first visit", async ({ page, context }) => {
  const host = await startStaticHost("dist", "/some/where/");
  await openCheck(page, host.url);
  await waitForShell(page);
  await host.stop();

  await page.reload();
  await expect(page.getByTestId("verdict")).toBeVisible();
  // Parts that the first visit never asked for.
  await page.getByRole("button", { name: "Compare…" }).click();
  await expect(page.getByLabel("Report or link")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await expect(page.getByTestId("service-worker-policy")).toContainText("could not be checked just now");

  const other = await context.newPage();
  await other.goto(`${host.url}?from=somewhere#/check`);
  await expect(other.getByTestId("verdict")).toBeVisible();
  const report = await reportOf(other, { measure: true });
  expect(report.workers).toEqual({
    dedicatedWorker: { value: true },
    sharedWorker: { value: true },
    serviceWorker: { value: true },
  });
});

/** The next version: another index.html, so another revision of it in the precache. */
async function publishNext(folder: string): Promise<void> {
  const edit = async (file: string, from: RegExp, to: string): Promise<void> => {
    const path = join(folder, file);
    const text = await readFile(path, "utf8");
    expect(text).toMatch(from);
    await writeFile(path, text.replace(from, to));
  };
  await edit("index.html", /<meta name="referrer"/, '<meta name="version" content="next" /><meta name="referrer"');
  await edit("sw.js", /(["']?revision["']?:\s*["'`])[0-9a-f]+(["'`],\s*["']?url["']?:\s*["'`]index\.html)/, "$1next$2");
}

test("a new version waits until it is asked for, and interrupts nothing", async ({ page, temporaryFolder }) => {
  test.setTimeout(240_000);
  const folder = join(temporaryFolder, "dist");
  await cp("dist", folder, { recursive: true });
  const host = await startStaticHost(folder);
  try {
    await openCheck(page, host.url);
    await waitForShell(page);
    await page.getByRole("button", { name: "Copy JSON" }).focus();

    await publishNext(folder);
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());

    await expect(page.getByText("A new version of Ingle is ready.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Copy JSON" })).toBeFocused();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.reload(); // a reload of one's own is not a yes
    await expect(page.getByText("A new version of Ingle is ready.")).toBeVisible();
    await expect(page.locator('meta[name="version"]')).toHaveCount(0);

    // In the middle of a reply, to the last character that was read.
    await page.getByRole("link", { name: "Chat", exact: true }).click();
    await ask(page, "Tell a long story about a lighthouse.");
    await waitForText(replies(page), 60);
    await box(page).fill("What I have typed");
    const writing = replies(page).locator("message-text");
    await writing.evaluate((element) => {
      const shown = element as HTMLElement & { text: string };
      setInterval(() => sessionStorage.setItem("read", shown.text), 20);
    });
    await page.getByRole("button", { name: "Reload with it" }).click();
    await expect(page.locator('meta[name="version"]')).toHaveCount(1);
    await expect(replies(page).getByText("This reply was cut off.")).toBeVisible();
    const read = (await page.evaluate(() => sessionStorage.getItem("read"))) ?? "";
    expect(read.length).toBeGreaterThan(60);
    expect((await textOf(replies(page))).startsWith(read)).toBe(true);
    await expect(box(page)).toHaveValue("What I have typed");
    await expect(page.getByText("A new version of Ingle is ready.")).toHaveCount(0);
  } finally {
    await host.stop();
  }
});

test("a tab that another tab updated is told so, and its button still works", async ({
  page,
  context,
  temporaryFolder,
}) => {
  const folder = join(temporaryFolder, "dist");
  await cp("dist", folder, { recursive: true });
  const host = await startStaticHost(folder);
  try {
    await openCheck(page, host.url);
    await waitForShell(page);
    const other = await context.newPage();
    await openCheck(other, host.url);
    await publishNext(folder);
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
    await page.getByRole("button", { name: "Reload with it" }).click();
    await expect(page.locator('meta[name="version"]')).toHaveCount(1);

    await expect(other.locator('meta[name="version"]')).toHaveCount(0); // it was not reloaded under its user
    await other.getByRole("button", { name: "Reload with it" }).click();
    await expect(other.locator('meta[name="version"]')).toHaveCount(1);
  } finally {
    await host.stop();
  }
});

test("a part that can't be loaded is said, and a page below the app's is left to its host", async ({ page }) => {
  const host = await startStaticHost("dist");
  try {
    await page.route(/network-page-[^/]*\.js$/, (route) => route.abort());
    await page.goto(`${host.url}#/network`);
    await expect(page.getByRole("alert")).toContainText("could not be loaded");
    await expect(page.getByRole("button", { name: "Reload" })).toBeVisible();
    await openCheck(page, host.url);
    await waitForShell(page);
    await page.goto(`${host.url}blog/`);
    await expect(page.getByText("There is nothing here.")).toBeVisible();
  } finally {
    await host.stop();
  }
});
