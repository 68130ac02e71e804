import { defineConfig } from "playwright/test";

/** What is too long for every run: `npm run e2e:full`. */
const ONLY_FULL = process.env["INGLE_FULL"] === "1" ? [] : [/(bench|first-token)\.spec\.ts$/];
/** What loads a model, or measures. */
const COMPUTING =
  /(ask|bench|chat|chat-faults|chat-more|drawing|engine|first-token|hand-over|json|models|programs|rehearsal|report|starter|tabs|webllm)\.spec\.ts$/;

export default defineConfig({
  testDir: "../e2e",
  outputDir: "../../test-results",
  // Two lanes: SwiftShader takes every core there is, so one test at a time computes with it; beside it goes one of those
  // that wait for browsers, hosts and disks.
  workers: 2,
  projects: [
    { name: "gpu", workers: 1, testMatch: COMPUTING, testIgnore: ONLY_FULL },
    { name: "page", workers: 1, testIgnore: [COMPUTING, ...ONLY_FULL] },
  ],
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  retries: 0,
  reporter: "list",
});
