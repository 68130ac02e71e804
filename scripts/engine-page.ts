/** The built page in a headless browser, with a model in its worker: what `ask` and `bench` drive. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { chromium, type Browser, type Page, type Worker } from "playwright";
import type { GenerateEvent, GenerateRequest, LoadProgress, ModelSource, SessionInfo } from "../src/engine/engine";
import type { startModelClient } from "../src/programs";
import { IngleError, messageOf, type ErrorCode } from "../src/shared/errors";
import type { ModelClient } from "../src/worker/model-client";
import { filesIn, serveFiles } from "./bench/serve-files";
import { canSandbox, ensureBrowser, QUIET_FLAGS, requireExecutable, SOFTWARE_ADAPTER_FLAGS } from "./browser";
import { servePage } from "./serve";

const START_LIMIT_MS = 60_000;
const WORKER_LIMIT_MS = 10_000;

export interface BrowserOptions {
  readonly browser?: string | undefined;
  readonly "browser-arg": readonly string[];
  readonly software: boolean;
}

/** What `--model` names: a URL, something on this disk, or by default the starter. */
export type ModelArgument =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "starter" };

/** @throws Error when it is no URL and nothing is there. */
export function parseSource(text: string | undefined): ModelArgument {
  if (text === undefined || text === "starter") return { kind: "starter" };
  if (/^https?:\/\//.test(text)) return { kind: "url", url: text };
  const path = resolve(text);
  if (!existsSync(path)) throw new Error(`--model ${text}: there is no such file or folder, and it is no URL.`);
  return { kind: "path", path };
}

/** The browser could not be started: what is wrong, in a sentence. */
export class BrowserFailedError extends Error {}

/** The browser runs, and offers no adapter. */
export class NoAdapterError extends Error {}

type PageSource = Exclude<ModelSource, { kind: "files" }>;

declare const page: typeof globalThis & { ingleModel: ModelClient } & Record<
    `ingleEvent${number}`,
    ((event: unknown) => Promise<void>) | undefined
  >;

/** What a call in the page came to. Thrown there, an error would arrive here as text with a stack. */
type Outcome<T> = { readonly value: T } | { readonly code: ErrorCode; readonly message: string };

/** A page of Ingle's with a worker of its own for a model. Errors are the engine's own. */
export class ModelPage {
  readonly tab: Page;
  #events = 0;

  private constructor(tab: Page) {
    this.tab = tab;
  }

  static async on(tab: Page, site: string): Promise<ModelPage> {
    // tsx names functions with a helper that functions sent to the page would miss there.
    await tab.addInitScript("globalThis.__name = (named) => named;");
    await tab.goto(`${site}#/check`);
    await tab.evaluate(async () => {
      (globalThis as unknown as { page: unknown }).page = globalThis;
      const programs = (await import(new URL("programs.js", document.baseURI).href)) as {
        startModelClient: typeof startModelClient;
      };
      page.ingleModel = programs.startModelClient();
    });
    return new ModelPage(tab);
  }

  async load(
    source: PageSource,
    contextLength?: number,
    onProgress: (progress: LoadProgress) => void = () => undefined,
  ): Promise<SessionInfo> {
    const outcome = await this.#withEvents(onProgress, (name) =>
      this.tab.evaluate(
        async ({ source, contextLength, name }): Promise<Outcome<SessionInfo>> => {
          const onProgress = (event: LoadProgress) => void page[name]?.(event);
          try {
            return { value: await page.ingleModel.load({ source, contextLength, onProgress }) };
          } catch (thrown) {
            const { code, message } = thrown as IngleError;
            return { code, message };
          }
        },
        { source, contextLength, name },
      ),
    );
    return valueOf(outcome);
  }

  async generate(request: GenerateRequest, onEvent: (event: GenerateEvent) => void): Promise<void> {
    const outcome = await this.#withEvents(onEvent, (name) =>
      this.tab.evaluate(
        async ({ request, name }): Promise<Outcome<null>> => {
          try {
            for await (const event of page.ingleModel.generate(request)) await page[name]?.(event);
            return { value: null };
          } catch (thrown) {
            const { code, message } = thrown as IngleError;
            return { code, message };
          }
        },
        { request, name },
      ),
    );
    valueOf(outcome);
  }

  async unload(): Promise<void> {
    await this.tab.evaluate(() => page.ingleModel.unload());
  }

  /** Starts the model's worker, before there is a model, and gives it. Once a page: the page has workers of its own. */
  async startWorker(): Promise<Worker> {
    const others = new Set(this.tab.workers());
    const isOwn = (worker: Worker) => !others.has(worker);
    const started = this.tab.waitForEvent("worker", { predicate: isOwn, timeout: WORKER_LIMIT_MS });
    const [worker] = await Promise.all([started, this.unload()]);
    await worker.evaluate("globalThis.__name = (named) => named;");
    return worker;
  }

  /** Playwright carries an event from the page to a function here under a name of its own. */
  async #withEvents<R>(onEvent: (event: never) => void, work: (name: `ingleEvent${number}`) => Promise<R>): Promise<R> {
    const name = `ingleEvent${this.#events++}` as const;
    const exposed = await this.tab.exposeFunction(name, onEvent);
    try {
      return await work(name);
    } finally {
      await exposed.dispose();
    }
  }
}

function valueOf<T>(outcome: Outcome<T>): T {
  if ("value" in outcome) return outcome.value;
  throw new IngleError(outcome.code, outcome.message);
}

/** A browser of its own with such a page in it. */
export interface EnginePage {
  readonly browser: Browser;
  readonly model: ModelPage;
  /** As the browser names it. */
  readonly adapter: string;
  close(): Promise<void>;
}

/** @throws BrowserFailedError; NoAdapterError: the sentence says what to do. */
export async function openEnginePage({ browser: chosen, ...options }: BrowserOptions): Promise<EnginePage> {
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
    throw new BrowserFailedError(`The browser could not be started. ${reason}`, { cause });
  }
  const close = async () => {
    await browser.close();
    await server.close();
  };
  try {
    const tab = await browser.newPage();
    const model = await ModelPage.on(tab, server.url);
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

/** What llama.cpp's splitter ends the names of parts with. */
const SPLIT = /-\d{5}-of-\d{5}\.gguf$/;

/** A model's source as the page can reach it: files on disk come as they would from a host, over HTTP, in ranges. */
export async function serveModel(
  argument: ModelArgument,
): Promise<{ readonly source: PageSource; close(): Promise<void> }> {
  if (argument.kind !== "path") return { source: argument, close: () => Promise.resolve() };
  const isFolder = statSync(argument.path).isDirectory();
  const folder = isFolder ? argument.path : dirname(argument.path);
  const name = basename(argument.path);
  const stem = name.replace(SPLIT, "");
  // Of a folder its own files; of a file itself and the parts it was split into, not what lies beside it.
  const isOfModel = (path: string) =>
    isFolder
      ? /^[^./\\][^/\\]*$/.test(path)
      : path === name || (stem !== name && SPLIT.test(path) && path.replace(SPLIT, "") === stem);
  const { url, close } = await serveFiles((path) => (isOfModel(path) ? filesIn(folder)(path) : undefined));
  const path = isFolder ? "" : encodeURIComponent(basename(argument.path));
  return { source: { kind: "url", url: new URL(path, url).href }, close };
}
