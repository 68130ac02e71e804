/** The chat, as a person uses it, with the real starter: asked, stopped, gone on with, lost and found. */
import { readFile } from "node:fs/promises";
import type { FileChooser } from "playwright/test";
import {
  ask,
  box,
  button,
  LOADING,
  log,
  model,
  openIdle,
  press,
  reach,
  replies,
  textOf,
  waitForText,
} from "../helpers/chat-page";
import { startStaticHost } from "../helpers/static-host";
import { expect, test } from "../helpers/test";

test.describe.configure({ timeout: 300_000 });

const LONG = "Tell a long story about a lighthouse.";

test("by keyboard alone: asks, stops, goes on after a reload in a reply, edits, finds the old branch, deletes and undoes", async ({
  page: tab,
  site,
}) => {
  await tab.goto(site);
  await expect(box(tab)).toBeFocused();
  await expect(tab.getByText("A tiny model for a first taste, not for facts")).toBeVisible();
  await expect(tab.getByRole("progressbar", { name: /SmolLM2-135M-Instruct/ })).toBeVisible();
  // What is asked before there is a model is answered once there is one.
  await ask(tab, LONG);
  await expect(box(tab)).toHaveValue("");
  await expect(model(tab)).toHaveText("SmolLM2-135M-Instruct is ready.", { timeout: LOADING });
  await expect(replies(tab)).toHaveAttribute("aria-busy", "true");
  await waitForText(replies(tab), 40);

  // The page dies in the middle: at most the last second is lost.
  await tab.waitForTimeout(1500);
  const before = await textOf(replies(tab));
  await tab.reload();
  await expect(replies(tab)).toHaveAttribute("aria-busy", "false", { timeout: 15_000 });
  const kept = await textOf(replies(tab));
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.startsWith(before) || before.startsWith(kept), `"${kept}" is of "${before}"`).toBe(true);
  await expect(tab.getByText("This reply was cut off.")).toBeVisible();
  await press(tab, button(tab, "Continue"));
  const longer = await waitForText(replies(tab), kept.length + 20);
  expect(longer.startsWith(kept)).toBe(true);
  await tab.keyboard.press("Escape");
  await expect(replies(tab)).toHaveAttribute("aria-busy", "false");
  await expect(button(tab, "Send")).toBeVisible();
  const stopped = await textOf(replies(tab));

  // Another way to say it, beside the old one.
  await box(tab).focus();
  await box(tab).press("ArrowUp");
  const edit = tab.getByRole("textbox", { name: "Edit the message" });
  await expect(edit).toHaveValue(LONG);
  await edit.fill("What is the capital of France?");
  await edit.press("Enter");
  await expect(log(tab).getByText("2 of 2")).toBeVisible();
  await waitForText(replies(tab), 5);
  await tab.keyboard.press("Escape");
  await expect(tab.getByText(/^[\d,]+ of 4,096 tokens of context$/)).toBeVisible();
  await press(tab, button(tab, "Version before"));
  await expect(log(tab).getByText(LONG)).toBeVisible();
  expect(await textOf(replies(tab))).toBe(stopped);

  // Again, beside the one there is; then that one away, and back.
  await press(tab, button(tab, "Regenerate"));
  await expect(replies(tab)).toHaveAttribute("aria-busy", "true");
  await waitForText(replies(tab), 5);
  await tab.keyboard.press("Escape");
  await expect(replies(tab)).toHaveAttribute("aria-busy", "false");
  const again = await textOf(replies(tab));
  await press(tab, replies(tab).getByRole("button", { name: "Delete", exact: true }));
  await expect(tab.getByText("The message, and what followed it, was deleted.")).toBeVisible();
  await expect.poll(() => textOf(replies(tab))).toBe(stopped);
  await press(tab, tab.getByRole("button", { name: "Undo" }));
  await expect.poll(() => textOf(replies(tab))).toBe(again);
  await press(tab, button(tab, "New conversation"));
  await expect(replies(tab)).toHaveCount(0);
  await press(
    tab,
    tab.getByRole("navigation", { name: "Conversations" }).getByRole("listitem").getByRole("button").first(),
  );
  await expect.poll(() => textOf(replies(tab))).toBe(again);
  await press(tab, tab.getByRole("link", { name: "Settings", exact: true }));
  await expect(tab.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
});

test("a second visit, with the server gone, answers", async ({ page: tab }) => {
  const host = await startStaticHost("dist", "/sub/path/");
  await tab.goto(host.url);
  await tab.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await expect(model(tab)).toHaveText("SmolLM2-135M-Instruct is ready.", { timeout: LOADING });
  await host.stop();
  await tab.reload();
  await ask(tab, "What is the capital of Italy?");
  await waitForText(replies(tab), 5);
});

test("by keyboard alone: conversations are found, renamed, pinned, carried out and in, and deleted with a way back", async ({
  page: tab,
  site,
}, testInfo) => {
  await openIdle(tab, site);
  const search = tab.getByRole("searchbox", { name: "Search" });
  const more = (title: string) => button(tab, `More on “${title}”`);
  for (const text of ["Apples and pears", "Bread and butter"]) {
    await press(tab, button(tab, "New conversation"));
    await expect(box(tab)).toBeFocused();
    await tab.keyboard.type(text);
    await tab.keyboard.press("Enter");
    await expect(button(tab, "Stop")).toBeVisible();
    // Escape closes the menu, and stops no reply.
    await press(tab, more(text));
    await tab.keyboard.press("Tab");
    await expect(button(tab, "Rename")).toBeFocused();
    await tab.keyboard.press("Escape");
    await expect(button(tab, "Rename")).toHaveCount(0);
    await expect(more(text)).toBeFocused();
    await expect(button(tab, "Stop")).toBeVisible();
    await tab.waitForTimeout(450); // past what is taken for a double click
    await press(tab, button(tab, "Stop"));
    await expect(button(tab, "Send")).toBeVisible();
  }
  // A control that goes as it is pressed leaves the focus where it led to.
  await press(tab, button(tab, "Regenerate"));
  await expect(tab.locator("chat-message").last()).toBeFocused();
  await expect(button(tab, "Stop")).toBeVisible();
  await tab.keyboard.press("Escape");
  await press(tab, button(tab, "Version before"));
  await expect(button(tab, "Next version")).toBeFocused();
  await press(tab, button(tab, "Edit"));
  await tab.keyboard.press("Escape");
  await expect(button(tab, "Edit")).toBeFocused();

  const list = tab.getByRole("navigation", { name: "Conversations" });
  const titles = list.getByRole("listitem");
  await expect(titles).toHaveText([/Bread and butter/, /Apples and pears/]);

  await reach(tab, search);
  await tab.keyboard.type("PEARS");
  await expect(titles).toHaveCount(1);
  await press(tab, titles.getByRole("button"));
  await expect(log(tab).getByText("Apples and pears")).toBeVisible();
  await reach(tab, search);
  await tab.keyboard.press("Escape");
  await expect(titles).toHaveCount(2);

  await press(tab, more("Apples and pears"));
  await press(tab, button(tab, "Rename"));
  await expect(list.getByRole("textbox", { name: "Title" })).toBeFocused();
  await tab.keyboard.press("ControlOrMeta+a");
  await tab.keyboard.type("Fruit");
  await tab.keyboard.press("Enter");
  await press(tab, more("Fruit"));
  await press(tab, button(tab, "Pin"));
  await expect(titles).toHaveText([/Fruit/, /Bread and butter/]);
  await expect(more("Fruit")).toBeFocused();

  await tab.keyboard.press("Enter");
  const markdown = tab.waitForEvent("download");
  await press(tab, button(tab, "Export as Markdown"));
  expect((await markdown).suggestedFilename()).toBe("Fruit.md");
  const all = tab.waitForEvent("download");
  await press(tab, button(tab, "Export all"));
  const file = testInfo.outputPath("all.json");
  await (await all).saveAs(file);
  expect(await readFile(file, "utf8")).toContain("Bread and butter");
  const toRead = tab.waitForEvent("download");
  await press(tab, button(tab, "All as Markdown"));
  expect((await toRead).suggestedFilename()).toBe("ingle-conversations.md");
  const text = await readFile(await (await toRead).path(), "utf8");
  expect(text.match(/^# .*$/gmu)).toEqual(["# Fruit", "# Bread and butter"]);

  await press(tab, more("Fruit"));
  await press(tab, list.getByRole("button", { name: "Delete", exact: true }));
  await expect(titles).toHaveText([/Bread and butter/]);
  await expect(list.getByRole("button", { name: "Undo" })).toBeFocused();
  await tab.keyboard.press("Enter");
  await expect(titles).toHaveText([/Fruit/, /Bread and butter/]);
  await expect(list.getByRole("button", { name: "Fruit", exact: false }).first()).toBeFocused();
  await expect(log(tab).getByText("Apples and pears")).toBeVisible();

  await press(tab, more("Fruit"));
  await press(tab, list.getByRole("button", { name: "Delete", exact: true }));
  await expect(titles).toHaveCount(1);
  const importFrom = async (chosen: Parameters<FileChooser["setFiles"]>[0]) => {
    const chooser = tab.waitForEvent("filechooser");
    await press(tab, button(tab, "Import…"));
    await (await chooser).setFiles(chosen);
  };
  await importFrom({ name: "no.json", mimeType: "", buffer: Buffer.from("no JSON") });
  await expect(list.locator(".error")).toHaveCount(1);
  await importFrom(file);
  await expect(list.getByText("1 conversation imported, 1 were here already.")).toBeVisible();
  await expect(list.locator(".error")).toHaveCount(0);
  await expect(titles).toHaveText([/Fruit/, /Bread and butter/]);
});

test("in a low window the last conversation's menu is scrolled to, and from a narrow one's drawer a search leads to the message", async ({
  page: tab,
  site,
}) => {
  await openIdle(tab, site);
  const list = tab.getByRole("navigation", { name: "Conversations" });
  const conversation = { createdAt: 1, isPinned: false, leaf: "m" };
  const said = { "Bread and butter": "What goes with bread?", Fruit: "Apples and pears" };
  const conversations = Object.entries(said).map(([title, content], i) => ({
    ...conversation,
    id: `c${i}`,
    changedAt: i,
    title,
    messages: [{ id: "m", role: "user", content, state: "whole", createdAt: 1 }],
  }));
  const buffer = Buffer.from(JSON.stringify({ kind: "ingle-conversations", version: 1, conversations }));
  await list.locator("input[type=file]").setInputFiles({ name: "two.json", mimeType: "", buffer });
  await expect(list.getByText("2 conversations imported.")).toBeVisible();

  // A click elsewhere closes it.
  await tab.setViewportSize({ width: 1000, height: 470 });
  await button(tab, "More on “Bread and butter”").click();
  await expect(list.getByRole("button", { name: "Delete", exact: true })).toBeInViewport({ ratio: 1 });
  await box(tab).click();
  await expect(button(tab, "Rename")).toHaveCount(0);

  await tab.setViewportSize({ width: 700, height: 700 });
  await button(tab, "☰ Conversations").click();
  await tab.getByRole("searchbox", { name: "Search" }).fill("pears");
  await tab.getByRole("dialog").getByRole("button", { name: "Apples and pears" }).click();
  await expect(tab.getByRole("dialog")).toHaveCount(0);
  await expect(tab.locator("chat-message[found]")).toBeFocused();
});

test("what was typed and not sent is there after a reload; ? shows the keys", async ({ page: tab, site }) => {
  await openIdle(tab, site);
  await box(tab).fill("Half a thou");
  const notes = { name: "notes.txt", mimeType: "", buffer: Buffer.from("The keeper is called Ottilie.") };
  await tab.locator("chat-box input[type=file]").setInputFiles(notes);
  await expect(button(tab, "Remove notes.txt")).toBeVisible();
  await tab.reload();
  await expect(model(tab)).toContainText("Your browser asks to save data");
  await expect(box(tab)).toHaveValue("Half a thou");
  await expect(button(tab, "Remove notes.txt")).toBeVisible();
  await box(tab).press("?");
  await expect(tab.getByRole("dialog")).toHaveCount(0);
  await log(tab).focus();
  await tab.keyboard.press("?");
  await expect(tab.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await tab.keyboard.press("Escape");
  await expect(tab.getByRole("dialog")).toHaveCount(0);
});

test("what the browser clears while the page is open is kept again with the next message", async ({
  page: tab,
  site,
}) => {
  await openIdle(tab, site);
  const talk = async (text: string) => {
    await ask(tab, text);
    await expect(button(tab, "Stop")).toBeVisible();
    await tab.keyboard.press("Escape");
    await expect(button(tab, "Stop")).toHaveCount(0);
  };
  await talk("Before");
  const session = await tab.context().newCDPSession(tab);
  await session.send("Storage.clearDataForOrigin", { origin: new URL(site).origin, storageTypes: "indexeddb" });
  await talk("After");
  await expect(tab.getByRole("alert").filter({ hasText: /\w/ })).toHaveCount(0);
  await tab.reload();
  for (const text of ["Before", "After"]) await expect(log(tab).getByText(text, { exact: true })).toBeVisible();
});

test("without a GPU it says why, and leads to the check", async ({ page: tab, site }) => {
  await tab.addInitScript(() => {
    delete (Navigator.prototype as { gpu?: unknown }).gpu;
  });
  await tab.goto(site);
  await expect(model(tab)).toContainText("No model can run here.");
  await expect(tab.getByRole("progressbar")).toHaveCount(0);
  await ask(tab, "Hello?");
  await expect(tab.getByRole("alert").filter({ hasText: /\w/ })).toContainText("does not offer WebGPU");
  await tab.getByRole("link", { name: "What this browser and GPU can do" }).click();
  await expect(tab.getByTestId("verdict")).toBeVisible();
});
