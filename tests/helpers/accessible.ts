/** Pages in their states, under axe, in light and dark, on phone and desktop; none wider than the window. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright/test";
import { expect, test } from "./test";

export interface PageState {
  readonly name: string;
  /** How to get there. */
  readonly enter: (page: Page, site: string) => Promise<void>;
}

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function expectAccessible(page: Page, state: string): Promise<void> {
  await page.evaluate(axeSource); // as an expression: the page's policy forbids a script that is put in
  const { violations, passes } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    return axe.run();
  });
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  expect(found, `axe on ${state}`).toEqual([]);
  expect(passes.length, `rules that axe could apply on ${state}`).toBeGreaterThan(10);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, `px that ${state} is wider than the window`).toBeLessThanOrEqual(0);
}

const SCREENS = [
  { name: "desktop", viewport: { width: 1280, height: 900 } },
  { name: "phone", viewport: { width: 360, height: 740 } },
] as const;

/** A test for each state on each screen. Entered once and looked at in both themes: getting there is what takes long. */
export function testStates(states: readonly PageState[]): void {
  for (const { name: screen, viewport } of SCREENS) {
    test.describe(screen, () => {
      test.use({ viewport });
      for (const { name, enter } of states) {
        test(name, async ({ page, site }, testInfo) => {
          await enter(page, site);
          for (const colorScheme of ["light", "dark"] as const) {
            await page.emulateMedia({ colorScheme });
            await page.screenshot({
              path: testInfo.outputPath(`${screen}-${colorScheme}-${name.replaceAll(/\W+/g, "-")}.png`),
              fullPage: true,
            });
            await expectAccessible(page, `${name}, ${colorScheme}`);
          }
        });
      }
    });
  }
}
