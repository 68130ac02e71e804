/** Pages in their states, under axe, in light and dark, on phone and desktop; none wider than the window. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page, TestInfo } from "playwright/test";
import { isFull } from "./is-full";
import { expect, test } from "./test";

export interface PageState {
  readonly name: string;
  /** How to get there. */
  readonly enter: (page: Page, site: string) => Promise<void>;
  /** Whether it is entered on each screen anew. */
  readonly isPerScreen?: boolean;
}

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @param theme what it is dark in is what it is light in, but for its colours: of the dark theme those alone are looked at. */
export async function expectAccessible(page: Page, state: string, theme: "light" | "dark" = "light"): Promise<void> {
  await page.evaluate(axeSource); // as an expression: the page's policy forbids a script that is put in
  const options: RunOptions = {
    resultTypes: ["violations"], // of what passes, no list of each element
    ...(theme === "dark" && { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } }),
  };
  const { violations, passes } = await page.evaluate((options) => {
    const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    return axe.run(options);
  }, options);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  expect(found, `axe on ${state}`).toEqual([]);
  expect(passes.length, `rules that axe could apply on ${state}`).toBeGreaterThan(theme === "light" ? 10 : 0);
  expect(await page.evaluate(checkedForSpelling), `fields of ${state} whose text a browser may send away`).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, `px that ${state} is wider than the window`).toBeLessThanOrEqual(0);
}

/** @returns the ids of text fields that leave it to the browser: see docs/awkward-spots.md. */
function checkedForSpelling(): string[] {
  const found: string[] = [];
  const isSent = (field: HTMLElement): boolean =>
    field.spellcheck || (field.matches("textarea") && field.getAttribute("writingsuggestions") !== "false");
  const visit = (root: Document | ShadowRoot): void => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot !== null) visit(element.shadowRoot);
      const isText = element.matches("textarea, input:is([type=text], [type=search], [type=url], :not([type]))");
      if (isText && element.matches(":read-write") && isSent(element as HTMLElement)) found.push(element.id);
    }
  };
  visit(document);
  return found;
}

interface Screen {
  readonly name: string;
  readonly viewport: { readonly width: number; readonly height: number };
}

const SCREENS: readonly [Screen, Screen] = [
  { name: "desktop", viewport: { width: 1280, height: 900 } },
  { name: "phone", viewport: { width: 360, height: 740 } },
];

/**
 * Looks at the page as it is: on each screen, and in the dark theme on the first. Leaves it as it was. `npm run test:full`
 * has what takes too long for every run: the dark theme's colours on each screen, and pictures to be looked at.
 */
export async function lookAt(
  page: Page,
  state: string,
  testInfo: TestInfo,
  screens: readonly Screen[] = SCREENS,
): Promise<void> {
  const before = page.viewportSize();
  for (const { name: screen, viewport } of screens) {
    await page.setViewportSize(viewport);
    const isLightOnly = !isFull && viewport !== screens[0]?.viewport;
    for (const colorScheme of ["light", "dark"] as const) {
      if (isLightOnly && colorScheme === "dark") continue;
      await page.emulateMedia({ colorScheme });
      const path = testInfo.outputPath(`${screen}-${colorScheme}-${state.replaceAll(/\W+/g, "-")}.png`);
      if (isFull) await page.screenshot({ path, fullPage: true });
      await expectAccessible(page, `${state}, ${screen}, ${colorScheme}`, colorScheme);
    }
  }
  if (before !== null) await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: null });
}

/**
 * A test for each state: entered once and looked at on both screens, as getting there is what takes long; or once for each
 * screen, where the way there differs.
 */
export function testStates(states: readonly PageState[]): void {
  for (const state of states) {
    if (state.isPerScreen !== true) testState(state, SCREENS);
    else for (const screen of SCREENS) test.describe(screen.name, () => testState(state, [screen]));
  }
}

function testState({ name, enter }: PageState, screens: readonly [Screen, ...Screen[]]): void {
  test.describe(() => {
    test.use({ viewport: screens[0].viewport });
    test(name, async ({ page, site }, testInfo) => {
      await enter(page, site);
      await lookAt(page, name, testInfo, screens);
    });
  });
}
