import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { ensureBrowser, QUIET_FLAGS, SOFTWARE_ADAPTER_FLAGS } from "../../scripts/browser.ts";
import { isFull } from "../helpers/is-full.ts";
import { takeRequests } from "../helpers/watch-requests.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** A folder of libraries compiled for WebLLM: see tests/webllm/webllm-engine.test.ts. */
const LIBRARIES = process.env["INGLE_MLC_LIBS"] ?? "";

/** Kernels, forward and store, in a real Chromium on its software adapter, straight from the sources. */
export default defineConfig({
  root: ROOT,
  server: { fs: { strict: true, allow: [ROOT, ...(LIBRARIES === "" ? [] : [LIBRARIES])] } },
  resolve: { alias: LIBRARIES === "" ? {} : { "@mlc-ai/web-llm": "web-llm-0.2.79" } },
  // What only a worker imports is found too late: the page would be loaded again in the middle of a test.
  optimizeDeps: { include: ["@mlc-ai/web-xgrammar"] },
  test: {
    include: isFull
      ? ["tests/{full,store}/**/*.test.ts", "tests/gpu/{counts,double-forward,json,mlc,oracle,sample,splits}.test.ts"]
      : ["tests/{gpu,store,webllm,chat-history,tabs,ui-browser}/**/*.test.ts"],
    provide: { isFull, schedules: isFull ? 300 : 20, mlcLibraries: LIBRARIES },
    globalSetup: ["tests/helpers/provide-fault-host.ts"],
    allowOnly: false,
    // What a lost device leaves behind in web-llm 0.2.79: a mapping that nobody waits for any more.
    onUnhandledError: ({ name, message }) => LIBRARIES === "" || name !== "AbortError" || !message.includes("mapAsync"),
    passWithNoTests: false,
    testTimeout: 60_000,
    fileParallelism: false, // SwiftShader takes every core there is
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      commands: { takeRequests },
      api: { host: "127.0.0.1" },
      provider: playwright({
        // A model of WebLLM's is more than Chromium 156 keeps of Blobs in a profile without a disk (some 500 MB).
        persistentContext: LIBRARIES !== "" && mkdtempSync(join(tmpdir(), "ingle-profile-")),
        launchOptions: {
          executablePath: ensureBrowser((line) => console.error(line)),
          chromiumSandbox: false,
          args: [...QUIET_FLAGS, ...SOFTWARE_ADAPTER_FLAGS],
        },
      }),
      instances: [{ browser: "chromium" }],
    },
  },
});
