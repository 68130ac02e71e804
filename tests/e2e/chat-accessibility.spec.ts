/** The chat's states under axe, without a model. Those with replies and all else there is are in chat-states.spec.ts. */
import type { Page } from "playwright/test";
import { testStates, type PageState } from "../helpers/accessible";
import { openIdle } from "../helpers/chat-page";
import { expect } from "../helpers/test";

/** Conversations whose replies were stopped before they began. */
async function talkInto(page: Page, conversations: number): Promise<void> {
  for (let i = 0; i < conversations; i++) {
    if (i > 0) {
      await page.evaluate(() => sessionStorage.clear()); // a tab that showed none yet
      await page.reload();
    }
    await page.getByRole("textbox", { name: "Message" }).fill(`What is said in conversation ${i}?`);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByText("No reply was written.").first()).toBeVisible();
  }
}

const STATES: readonly PageState[] = [
  {
    name: "first visit, with data to be saved",
    enter: openIdle,
  },
  {
    name: "a conversation with a reply that waits",
    enter: async (page, site) => {
      await openIdle(page, site);
      await talkInto(page, 1);
      await page.getByRole("textbox", { name: "Message" }).fill("And what is said now?");
      await page.keyboard.press("Enter");
      await expect(page.getByText("Waiting for the model…")).toBeVisible();
    },
  },
  {
    name: "a conversation with branches, edited",
    enter: async (page, site) => {
      await openIdle(page, site);
      await talkInto(page, 1);
      for (const action of ["Edit", "Send the edited message", "Stop"]) {
        if (action === "Stop") await page.waitForTimeout(450); // past what is taken for a double click
        await page.getByRole("button", { name: action, exact: true }).click();
        const field = page.getByRole("textbox", { name: "Edit the message" });
        if (action === "Edit") await field.fill("Something else.\n\nIn three lines.");
      }
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await expect(page.getByText("The old message stays")).toBeVisible();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("button", { name: "Edit", exact: true }).click();
    },
  },
  {
    name: "the conversations, one with all that can be done",
    isPerScreen: true, // beside the conversation, or in a drawer
    enter: async (page, site) => {
      await openIdle(page, site);
      await talkInto(page, 2);
      const drawer = page.getByRole("button", { name: "Conversations", exact: false }).first();
      if ((page.viewportSize()?.width ?? 0) < 900) await drawer.click();
      await page
        .getByRole("button", { name: /^More on/ })
        .first()
        .click();
      await expect(page.getByRole("button", { name: "Rename" })).toBeVisible();
    },
  },
  {
    name: "the chat without a GPU",
    enter: async (page, site) => {
      await page.addInitScript(() => {
        delete (Navigator.prototype as { gpu?: unknown }).gpu;
      });
      await page.goto(site);
      await expect(page.getByRole("link", { name: "What this browser and GPU can do" })).toBeVisible();
    },
  },
  {
    name: "the chat's keys",
    enter: async (page, site) => {
      await openIdle(page, site);
      await page.getByRole("heading", { level: 1 }).click();
      await page.keyboard.press("?");
      await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
    },
  },
];

testStates(STATES);
