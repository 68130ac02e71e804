/** Files with a message, presets, and a search that opens where it found: with the real starter, loaded once. */
import type { Page } from "playwright/test";
import { expectAccessible } from "../helpers/accessible";
import { ask as send, box, button, LOADING, replies } from "../helpers/chat-page";
import { expect, test } from "../helpers/test";

test.describe.configure({ timeout: 240_000 });

const files = (tab: Page) => tab.getByRole("list", { name: "Attached files" });

const choose = (tab: Page, name: string, content: string | Buffer) =>
  tab.locator("chat-box input[type=file]").setInputFiles({ name, mimeType: "", buffer: Buffer.from(content) });

const usedTokens = async (tab: Page) =>
  Number(
    (await tab.getByText(/^[\d,]+ of [\d,]+ tokens of context$/).textContent())?.split(" of ")[0]?.replace(",", ""),
  );

async function ask(tab: Page, text: string): Promise<void> {
  await send(tab, text);
  await expect(button(tab, "Stop")).toBeVisible();
}

async function stop(tab: Page): Promise<void> {
  await tab.keyboard.press("Escape");
  await expect(replies(tab).last()).toHaveAttribute("aria-busy", "false");
}

test("files go into the prompt, presets into every reply, and a search opens at what it found", async ({
  page: tab,
  site,
}) => {
  await tab.goto(site);
  await expect(tab.getByText("SmolLM2-135M-Instruct is ready.")).toBeVisible({ timeout: LOADING });

  // What is no text, or too much of it, is said to be; what is, says its cost.
  await choose(tab, "picture.png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]));
  await expect(tab.getByText("picture.png can't be attached: it is no text.")).toBeVisible();
  await tab.locator("chat-box input[type=file]").setInputFiles([
    { name: "long.txt", mimeType: "", buffer: Buffer.alloc(2 ** 20 + 1, "x") },
    { name: "nothing.txt", mimeType: "", buffer: Buffer.from(" ") },
  ]);
  await expect(tab.getByText(/^long\.txt can't be attached: it has 1 MiB/)).toBeVisible();
  await expect(tab.getByText("nothing.txt can't be attached: it is empty.")).toBeVisible();
  await choose(tab, "notes.txt", "The lighthouse keeper is called Ottilie. ".repeat(8));
  await expect(files(tab)).toContainText(/notes\.txt\s*328 B, \d+ tokens/);
  await choose(tab, "other.md", Buffer.from("\ufeffÄ second one.", "utf16le"));
  await button(tab, "Remove other.md").click();
  await expect(files(tab)).not.toContainText("other.md");
  await expect(button(tab, "Remove notes.txt")).toBeFocused();
  const cost = Number(/(\d+) tokens/.exec((await files(tab).textContent()) ?? "")?.[1]);
  expect(cost).toBeGreaterThan(60);

  await ask(tab, `Who keeps it? ${"I have forgotten all I knew of lighthouses. ".repeat(4)}And what of the zebra?`);
  await expect(files(tab)).toHaveCount(0);
  await expect(replies(tab).locator("message-text")).toBeVisible({ timeout: LOADING });
  await stop(tab);
  expect(await usedTokens(tab)).toBeGreaterThan(cost);
  const mine = tab.getByRole("article", { name: "You" });
  await mine.getByText("notes.txt (328 B)").click();
  await expect(mine.getByText(/^The lighthouse keeper is called Ottilie\./)).toBeVisible();

  // The old branch is found by what is in its file alone, and shown.
  await tab.waitForTimeout(450); // past what is taken for a double click
  await mine.getByRole("button", { name: "Edit", exact: true }).click();
  await tab.getByRole("textbox", { name: "Edit the message" }).fill("ما عاصمة فرنسا؟");
  await button(tab, "Send the edited message").click();
  await expect(button(tab, "Stop")).toBeVisible();
  await stop(tab);
  expect(await mine.locator("div.plain").evaluate((element) => getComputedStyle(element).direction)).toBe("rtl");
  await tab.getByRole("searchbox", { name: "Search" }).fill("ZEBRA");
  await tab.getByRole("button", { name: /what of the zebra/ }).click();
  await expect(mine).toContainText("And what of the zebra?");
  await expect(tab.locator("chat-message[found]")).toBeFocused();

  // A preset: told first, in a new conversation.
  await tab.getByRole("searchbox", { name: "Search" }).fill("");
  await button(tab, "New conversation").click();
  await button(tab, "Presets…").click();
  const dialog = tab.getByRole("dialog", { name: "Presets" });
  await dialog.getByRole("button", { name: "New preset" }).click();
  await expect(dialog.getByLabel("Name")).toBeFocused();
  await dialog.getByLabel("Name").fill("Terse");
  await dialog.getByLabel(/^System prompt/).fill("You are a lighthouse. ".repeat(20));
  await dialog.getByLabel("Temperature").fill("0");
  // What is not saved is not lost to Escape, however often it is pressed.
  await tab.keyboard.press("Escape");
  await tab.keyboard.press("Escape");
  await expect(dialog.getByText("What you changed is not saved yet")).toBeVisible();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("Terse", { exact: true })).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Edit Terse" })).toBeFocused();
  const saved = tab.waitForEvent("download");
  await dialog.getByRole("button", { name: "Export all" }).click();
  const file = await (await saved).path();
  await dialog.getByRole("button", { name: "Delete Terse" }).click();
  await expect(dialog.getByText("“Terse” was deleted.")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Undo" })).toBeFocused();
  await dialog.locator("input[type=file]").setInputFiles(file);
  await expect(dialog.getByText("1 preset imported.")).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await tab.getByLabel("Preset", { exact: true }).selectOption("Terse");
  await ask(tab, "Hi");
  await expect(replies(tab).locator("message-text")).toBeVisible({ timeout: LOADING });
  await stop(tab);
  expect(await usedTokens(tab)).toBeGreaterThan(80);
  await tab.reload();
  await expect(tab.getByLabel("Preset", { exact: true })).toHaveValue(/.+/);

  // 200 % of a small window, and a phone: nothing is out of reach.
  for (const viewport of [
    { width: 640, height: 400 },
    { width: 320, height: 640 },
  ]) {
    await tab.setViewportSize(viewport);
    await expect(box(tab)).toBeInViewport();
    await expect(button(tab, "Send")).toBeInViewport();
    await expectAccessible(tab, `a window of ${viewport.width} × ${viewport.height}`);
  }
});
