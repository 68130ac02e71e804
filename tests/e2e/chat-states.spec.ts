/** The chat with all that messages, lists and presets can hold, and with replies on their way, under axe. */
import type { Page } from "playwright/test";
import { STARTER } from "../../src/shared/starter";
import { testStates, type PageState } from "../helpers/accessible";
import { ask, button, importPresets, log, model, openIdle, replies } from "../helpers/chat-page";
import { holdReplay } from "../helpers/replay";
import { expect, test } from "../helpers/test";
import { wholeConversation } from "../helpers/whole-conversation";

/** A chat that fetches nothing, with all there is in it. */
async function openWhole(page: Page, site: string): Promise<void> {
  await openIdle(page, site);
  const list = page.getByRole("navigation", { name: "Conversations" });
  await list.locator("input[type=file]").setInputFiles(wholeConversation());
  await expect(list.getByText("2 conversations imported.")).toBeVisible();
  await list.getByRole("button", { name: "All there is" }).first().click();
  await expect(replies(page)).toHaveCount(4);
}

/** A model in another tab. */
async function openBeside(page: Page, site: string, tokensPerSecond = 5): Promise<void> {
  const tokens = Array.from({ length: 5000 }, (_, i) => (i % 40 === 39 ? ".\n\n" : " word"));
  await holdReplay(page.context(), site, { tokens, tokensPerSecond });
  await page.bringToFront();
  await page.goto(site);
  await expect(model(page)).toHaveText(`${STARTER.name} is ready, in another tab.`);
}

/** A reply of that model, which goes on for as long as anybody looks. */
async function openReplay(page: Page, site: string, tokensPerSecond?: number): Promise<void> {
  await openBeside(page, site, tokensPerSecond);
  await ask(page, "Go on, and on.");
  await expect(replies(page)).toContainText("word word");
}

async function openPresets(page: Page, site: string) {
  await openWhole(page, site);
  const names = ["Terse", "A preset with a name that is much longer than a phone's window is wide, and then some"];
  return importPresets(
    page,
    names.map((name) => ({ name })),
  );
}

const STATES: readonly PageState[] = [
  {
    name: "all that messages are made of, and a reply cut off",
    enter: async (page, site) => {
      await openWhole(page, site);
      await expect(log(page).getByText("This reply was cut off.")).toBeVisible();
      await expect(button(page, "Continue")).toBeVisible();
      await log(page)
        .locator("details")
        .evaluateAll((all) => all.forEach((one) => one.setAttribute("open", "")));
    },
  },
  {
    name: "conversations found, one deleted, with a message deleted",
    enter: async (page, site) => {
      await openWhole(page, site);
      await log(page).getByRole("button", { name: "Delete", exact: true }).last().click();
      await expect(page.getByText("The message, and what followed it, was deleted.")).toBeVisible();
      const list = page.getByRole("navigation", { name: "Conversations" });
      await list.getByRole("button", { name: "More on “Another”" }).click();
      await list.getByRole("button", { name: "Delete", exact: true }).click();
      await expect(list.getByText("“Another” was deleted.")).toBeVisible();
      await list.getByRole("searchbox", { name: "Search" }).fill("granite");
      await expect(list.getByText("1 conversation found")).toBeVisible();
    },
  },
  {
    name: "a conversation renamed, and a file that is none",
    enter: async (page, site) => {
      await openWhole(page, site);
      const list = page.getByRole("navigation", { name: "Conversations" });
      const buffer = Buffer.from("This is no export.");
      await list.locator("input[type=file]").setInputFiles({ name: "text.json", mimeType: "", buffer });
      await expect(list.locator("p.error")).toBeVisible();
      await list.getByRole("button", { name: "More on “Another”" }).click();
      await list.getByRole("button", { name: "Rename" }).click();
      await expect(list.getByRole("textbox", { name: "Title" })).toBeFocused();
    },
  },
  {
    name: "presets, one deleted",
    enter: async (page, site) => {
      const dialog = await openPresets(page, site);
      await dialog.getByRole("button", { name: "Delete Terse" }).click();
      await expect(dialog.getByText("“Terse” was deleted.")).toBeVisible();
    },
  },
  {
    name: "a preset that is not saved yet",
    enter: async (page, site) => {
      const dialog = await openPresets(page, site);
      await dialog.getByRole("button", { name: "Edit Terse" }).click();
      await dialog.getByLabel("Temperature").fill("0.5");
      await page.keyboard.press("Escape");
      await expect(dialog.getByText("What you changed is not saved yet")).toBeVisible();
    },
  },
  {
    name: "a reply on its way, with files for the next message",
    enter: async (page, site) => {
      await openReplay(page, site);
      const file = { name: "notes.txt", mimeType: "", buffer: Buffer.from("The keeper is called Ottilie.") };
      await page.locator("chat-box input[type=file]").setInputFiles(file);
      await expect(page.getByRole("list", { name: "Attached files" })).toContainText("notes.txt");
    },
  },
  {
    name: "a reply on its way in another conversation, and a file that is no text",
    enter: async (page, site) => {
      await openReplay(page, site);
      await button(page, "New conversation").click();
      await expect(page.getByText("A reply is being written in “Go on, and on.”.")).toBeVisible();
      const file = { name: "picture.png", mimeType: "", buffer: Buffer.from([0x89, 0x50, 0xff, 0x00]) };
      await page.locator("chat-box input[type=file]").setInputFiles(file);
      await expect(page.getByText("picture.png can't be attached: it is no text.")).toBeVisible();
    },
  },
  {
    name: "a reply whose model is gone and is loaded again",
    enter: async (page, site) => {
      await openReplay(page, site);
      await page.route(/\/starter\/[^/]*\.gguf/, () => undefined); // never answered
      await page.context().pages().at(-1)?.close();
      await expect(replies(page)).toContainText("The model was lost.");
    },
  },
  {
    name: "a model that is off the GPU",
    enter: async (page, site) => {
      await openBeside(page, site);
      await page.context().pages().at(-1)?.close();
      await expect(model(page)).toContainText("is off the GPU");
    },
  },
  {
    name: "a model that could not be loaded",
    enter: async (page, site) => {
      await page.route(/\/starter\/[^/]*\.gguf/, (route) => route.fulfill({ status: 404 }));
      await page.goto(site);
      await expect(button(page, "Try again")).toBeVisible({ timeout: 30_000 });
    },
  },
];

test.use({ serviceWorkers: "block" }); // what is routed here it would fetch
testStates(STATES);

test("a reply tells how fast it was, folds its thoughts away, and is copied without them", async ({
  page,
  site,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openWhole(page, site);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const rich = replies(page).first();
  await expect(rich).toContainText("Llama-3.2-1B-Instruct · 1,234 tokens · 12.3 tokens/s · first token after 0.321 s");
  const thoughts = rich.locator("details", { hasText: "Thoughts" });
  await expect(thoughts.getByText("I should be brief.")).toBeHidden();
  await thoughts.getByText("Thoughts").click();
  await expect(thoughts.getByText("I should be brief.")).toBeVisible();

  await rich.getByRole("button", { name: /^Copy the code/ }).click();
  await expect.poll(clipboard).toMatch(/^const light = .+ than a phone is\n?$/);
  await rich.getByRole("group", { name: "Actions" }).getByRole("button", { name: "Copy" }).click();
  await expect.poll(clipboard).toMatch(/^## A lighthouse\n\nIt stands on \*\*rock\*\*/);
  await expect(rich.getByRole("link", { name: /its history/ })).toHaveAttribute("rel", /noopener/);
  await expect(rich.locator("img")).toHaveCount(0);
});

test("who scrolls up while a reply is written stays there, and follows it again from its end on", async ({
  page,
  site,
}) => {
  await openReplay(page, site, 200);
  const scrolled = () =>
    log(page).evaluate(({ scrollTop, scrollHeight, clientHeight }) => ({
      top: scrollTop,
      below: scrollHeight - scrollTop - clientHeight,
    }));
  await expect.poll(async () => (await scrolled()).top, { timeout: 30_000 }).toBeGreaterThan(300);
  expect((await scrolled()).below).toBeLessThan(60);
  await log(page).hover();
  await page.mouse.wheel(0, -250);
  await expect(button(page, "↓ To the end")).toBeVisible();
  const { top, below } = await scrolled();
  await expect.poll(async () => (await scrolled()).below).toBeGreaterThan(below + 100); // it goes on
  expect((await scrolled()).top).toBe(top);
  await button(page, "↓ To the end").click();
  await expect(button(page, "↓ To the end")).toHaveCount(0);
  await expect.poll(async () => (await scrolled()).top).toBeGreaterThan(top + 250);
  expect((await scrolled()).below).toBeLessThan(60);
});
