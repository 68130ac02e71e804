/**
 * What a model might write to run a script or reach a host, drawn in the built page's own conversation: with its policies
 * and workers, behind the logging proxy. `ui-browser/hostile.test.ts` has what becomes of each sample.
 */
import type { Page } from "playwright/test";
import { hostileSamples } from "../fixtures/hostile-markdown";
import { model } from "../helpers/chat-page";
import { expect, test } from "../helpers/test";

declare const globalThis: { pwned: () => void; executions: number };

/** Samples a conversation: all of one are on the page at once. */
const SAMPLES = 90;

/** A file of conversations, the samples being what the model said, one after the other. */
function fileOfSamples(): { buffer: Buffer; titles: string[] } {
  const titles: string[] = [];
  const conversations = [];
  for (let from = 0; from < hostileSamples.length; from += SAMPLES) {
    const title = `Samples from ${from}`;
    titles.push(title);
    const messages = ["Go on.", ...hostileSamples.slice(from, from + SAMPLES)].map((content, i) => ({
      id: `m${i}`,
      ...(i > 0 && { parent: `m${i - 1}` }),
      role: i === 0 ? "user" : "assistant",
      content: i === 0 ? content : `Before.\n\n${content}\n\nAfter.`,
      state: "whole",
      createdAt: 1000 + i,
    }));
    const leaf = `m${messages.length - 1}`;
    conversations.push({ id: `samples-${from}`, title, createdAt: 1, changedAt: 1, leaf, messages });
  }
  return {
    buffer: Buffer.from(JSON.stringify({ kind: "ingle-conversations", version: 1, conversations })),
    titles,
  };
}

/** Replies on the page, and those that are drawn as Markdown rather than shown as they are. */
const countReplies = (tab: Page) =>
  tab.getByRole("article", { name: "Assistant" }).evaluateAll((replies) => {
    const texts = replies.flatMap((reply) => [...reply.querySelectorAll("message-text")]);
    const drawn = texts.filter(
      ({ shadowRoot }) =>
        shadowRoot?.querySelector(".plain") === null && shadowRoot.querySelector(".blocks")?.hasChildNodes() === true,
    );
    return { replies: replies.length, drawn: drawn.length };
  });

test("hostile replies run nothing, reach no host and break no policy", async ({
  page: tab,
  context,
  network,
  site,
}) => {
  test.setTimeout(240_000);
  expect(new Set(hostileSamples).size).toBeGreaterThanOrEqual(200);
  // Held, or a sample that takes the name away would hide what the others do.
  await tab.addInitScript(() => {
    Object.defineProperty(navigator, "connection", { value: { saveData: true } });
    let executions = 0;
    Object.defineProperty(globalThis, "executions", { get: () => executions });
    Object.defineProperty(globalThis, "pwned", { value: () => executions++ });
  });
  await tab.goto(site);
  await tab.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await expect(model(tab)).toContainText("is fetched only when you say so"); // before it is open a page takes no files
  const address = tab.url();
  const { buffer, titles } = fileOfSamples();
  const list = tab.getByRole("navigation", { name: "Conversations" });
  const file = { name: "hostile.json", mimeType: "application/json", buffer };
  await list.locator("input[type=file]").setInputFiles(file);
  let seen = 0;
  for (const title of titles) {
    await tab.getByRole("button", { name: title, exact: true }).click();
    const expected = Math.min(SAMPLES, hostileSamples.length - seen);
    await expect.poll(() => countReplies(tab), { timeout: 60_000 }).toEqual({ replies: expected, drawn: expected });
    seen += expected;
  }
  expect(seen).toBe(hostileSamples.length);
  expect(tab.url().replace(/#.*/, "")).toBe(address.replace(/#.*/, ""));
  expect(context.pages()).toHaveLength(1);

  const hostileAsked = () => [...new Set(network.asked.filter((host) => host.includes("hostile")))];
  expect(hostileAsked()).toEqual([]);

  // The traps spring: had a script run, or somebody asked for that host, it would be seen.
  expect(await tab.evaluate(() => globalThis.executions)).toBe(0);
  await tab.evaluate(() => globalThis.pwned());
  expect(await tab.evaluate(() => globalThis.executions)).toBe(1);
  network.names.set("hostile.invalid", Number(new URL(site).port));
  await (await context.newPage()).goto("http://hostile.invalid/control");
  expect(hostileAsked()).toEqual(["hostile.invalid:80"]);
});
