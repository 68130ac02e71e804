/** The built page in a headless browser, with a model in its worker: what `ask` and `bench` drive. */
import { existsSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, resolve } from "node:path";
import { chromium, type Browser, type Page } from "playwright";
import sirv from "sirv";
import type { GenerateEvent, GenerateRequest, LoadProgress, ModelSource, SessionInfo } from "../src/engine/engine";
import type { startModelClient } from "../src/programs";
import type { ModelClient } from "../src/worker/model-client";
import { canSandbox, ensureBrowser, QUIET_FLAGS, requireExecutable, SOFTWARE_ADAPTER_FLAGS } from "./browser";
import { servePage } from "./serve";

const START_LIMIT_MS = 60_000;

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

export class EnginePage {
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #closers: (() => Promise<unknown>)[];
  readonly adapter: string;

  constructor(browser: Browser, page: Page, closers: (() => Promise<unknown>)[], adapter: string) {
    this.#browser = browser;
    this.#page = page;
    this.#closers = closers;
    this.adapter = adapter;
  }

  get page(): Page {
    return this.#page;
  }

  get browser(): Browser {
    return this.#browser;
  }

  async load(
    argument: ModelArgument,
    contextLength?: number,
    onProgress: (progress: LoadProgress) => void = () => undefined,
  ): Promise<SessionInfo> {
    const source = await this.#sourceOf(argument);
    return this.#withEvents(onProgress, (name) =>
      this.#page.evaluate(
        ({ source, contextLength, name }) =>
          page.ingleModel.load({ source, contextLength, onProgress: (event) => void page[name]?.(event) }),
        { source, contextLength, name },
      ),
    );
  }

  async generate(request: GenerateRequest, onEvent: (event: GenerateEvent) => void): Promise<void> {
    await this.#withEvents(onEvent, (name) =>
      this.#page.evaluate(
        async ({ request, name }) => {
          for await (const event of page.ingleModel.generate(request)) await page[name]?.(event);
        },
        { request, name },
      ),
    );
  }

  async unload(): Promise<void> {
    await this.#page.evaluate(() => page.ingleModel.unload());
  }

  async close(): Promise<void> {
    await this.#browser.close();
    for (const close of this.#closers) await close();
  }

  #events = 0;

  /** Playwright carries an event from the page to a function here under a name of its own. */
  async #withEvents<E, R>(onEvent: (event: E) => void, work: (name: `ingleEvent${number}`) => Promise<R>): Promise<R> {
    const name = `ingleEvent${this.#events++}` as const;
    const exposed = await this.#page.exposeFunction(name, onEvent);
    try {
      return await work(name);
    } finally {
      await exposed.dispose();
    }
  }

  /** Files on disk come to the page as they would from a host: over HTTP, in ranges. */
  async #sourceOf(argument: ModelArgument): Promise<Exclude<ModelSource, { kind: "files" }>> {
    if (argument.kind !== "path") return argument;
    const isFolder = statSync(argument.path).isDirectory();
    const folder = isFolder ? argument.path : dirname(argument.path);
    const { url, close } = await serveFolder(folder);
    this.#closers.push(close);
    return { kind: "url", url: new URL(isFolder ? "" : encodeURIComponent(basename(argument.path)), url).href };
  }
}

declare const page: typeof globalThis & { ingleModel: ModelClient } & Record<
    `ingleEvent${number}`,
    ((event: unknown) => Promise<void>) | undefined
  >;

/** @throws Error when no browser can be started, or the page offers no adapter: the sentence says what to do. */
export async function openEnginePage(options: BrowserOptions): Promise<EnginePage> {
  const { browser: chosen, software } = options;
  const executablePath =
    chosen === undefined ? ensureBrowser((line) => console.error(line)) : requireExecutable(chosen, "--browser");
  const server = await servePage();
  const browser = await chromium.launch({
    executablePath,
    chromiumSandbox: canSandbox,
    timeout: START_LIMIT_MS,
    args: [...QUIET_FLAGS, ...(software ? SOFTWARE_ADAPTER_FLAGS : []), ...options["browser-arg"]],
  });
  try {
    const tab = await browser.newPage();
    // tsx names functions with a helper that functions sent to the page would miss there.
    await tab.addInitScript("globalThis.__name = (named) => named;");
    await tab.goto(`${server.url}#/check`);
    await tab.evaluate(async () => {
      (globalThis as unknown as { page: unknown }).page = globalThis;
      const programs = (await import(new URL("programs.js", document.baseURI).href)) as {
        startModelClient: typeof startModelClient;
      };
      page.ingleModel = programs.startModelClient();
    });
    const adapter = await tab.evaluate(async () => {
      const found = await (navigator.gpu as GPU | undefined)?.requestAdapter({ powerPreference: "high-performance" });
      if (!found) return undefined;
      const { vendor, architecture, device, description } = found.info;
      return [vendor, architecture, device, description].filter((part) => part !== "").join(" ");
    });
    if (adapter === undefined) {
      throw new Error(
        "This browser offers no GPU. Try --software (computed on the processor), --browser with another one, or " +
          "npm run check to see why.",
      );
    }
    return new EnginePage(browser, tab, [() => server.close()], adapter);
  } catch (error) {
    await browser.close();
    await server.close();
    throw error;
  }
}

async function serveFolder(folder: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const files = sirv(folder, { dev: true, dotfiles: true });
  const server: Server = createServer((request, response) => {
    // The page is of another origin. Content-Range is what tells it a file's length.
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "Range");
    response.setHeader("Access-Control-Expose-Headers", "Content-Range, Content-Length, ETag");
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return;
    }
    files(request, response, () => void response.writeHead(404).end());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
