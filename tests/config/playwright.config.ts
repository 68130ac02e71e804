import { defineConfig } from "playwright/test";
import { isFull } from "../helpers/is-full";

/** What is too long for every run: `npm run e2e:full`. */
const ONLY_FULL = isFull ? [] : [/(bench|first-token|starter-elsewhere)\.spec\.ts$/];

export default defineConfig({
  testDir: "../e2e",
  outputDir: "../../test-results",
  // One at a time: SwiftShader takes every core there is, and the facts have three seconds. A second lane beside it, of
  // what computes nothing, gained nothing on two cores.
  workers: 1,
  testIgnore: ONLY_FULL,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  retries: 0,
  reporter: "list",
});
