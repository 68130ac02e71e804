/** A page with the store's own sources in a worker, in a browser whose profile lies on disk like a user's. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { createServer } from "vite";
import { withDeadline } from "../../src/shared/deadline";
import { milliseconds } from "../../src/shared/units";
import { WorkerHeap } from "../bench/worker-heap";
import { canSandbox, ensureBrowser, QUIET_FLAGS, SOFTWARE_ADAPTER_FLAGS } from "../browser";
import type { Outcome, Task } from "./in-worker";

const TASK_LIMIT = milliseconds(300_000);

export interface BenchPage {
  readonly version: string;
  readonly heap: WorkerHeap;
  /** @returns [ms] */
  run(task: Task): Promise<number>;
  close(): Promise<void>;
}

export async function openBenchPage({ software }: { readonly software: boolean }): Promise<BenchPage> {
  const folder = await mkdtemp(join(tmpdir(), "ingle-bench-"));
  const server = await createServer({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    configFile: false,
    logLevel: "error",
    cacheDir: join(folder, "vite"),
    // Found while the page runs, they would reload it.
    optimizeDeps: { include: ["hash-wasm", "idb-keyval", "valibot"], entries: [] },
    server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
  });
  await server.listen();
  const site = server.resolvedUrls?.local[0];
  if (site === undefined) throw new Error("The bench's server has no address.");
  const context = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: ensureBrowser((line) => console.error(line)),
    chromiumSandbox: canSandbox,
    args: [...QUIET_FLAGS, ...(software ? SOFTWARE_ADAPTER_FLAGS : [])],
  });
  const browser = context.browser();
  if (browser === null) throw new Error("The persistent context has no browser.");
  const tab = await context.newPage();
  await tab.goto(new URL("scripts/bench-store/page.html", site).href);
  const started = tab.waitForEvent("worker");
  await tab.evaluate(() => {
    const worker = new Worker("/scripts/bench-store/in-worker.ts", { type: "module" });
    (globalThis as unknown as { run: (task: unknown) => Promise<unknown> }).run = (task) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(task);
      });
  });
  const heap = await WorkerHeap.of(browser, await started);
  return {
    version: browser.version(),
    heap,
    async run(task) {
      const running = tab.evaluate(
        (task) => (globalThis as unknown as { run: (task: unknown) => Promise<Outcome> }).run(task),
        task,
      );
      const outcome = await withDeadline(running, TASK_LIMIT, `"${task.kind}"`);
      if ("elapsed" in outcome) return outcome.elapsed;
      throw new Error(outcome.problem);
    },
    async close() {
      await context.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
