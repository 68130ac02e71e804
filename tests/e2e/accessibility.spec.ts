/** Every page and state under axe, in light and dark, on phone and desktop; and the whole of it by keyboard alone. */
import type { Page } from "playwright/test";
import { lookAt, testStates, type PageState } from "../helpers/accessible";
import { expect, openCheck, reportOf, test } from "../helpers/test";

/** The worker loads and never answers, so facts take as long as they may. */
async function makeWorkerDeaf(page: Page): Promise<void> {
  await page.context().route(/\/assets\/entry-[^/]*\.js$/, async (route) => {
    await route.fulfill({ response: await route.fetch(), body: "self.onmessage = () => {}; export {};" });
  });
}

/** Each state the page can be in, and how to get there. */
const STATES: readonly PageState[] = [
  { name: "check", enter: openCheck },
  {
    name: "models",
    enter: async (page, site) => {
      await page.goto(`${site}#/models`);
      await expect(page.getByText("For this device")).toBeVisible({ timeout: 20_000 });
      await page.locator("details").evaluateAll((all) => all.forEach((one) => one.setAttribute("open", "")));
    },
  },
  {
    name: "still checking",
    enter: async (page, site) => {
      await makeWorkerDeaf(page);
      await page.goto(`${site}#/check`);
      await expect(page.getByText("Asking this browser about its GPU…")).toBeVisible();
    },
  },
  {
    name: "not found out",
    enter: async (page, site) => {
      await makeWorkerDeaf(page);
      await openCheck(page, site);
      await expect(page.getByRole("button", { name: "Check again" })).toBeVisible();
    },
  },
  {
    name: "copying by hand, an install and an update offered",
    enter: async (page, site) => {
      await page.addInitScript(() => {
        delete (Navigator.prototype as { clipboard?: unknown }).clipboard;
      });
      await openCheck(page, site);
      await page.evaluate(async () => {
        dispatchEvent(new Event("beforeinstallprompt")); // which no headless browser sends
        const app = document.querySelector<HTMLElement & { shell: unknown; updateComplete: Promise<unknown> }>(
          "ingle-app",
        );
        if (app === null) return;
        app.shell = undefined;
        await app.updateComplete;
        app.shell = { onUpdate: (tell: () => void) => tell() };
      });
      await page.getByRole("button", { name: "Copy JSON" }).click();
      await expect(page.getByRole("textbox", { name: "Copy it from here" })).toBeVisible();
      await expect(page.getByRole("button", { name: "Install" })).toBeVisible();
      await expect(page.getByRole("button", { name: "Reload with it" })).toBeVisible();
    },
  },
  {
    name: "no WebGPU",
    enter: async (page, site) => {
      await page.addInitScript(() => {
        delete (Navigator.prototype as { gpu?: unknown }).gpu;
      });
      await openCheck(page, site);
    },
  },
  {
    name: "shared report",
    enter: async (page, site) => {
      await openCheck(page, site);
      const { packReport } = await import("../../src/probe/share-link");
      const link = `${site}#/check?report=${await packReport(await reportOf(page))}`;
      await page.goto("about:blank");
      await page.goto(link);
      await expect(page.getByTestId("verdict")).toBeVisible();
    },
  },
  {
    name: "broken link",
    enter: async (page, site) => {
      await page.goto(`${site}#/check?report=1.x`);
      await expect(page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "compare dialog with an error",
    enter: async (page, site) => {
      await openCheck(page, site);
      await page.getByRole("button", { name: "Compare…" }).click();
      await page.getByRole("button", { name: "Compare", exact: true }).click();
      await expect(page.locator("compare-dialog").getByRole("alert")).toHaveText(/Paste a report/);
      await page.waitForTimeout(400); // the dialog's fade: half-faded text has no contrast to measure
    },
  },
  {
    name: "network, with a changed list and an error",
    enter: async (page, site) => {
      await page.goto(`${site}#/network`);
      await page.getByLabel("Add a host").fill("models.example.org");
      await page.keyboard.press("Enter");
      await expect(page.getByText("The list has changed.")).toBeVisible();
      await page.getByLabel("Add a host").fill("not a host");
      await page.keyboard.press("Enter");
      await expect(page.getByRole("alert")).toBeVisible();
    },
  },
];

testStates(STATES);

test("measuring, measured, and compared", async ({ page, site }, testInfo) => {
  await openCheck(page, site);
  await page.getByRole("button", { name: "Measure speed" }).click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await lookAt(page, "measuring", testInfo);

  const report = JSON.stringify(await reportOf(page, { measure: true })).replace("swiftshader", "other");
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  await page.locator("details").evaluateAll((all) => all.forEach((one) => one.setAttribute("open", "")));
  await lookAt(page, "measured", testInfo);

  await page.getByRole("button", { name: "Compare…" }).click();
  await page.getByLabel("Report or link").fill(report);
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await page.getByLabel("Show what is the same, too").check();
  await page.waitForTimeout(400); // as above
  await lookAt(page, "compared", testInfo);
});

/** Tabs until the focus is on what has this role and name; it has to come within a screenful of stops. */
async function tabTo(page: Page, role: "button" | "link" | "textbox", name: string): Promise<void> {
  const target = page.getByRole(role, { name, exact: true });
  for (let stops = 0; stops < 25; stops++) {
    await page.keyboard.press("Tab");
    if (await target.evaluate((element) => element.matches(":focus"))) return;
  }
  throw new Error(`The ${role} "${name}" is not reached by Tab.`);
}

test("all of it works by keyboard alone", async ({ page, site, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openCheck(page, site);

  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();

  await tabTo(page, "button", "Measure speed");
  await page.keyboard.press("Enter");
  // The focus stays: Enter once more stops.
  await expect(page.getByRole("button", { name: "Stop" })).toBeFocused();
  await page.waitForTimeout(600); // past what is taken for a double click, and long before the end
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /^Measure/ })).toBeFocused();

  await tabTo(page, "button", "Copy JSON");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The report is on the clipboard.")).toBeVisible();
  const report = await page.evaluate(() => navigator.clipboard.readText());

  await tabTo(page, "button", "Compare…");
  await page.keyboard.press("Enter");
  const field = page.getByLabel("Report or link");
  await expect(field).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(field).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Compare…" })).toBeFocused();

  await page.keyboard.press("Enter");
  await expect(field).toBeFocused();
  await page.keyboard.insertText(report);
  await tabTo(page, "button", "Compare");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Compared" })).toBeFocused();
  await tabTo(page, "button", "End comparison");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Compared" })).toHaveCount(0);

  await page.reload();
  await expect(page.getByTestId("verdict")).toBeVisible();
  await tabTo(page, "link", "Settings");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await expect(page.getByRole("main")).toBeFocused();
  await tabTo(page, "textbox", "Add a host");
  await page.keyboard.type("models.example.org");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The list has changed.")).toBeVisible();
  await page.keyboard.press("Shift+Tab"); // the last entry's Remove
  await expect(page.getByRole("button", { name: "Remove https://models.example.org" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("https://models.example.org")).toHaveCount(0);
  await expect(page.getByLabel("Add a host")).toBeFocused();
});

test("a screen reader hears the verdict, and each limit with its standing in words", async ({ page, site }) => {
  await openCheck(page, site);
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "What WebGPU can do here" [level=1]
    - region "Verdict":
      - paragraph: /Yes, but slowly/
    - button "Measure speed"
    - region "GPU"
    - region "Limits":
      - heading "Limits" [level=2]
      - table "Limits":
        - rowgroup:
          - row "What Value Against the default"
        - rowgroup:
          - row /maxBufferSize 1 GiB .*\\+768 MiB, 4 × the default/
  `);
});
