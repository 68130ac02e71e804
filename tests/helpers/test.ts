/**
 * Playwright's `test` with what every end-to-end test of Ingle has: the built page as `npm start` serves it, a real
 * Chromium on SwiftShader behind a logging proxy, and a watch over every policy violation. A test that reaches a
 * stranger's host, or breaks a policy without saying so, fails.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, chromium, expect, type BrowserContext, type Page } from "playwright/test";
import { canSandbox, DICTIONARY_HOST, ensureBrowser, QUIET_FLAGS, SOFTWARE_ADAPTER_FLAGS } from "../../scripts/browser";
import { servePage } from "../../scripts/serve";
import type { CapabilityReport } from "../../src/probe/report";
import type { IngleApp } from "../../src/ui/ingle-app";
import { KernelChoices } from "./kernel-choices";
import { LoggingProxy } from "./logging-proxy";
import { startScript, type Script } from "./npm-script";
import { ViolationWatch, type Violation } from "./violations";

interface OwnBrowser {
  /** Beside the quiet ones. */
  readonly flags?: readonly string[];
  /** A profile that outlives the browser: its folder. */
  readonly profile?: string;
}

type ExpectedViolation = Pick<Violation, "where" | "directive">;

interface TestFixtures {
  /** Whether the browser has been here before, and knows which kernels are fast on its adapter. */
  readonly knowsKernels: boolean;
  /** The policy violations that this test means to cause. Any other fails it, and so does one that does not occur. */
  readonly expectedViolations: ExpectedViolation[];
  readonly ownWatches: ViolationWatch[];
  /** Opens a browser of the test's own, for other flags than the usual or for a profile that is kept. */
  readonly openBrowser: (options?: OwnBrowser) => Promise<BrowserContext>;
  readonly temporaryFolder: string;
  /** Starts one of npm's scripts. Its browser goes through the logging proxy, as every browser of the tests does. */
  readonly start: (script: Script, ...args: string[]) => ReturnType<typeof startScript>;
  /** The same, to its end. */
  readonly run: (script: Script, ...args: string[]) => ReturnType<typeof startScript>["outcome"];
}

interface WorkerFixtures {
  /** The page's address, as `npm start` would print it. */
  readonly site: string;
  readonly network: LoggingProxy;
  readonly watch: ViolationWatch;
  readonly kernelChoices: KernelChoices;
}

/**
 * What no proxy is for. Not loopback, by Chromium's way to say so: what the page asks of its own host is to be seen, too.
 * The dictionary's host: nothing that is asked of it is seen, and nothing reaches it (QUIET_FLAGS).
 */
const PAST_PROXY = ["<-loopback>", DICTIONARY_HOST];

const executablePath = ensureBrowser((line) => console.error(line));

export const test = base.extend<TestFixtures, WorkerFixtures>({
  site: [
    async ({}, use) => {
      const server = await servePage();
      await use(server.url);
      await server.close();
    },
    { scope: "worker" },
  ],

  network: [
    async ({}, use) => {
      const proxy = new LoggingProxy();
      await proxy.start();
      await use(proxy);
      await proxy.stop();
      expect(proxy.strangers, "hosts that were asked for during the whole run").toEqual([]);
    },
    { scope: "worker" },
  ],

  launchOptions: [
    async ({ network }, use) => {
      await use({
        executablePath,
        chromiumSandbox: canSandbox,
        args: [...QUIET_FLAGS, ...SOFTWARE_ADAPTER_FLAGS, "--ignore-certificate-errors"],
        proxy: { server: network.url, bypass: PAST_PROXY.join(",") },
      });
    },
    { scope: "worker" },
  ],

  watch: [
    async ({ browser }, use) => {
      await use(await ViolationWatch.on(browser));
    },
    { scope: "worker", auto: true },
  ],

  kernelChoices: [
    async ({}, use) => {
      await use(new KernelChoices());
    },
    { scope: "worker" },
  ],

  knowsKernels: [true, { option: true }],

  context: async ({ context, kernelChoices, knowsKernels, site }, use) => {
    if (knowsKernels) await kernelChoices.handTo(context);
    await use(context);
    await kernelChoices.takeFrom(context, site);
  },

  ownWatches: async ({}, use) => {
    await use([]);
  },

  expectedViolations: [
    async ({ watch, ownWatches }, use) => {
      watch.take();
      const expected: ExpectedViolation[] = [];
      await use(expected);
      await new Promise((resolve) => setTimeout(resolve, 100)); // the last reports are on their way
      expectExactly([watch, ...ownWatches], expected);
    },
    { auto: true },
  ],

  temporaryFolder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "ingle-test-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },

  openBrowser: async ({ network, temporaryFolder, ownWatches, kernelChoices, knowsKernels }, use) => {
    const opened: BrowserContext[] = [];
    await use(async ({ flags = SOFTWARE_ADAPTER_FLAGS, profile } = {}) => {
      const context = await chromium.launchPersistentContext(
        profile ?? join(temporaryFolder, `profile-${opened.length}`),
        {
          executablePath,
          chromiumSandbox: canSandbox,
          args: [...QUIET_FLAGS, ...flags],
          proxy: { server: network.url, bypass: PAST_PROXY.join(",") },
          // Installing an app writes its launcher into the home folder.
          env: { ...process.env, HOME: temporaryFolder },
        },
      );
      const browser = context.browser();
      if (browser === null) throw new Error("The persistent context has no browser to watch.");
      opened.push(context);
      if (knowsKernels) await kernelChoices.handTo(context);
      ownWatches.push(await ViolationWatch.on(browser));
      return context;
    });
    for (const context of opened) await context.close();
  },

  start: async ({ network }, use) => {
    const flags = [`--proxy-server=${network.url}`, `--proxy-bypass-list=${PAST_PROXY.join(";")}`];
    const proxied = flags.map((flag) => `--browser-arg=${flag}`);
    await use((script, ...args) => startScript(script, [...proxied, ...args]));
  },

  run: async ({ start }, use) => {
    await use((...asked) => start(...asked).outcome);
  },
});

export { expect };

/** Every violation was expected, and every expected one was seen: else the watch may be blind. */
function expectExactly(watches: readonly ViolationWatch[], expected: readonly ExpectedViolation[]): void {
  const describe = ({ where, directive }: ExpectedViolation): string => `${where}: ${directive}`;
  const seen = new Set(watches.flatMap((watch) => watch.take()).map(describe));
  expect([...seen].sort(), "violations of a content security policy").toEqual(
    [...new Set(expected.map(describe))].sort(),
  );
}

/** The report that the page itself makes. */
export async function reportOf(page: Page, { measure = false } = {}): Promise<CapabilityReport> {
  return page.evaluate(async (measure) => {
    await customElements.whenDefined("ingle-app");
    const app = document.querySelector<IngleApp>("ingle-app");
    if (app === null) throw new Error("The page has no ingle-app.");
    return app.report({ measure });
  }, measure);
}

/** Opens the check and waits until its report is shown. */
export async function openCheck(page: Page, site: string): Promise<void> {
  await page.goto(`${site}#/check`);
  await expect(page.getByTestId("verdict")).toBeVisible();
}
