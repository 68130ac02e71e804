/** A page of Ingle's, driven from outside: a model in its worker. */
import type { Page, Worker } from "playwright";
import type { GenerateEvent, GenerateRequest, LoadProgress, ModelSource, SessionInfo } from "../../src/engine/engine";
import type { Clients, startClients } from "../../src/programs";
import { IngleError, type ErrorCode } from "../../src/shared/errors";
import { saveHosts } from "../../src/shared/hosts";
import { DEFAULT_HOSTS } from "../../src/shared/policy";

const WORKER_LIMIT_MS = 10_000;

/** What crosses into a page from outside. */
export type PageSource = Exclude<ModelSource, { kind: "files" }>;

declare const page: Omit<typeof globalThis, "ingle"> & { ingle: Clients } & Record<
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

  /** @param host one more that the page may reach, as its user would add it on the Network page. */
  static async on(tab: Page, site: string, host?: string): Promise<ModelPage> {
    if (host !== undefined) await allowHost(tab, host);
    // tsx names functions with a helper that functions sent to the page would miss there.
    await tab.addInitScript("globalThis.__name = (named) => named;");
    await tab.goto(`${site}#/check`);
    await tab.evaluate(async () => {
      (globalThis as unknown as { page: unknown }).page = globalThis;
      const programs = (await import(new URL("programs.js", document.baseURI).href)) as {
        startClients: typeof startClients;
      };
      page.ingle = programs.startClients();
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
            return { value: await page.ingle.model.load({ source, contextLength, onProgress }) };
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
            for await (const event of page.ingle.model.generate(request)) await page[name]?.(event);
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
    await this.tab.evaluate(() => page.ingle.model.unload());
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

async function allowHost(tab: Page, host: string): Promise<void> {
  const entries: [string, string][] = [];
  saveHosts(() => ({ setItem: (key, value) => entries.push([key, value]) }), [...DEFAULT_HOSTS, host]);
  await tab.addInitScript((items) => {
    for (const [key, value] of items) localStorage.setItem(key, value);
  }, entries);
}
