/** The built page in a headless browser, with a model in its worker: what `ask` and `bench` drive. */
import { chromium, type Browser, type Page } from "playwright";
import { messageOf } from "../../src/shared/errors";
import { canSandbox, ensureBrowser, QUIET_FLAGS, requireExecutable, SOFTWARE_ADAPTER_FLAGS } from "../browser";
import { servePage } from "../serve";
import type { ServedModel } from "./model-argument";
import { ModelPage } from "./model-page";

const START_LIMIT_MS = 60_000;

export interface BrowserOptions {
  readonly browser?: string | undefined;
  readonly "browser-arg": readonly string[];
  readonly software: boolean;
}

/** The browser could not be started: what is wrong, in a sentence. */
export class BrowserFailedError extends Error {}

/** The browser runs, and offers no adapter. */
export class NoAdapterError extends Error {}

/** A browser of its own with such a page in it. */
export interface EnginePage {
  readonly browser: Browser;
  readonly model: ModelPage;
  /** As the browser names it. */
  readonly adapter: string;
  close(): Promise<void>;
}

/**
 * Works with a model in such a page. Whatever happens, nothing is left open.
 *
 * @throws BrowserFailedError; NoAdapterError: the sentence says what to do; as `serve` and `work` do.
 */
export async function withEnginePage<T>(
  options: BrowserOptions,
  serve: () => Promise<ServedModel>,
  work: (page: EnginePage, source: ServedModel["source"]) => Promise<T>,
): Promise<T> {
  const { source, host, close } = await serve();
  try {
    const page = await openEnginePage(options, host);
    try {
      return await work(page, source);
    } finally {
      await page.close();
    }
  } finally {
    await close();
  }
}

async function openEnginePage(
  { browser: chosen, ...options }: BrowserOptions,
  host: string | undefined,
): Promise<EnginePage> {
  const executablePath =
    chosen === undefined ? ensureBrowser((line) => console.error(line)) : requireExecutable(chosen, "--browser");
  const server = await servePage();
  const flags = [...QUIET_FLAGS, ...(options.software ? SOFTWARE_ADAPTER_FLAGS : []), ...options["browser-arg"]];
  let browser: Browser;
  try {
    browser = await chromium.launch({
      executablePath,
      chromiumSandbox: canSandbox,
      timeout: START_LIMIT_MS,
      args: flags,
    });
  } catch (cause) {
    await server.close();
    // Playwright's message goes on with the whole command line and log; the cause is in its first line.
    const [reason = ""] = messageOf(cause).split("\n");
    throw new BrowserFailedError(
      `${executablePath} could not be started as a browser. --browser names another Chrome, Edge or Chromium. (${reason})`,
      { cause },
    );
  }
  const close = async () => {
    await browser.close();
    await server.close();
  };
  try {
    const tab = await browser.newPage();
    const model = await ModelPage.on(tab, server.url, host);
    const adapter = await adapterOf(tab);
    if (adapter !== undefined) return { browser, model, adapter, close };
    throw new NoAdapterError(
      "This browser offers no GPU. Try --software (computed on the processor), --browser with another one, or " +
        "npm run check to see why.",
    );
  } catch (error) {
    await close();
    throw error;
  }
}

function adapterOf(tab: Page): Promise<string | undefined> {
  return tab.evaluate(async () => {
    const found = await (navigator.gpu as GPU | undefined)?.requestAdapter({ powerPreference: "high-performance" });
    if (!found) return undefined;
    const { vendor, architecture, device, description } = found.info;
    return [vendor, architecture, device, description].filter((part) => part !== "").join(" ");
  });
}
