/** The chat as a person sees it: its parts by their names, and what is done with them. */
import { expect, type Locator, type Page } from "playwright/test";

/** [ms] A first visit's loading, on a busy machine. */
export const LOADING = 150_000;

const MOST_TABS = 80;

export const box = (tab: Page) => tab.getByRole("textbox", { name: "Message", exact: true });
export const log = (tab: Page) => tab.getByRole("log", { name: "Conversation" });
export const replies = (tab: Page) => log(tab).getByRole("article", { name: "Assistant" });
export const model = (tab: Page) => tab.getByRole("status", { name: "Model", exact: true });
export const button = (tab: Page, name: string) => tab.getByRole("button", { name, exact: true });

/** Before the page is opened: data is to be saved, so no model is fetched before somebody says so. */
export async function saveData(tab: Page): Promise<void> {
  await tab.addInitScript(() => Object.defineProperty(navigator, "connection", { value: { saveData: true } }));
}

/** The chat without a model: data is to be saved, so none is fetched. */
export async function openIdle(tab: Page, site: string): Promise<void> {
  await saveData(tab);
  await tab.goto(site);
  await expect(model(tab)).toContainText("Your browser asks to save data");
}

/** Takes presets in by their dialog. @returns it, still open. */
export async function importPresets(tab: Page, presets: readonly object[]): Promise<Locator> {
  await button(tab, "Presets…").click();
  const dialog = tab.getByRole("dialog", { name: "Presets" });
  const buffer = Buffer.from(JSON.stringify({ kind: "ingle-presets", version: 1, presets }));
  const file = { name: "presets.json", mimeType: "application/json", buffer };
  await dialog.locator("input[type=file]").setInputFiles(file);
  await expect(dialog.getByText(`${presets.length} preset${presets.length === 1 ? "" : "s"} imported.`)).toBeVisible();
  return dialog;
}

export async function ask(tab: Page, text: string): Promise<void> {
  await box(tab).fill(text);
  await box(tab).press("Enter");
}

/** What the model wrote, as it is drawn from: how Markdown shows it is not these tests' matter. */
export async function textOf(reply: Locator): Promise<string> {
  const text = reply.locator("message-text");
  if ((await text.count()) === 0) return "";
  return text.evaluate((element) => (element as HTMLElement & { text: string }).text);
}

export async function waitForText(reply: Locator, characters: number): Promise<string> {
  const look = { timeout: LOADING, intervals: [100] }; // a reply of a few dozen tokens is soon over
  await expect.poll(async () => (await textOf(reply)).length, look).toBeGreaterThan(characters);
  return textOf(reply);
}

/** Goes to a control as somebody without a mouse does. */
export async function reach(tab: Page, target: Locator): Promise<void> {
  await expect(target).toBeEnabled();
  for (let presses = 0; presses < MOST_TABS; presses++) {
    if (await target.evaluate((element) => element.matches(":focus"))) return;
    await tab.keyboard.press("Tab");
  }
  throw new Error(`${MOST_TABS} presses of Tab do not lead to it: ${String(target)}`);
}

/** The same, and presses it. */
export async function press(tab: Page, target: Locator): Promise<void> {
  await reach(tab, target);
  await tab.keyboard.press("Enter");
}
