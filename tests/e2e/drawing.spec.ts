/** What drawing a long conversation costs: its elements counted, its longest task measured. `test:full` has all 20,000 tokens. */
import type { Page } from "playwright/test";
import { ask, button, log, model, replies } from "../helpers/chat-page";
import { isFull } from "../helpers/is-full";
import { longConversation } from "../helpers/long-conversation";
import { holdReplay } from "../helpers/replay";
import { expect, test } from "../helpers/test";

const TOKENS = isFull ? 20_000 : 1500;
const TOKENS_PER_SECOND = 500;
/** [ms] The longest that a page may not answer for. */
const LONGEST_TASK_MS = 200;

declare const globalThis: { tasks: number[] };

/** One of each part that replies have, some 250 characters. */
const SECTION = `## A lighthouse

It stands on **rock**, *alone*, and its \`lamp\` turns in $t = 5$ s.

- a lamp
- a stair

| a | b |
|---|---|
| 1 | 2 |

\`\`\`js
const light = (on) => (on ? "bright" : "dark");
\`\`\`

`;

/** In the page and all of its components: elements and texts. */
const countNodes = (tab: Page) =>
  tab.evaluate(() => {
    const count = (node: Node): number => {
      let sum = 1;
      for (const child of node.childNodes) sum += count(child);
      if (node instanceof Element && node.shadowRoot) sum += count(node.shadowRoot);
      return sum;
    };
    return count(document);
  });

test("2,000 messages are drawn in part, and a reply that streams into them keeps the page answering", async ({
  context,
  site,
}) => {
  test.setTimeout(60_000 + (TOKENS / TOKENS_PER_SECOND) * 4000);
  const pieces = SECTION.match(/[^]{1,4}/g) ?? [];
  const tokens = Array.from({ length: TOKENS }, (_, i) => pieces[i % pieces.length] ?? "");
  const whenTold = await holdReplay(context, site, { tokens, tokensPerSecond: TOKENS_PER_SECOND });
  const tab = await context.newPage();
  await tab.goto(site);
  await expect(model(tab)).toHaveText("SmolLM2-135M-Instruct is ready, in another tab.");
  const list = tab.getByRole("navigation", { name: "Conversations" });
  await list.locator("input[type=file]").setInputFiles(longConversation(2000));
  await button(tab, "Long").click();
  await expect(replies(tab)).toHaveCount(50);
  await expect(replies(tab).last()).toBeInViewport();
  await expect(button(tab, "↓ To the end")).toHaveCount(0);
  await log(tab).hover();
  await tab.mouse.wheel(0, -2000);
  await expect(replies(tab).last()).not.toBeInViewport();
  await button(tab, "↓ To the end").click();
  await expect(replies(tab).last()).toBeInViewport();
  await button(tab, "Show 100 earlier messages").click();
  await expect(replies(tab)).toHaveCount(100);

  const before = await countNodes(tab);
  await tab.evaluate(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.tasks.push(duration);
    }).observe({ type: "longtask" });
  });
  await ask(tab, "Tell me of it.");
  await whenTold();
  await tab.waitForTimeout(1000); // what is left to draw, and to keep
  const tasks = await tab.evaluate(() => globalThis.tasks);
  await expect(tab.getByText(`${TOKENS.toLocaleString("en")} tokens`, { exact: false })).toBeVisible();
  const after = await countNodes(tab);
  const longest = Math.max(0, ...tasks);
  console.log(
    `${TOKENS} tokens at ${TOKENS_PER_SECOND}/s into 2,000 messages: ${tasks.length} tasks over 50 ms, the longest ` +
      `${longest.toFixed(0)} ms; ${before} nodes before, ${after} after.`,
  );
  // What is drawn is 200 messages, whatever is kept; and a token of the reply makes some two nodes.
  await expect(log(tab).getByRole("article")).toHaveCount(200);
  expect(after - before).toBeLessThan(TOKENS * 2.5);
  if (isFull) expect(longest).toBeLessThan(LONGEST_TASK_MS);
});
