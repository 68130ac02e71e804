/** The settings: how the page looks and speaks, also with no network, and everything deleted from one place. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright/test";
import { expectAccessible, testStates, type PageState } from "../helpers/accessible";
import { saveData } from "../helpers/chat-page";
import { startStaticHost } from "../helpers/static-host";
import { expect, test } from "../helpers/test";
import { tinyGguf } from "../helpers/tiny-gguf";

const PAPER = { light: "rgb(246, 242, 234)", dark: "rgb(28, 26, 24)" };
const gguf = Buffer.from(tinyGguf({ metadata: { "tokenizer.ggml.merges": { list: "string", values: ["t 1"] } } }));

const paperOf = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
/** The first that there is counts. */
const themeColourOf = (page: Page) =>
  page.evaluate(
    () =>
      [...document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')].find(
        ({ media }) => media === "" || matchMedia(media).matches,
      )?.content,
  );

async function openSettings(page: Page, site: string): Promise<void> {
  await saveData(page);
  await page.goto(`${site}#/settings`);
  await expect(page.getByRole("region", { name: "Storage" })).toBeVisible({ timeout: 20_000 });
}

/** A conversation whose reply was stopped before it was written. */
async function talk(page: Page): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill("What is kept?");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("No reply was written.")).toBeVisible();
}

const STATES: readonly PageState[] = [
  {
    name: "settings",
    enter: async (page, site) => {
      await openSettings(page, site);
      await page.getByLabel("Add a host").fill("not a host");
      await page.keyboard.press("Enter");
      await expect(page.getByRole("alert").filter({ hasText: "not a host" })).toBeVisible();
    },
  },
  {
    name: "settings, dark whatever the system says, with all about to be deleted",
    enter: async (page, site) => {
      await openSettings(page, site);
      await page.getByLabel("Theme").selectOption("Dark");
      await page.getByRole("button", { name: "Delete everything…" }).click();
      await expect(page.getByText("Delete all of it for good?")).toBeVisible();
    },
  },
  {
    name: "settings in German",
    enter: async (page, site) => {
      await openSettings(page, site);
      await page.getByLabel("Language").selectOption("Deutsch");
      await expect(page.getByRole("region", { name: "Speicher" })).toBeVisible({ timeout: 20_000 });
    },
  },
];

testStates(STATES);

test.describe("without a service worker", () => {
  test.use({ serviceWorkers: "block", colorScheme: "light" });

  test("the theme is there before anything of the page's own runs; a language that can't come is English", async ({
    page,
    site,
    context,
  }) => {
    await openSettings(page, site);
    const other = await context.newPage();
    await other.goto(`${site}#/check`);
    expect([await paperOf(page), await themeColourOf(page)]).toEqual([PAPER.light, "#f6f2ea"]);

    await page.getByLabel("Theme").selectOption("Dark");
    for (const tab of [page, other]) {
      await expect.poll(() => paperOf(tab)).toBe(PAPER.dark);
      expect(await themeColourOf(tab)).toBe("#1c1a18");
    }

    await page.route(/\/assets\/zh-[^/]*\.js$/, (route) => route.abort());
    await page.getByLabel("Language").selectOption("简体中文");
    await expect(page.getByText("简体中文 could not be loaded, so the page speaks English.")).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await expect(page.getByLabel("Language")).toHaveValue("zh");

    // Nothing but the gate and the style sheet comes.
    await page.route(/\/assets\/[^/]*\.js$/, (route) => route.abort());
    await page.reload();
    expect([await paperOf(page), await themeColourOf(page)]).toEqual([PAPER.dark, "#1c1a18"]);
    await page.unroute(/\/assets\/[^/]*\.js$/);

    await page.reload();
    await expect(page.getByLabel("Theme")).toHaveValue("dark");
    await page.getByLabel("Theme").selectOption("As the system");
    expect([await paperOf(page), await themeColourOf(page)]).toEqual([PAPER.light, "#f6f2ea"]);
  });
});

test.describe("in a German browser", () => {
  test.use({ locale: "de-AT" });

  test("speaks German, and Chinese when asked to, with no network too; what was typed stays", async ({ page }) => {
    const host = await startStaticHost("dist", "/in/a/folder/");
    await saveData(page);
    await page.goto(host.url);
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    const message = page.getByRole("textbox", { name: "Nachricht" });
    await expect(page.getByText("Der Browser bittet darum, Daten zu sparen")).toBeVisible();
    await expect(page.getByText(/\(\d+,\d MiB\)/).first()).toBeVisible(); // a comma
    await message.fill("Ein Entwurf");
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await host.stop();

    // What is said elsewhere in English: of the report, of models, of errors.
    await page.getByRole("link", { name: "Prüfen" }).click();
    await expect(page.getByTestId("verdict")).toHaveText(/^Ja, aber langsam: Es antwortet nur SwiftShader/);
    await expect(page.getByRole("row", { name: /maxBufferSize .*\+768 MiB, 4 × der Standard/ })).toBeVisible();
    await page.getByRole("link", { name: "Modelle" }).click();
    await expect(page.getByText(/ist das schnellste, das passt; keines antwortet hier so schnell/)).toBeVisible();
    await expect(page.getByText("Nicht für kommerzielle Nutzung", { exact: false }).first()).toBeAttached();

    await page.getByRole("link", { name: "Einstellungen" }).click();
    await page.getByLabel("Host hinzufügen").fill("kein Host");
    await page.keyboard.press("Enter");
    await expect(page.getByText(/^Das ist kein Host, der auf die Liste kann\. \("kein Host" is not/)).toBeVisible();
    await expect(page).toHaveTitle("Einstellungen · Ingle");
    const chosen = page.getByLabel("Sprache");
    await expect(chosen.getByRole("option", { selected: true })).toHaveText("Wie der Browser (Deutsch)");
    await chosen.selectOption("简体中文");
    await expect(page.getByRole("heading", { name: "设置" })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
    await page.reload();
    await page.getByRole("link", { name: "对话" }).click();
    await expect(page.getByRole("textbox", { name: "消息" })).toHaveValue("Ein Entwurf");

    await page.getByRole("link", { name: "设置" }).click();
    await page.getByLabel("语言").selectOption("English");
    await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
    await page.getByLabel("Language").selectOption("auto");
    await expect(page.getByRole("heading", { name: "Einstellungen" })).toBeVisible();
  });
});

/** What is kept at the page's origin, whoever keeps it. */
const keptAt = (page: Page) =>
  page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    browser: Object.keys(localStorage),
    tab: Object.keys(sessionStorage),
    serviceWorkers: (await navigator.serviceWorker.getRegistrations()).length,
  }));

test("everything is deleted, by keyboard, in every tab, and nothing that is not Ingle's", async ({
  page,
  site,
  context,
}) => {
  await saveData(page);
  await page.goto(`${site}#/models`);
  await page.getByLabel("Or files of this computer").setInputFiles({ name: "mine.gguf", mimeType: "", buffer: gguf });
  await expect(page.getByText("mine is here, under “Your own”.")).toBeVisible({ timeout: 20_000 });
  await page.goto(`${site}#/`);
  await talk(page);
  await page.evaluate(async () => {
    await (await caches.open("ingle-on-use")).put("kept.js", new Response("kept"));
    // Another program of the same origin.
    await (await caches.open("others")).put("theirs.js", new Response("theirs"));
    await new Promise((resolve) => (indexedDB.open("others").onsuccess = resolve));
    localStorage.setItem("others", "theirs");
    sessionStorage.setItem("others", "theirs");
  });
  const other = await context.newPage();
  await saveData(other);
  await other.goto(site);
  await other.getByRole("textbox", { name: "Message" }).fill("In another tab");
  await expect(other.getByRole("button", { name: /What is kept/ }).first()).toBeVisible();

  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByLabel("Theme").selectOption("Dark");
  await page.getByRole("button", { name: "Remove https://huggingface.co" }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export all conversations" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("ingle-conversations.json");
  expect(await readFile(await download.path(), "utf8")).toContain("What is kept?");
  const before = await keptAt(page);
  expect(before.databases).toEqual(expect.arrayContaining(["ingle-chats", "ingle-chunks", "ingle-models", "others"]));
  expect(before.browser).toEqual(expect.arrayContaining(["ingle.page", "ingle.hosts", "others"]));
  expect(before.caches.length).toBeGreaterThan(2);
  expect(before.tab.length).toBeGreaterThan(1);
  expect(before.serviceWorkers).toBe(1);

  const asks = page.getByRole("button", { name: "Delete everything…" });
  const keeps = page.getByRole("button", { name: "Keep everything" });
  await asks.focus();
  await page.keyboard.press("Enter");
  await expect(
    page.getByText(/^Delete all of it for good\? 1 model \(.+\) and 1 conversation would be gone\.$/),
  ).toBeVisible();
  await expect(keeps).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(asks).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(keeps).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");

  for (const tab of [page, other]) {
    await expect(tab.getByRole("heading", { name: "Everything is deleted" })).toBeVisible({ timeout: 30_000 });
    await expect(tab.getByText("Nothing of Ingle is left in this browser.")).toBeVisible();
    expect(await keptAt(tab)).toEqual({
      databases: ["others"],
      caches: ["others"],
      browser: ["others"],
      tab: tab === page ? ["others"] : [],
      serviceWorkers: 0,
    });
  }

  await expectAccessible(page, "everything deleted");
  await page.getByRole("button", { name: "Start anew" }).click();
  await expect(page.getByRole("textbox", { name: "Message" })).toHaveValue("");
  await expect(page.getByText("No conversations yet.")).toBeVisible();
  expect(await paperOf(page)).toBe(PAPER.light);
  // The other tab goes by what is so when it is asked again.
  await other.reload();
  await expect(other.getByRole("textbox", { name: "Message" })).toBeVisible();
  await other.close();

  // A tab that died half way has left the word.
  await page.evaluate(() => localStorage.setItem("ingle.erase", "all"));
  await page.reload();
  await expect(page.getByText("Nothing of Ingle is left in this browser.")).toBeVisible({ timeout: 30_000 });
  expect((await keptAt(page)).databases).toEqual(["others"]);
});
