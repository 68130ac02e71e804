import { defineConfig } from "playwright/test";

export default defineConfig({
  testDir: "../e2e",
  outputDir: "../../test-results",
  // One at a time: SwiftShader takes every core there is, and the facts have three seconds.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  retries: 0,
  reporter: "list",
});
