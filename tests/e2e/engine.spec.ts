/** The engine in the built page, with the models that people have: the starter, a file from disk, a larger one. */
import { join } from "node:path";
import type { Worker } from "playwright/test";
import { heapFigures } from "../../scripts/bench/loading";
import { readGpuLog, startGpuLog } from "../../scripts/bench/gpu-log";
import { serveSynthetic } from "../../scripts/bench/synthetic-host";
import { WorkerHeap } from "../../scripts/bench/worker-heap";
import { ModelPage } from "../../scripts/engine/model-page";
import { STARTER_FOLDER } from "../../scripts/starter/folder";
import type { FinishReason, GenerateRequest, ModelSource, SessionInfo } from "../../src/engine/engine";
import { STARTER } from "../../src/shared/starter";
import { formatBytes, MiB } from "../../src/shared/units";
import type { Clients } from "../../src/programs";
import { isFull } from "../helpers/is-full";
import { expect, test } from "../helpers/test";

// On an idle machine all of it takes a minute; a busy one takes its time.
test.describe.configure({ timeout: 180_000 });

declare const page: { readonly ingle: Clients };

const CONTEXT = 256;
const MOST_HEAP = 64 * MiB;
const STARTER_SOURCE = { kind: "starter" } as const;
/** Where the flags send what Chromium asks for by itself: see QUIET_FLAGS. */
const NOWHERE = "127.0.0.1:9";

const greedy = { temperature: 0 };
const capital: GenerateRequest = {
  input: { messages: [{ role: "user", content: "What is the capital of France?" }] },
  sampling: greedy,
};
const story = { messages: [{ role: "user" as const, content: "Tell me a story." }] };

interface Reply {
  readonly texts: readonly string[];
  readonly text: string;
  readonly finishReason: FinishReason | undefined;
}

async function reply(model: ModelPage, request: GenerateRequest): Promise<Reply> {
  const texts: string[] = [];
  let finishReason: FinishReason | undefined;
  await model.generate(request, (event) => {
    if (event.type === "text") texts.push(event.text);
    if (event.type === "end") finishReason = event.finishReason;
  });
  return { texts, text: texts.join(""), finishReason };
}

let model: ModelPage;
let worker: Worker;
let heap: WorkerHeap;
let starter: Loaded;
let askedWhileLoading: readonly string[];

test.beforeAll(async ({ browser, network, site }) => {
  model = await ModelPage.on(await browser.newPage(), site);
  worker = await model.startWorker();
  await startGpuLog(worker);
  heap = await WorkerHeap.of(browser, worker);
  const before = network.asked.length;
  starter = await loadWatched(STARTER_SOURCE);
  askedWhileLoading = network.asked.slice(before);
});
test.afterAll(async () => {
  await heap.close();
  await model.tab.close();
});

interface Loaded {
  readonly info: SessionInfo;
  readonly heap: ReturnType<typeof heapFigures>;
}

/** Loads a model with an eye on the worker's memory, from before its header is asked for. */
async function loadWatched(source: Exclude<ModelSource, { kind: "files" }>): Promise<Loaded> {
  await readGpuLog(worker);
  await heap.start();
  const info = await model.load(source, CONTEXT);
  const samples = await heap.stop();
  const { stages } = await readGpuLog(worker);
  return { info, heap: heapFigures(samples, stages["tuning"] ?? NaN) };
}

function tell({ info, heap: { peak, tokenizer, samples } }: Loaded): void {
  const figures = `${formatBytes(peak)} above start, ${formatBytes(tokenizer)} of it header and tokenizer`;
  console.log(
    `${info.name}, ${formatBytes(info.bytes.weights)}: the worker's memory peaks at ${figures} (${samples} samples)`,
  );
}

test("the starter comes from the page's own origin, and no other host is asked", ({ site }) => {
  expect(starter.info).toMatchObject({ name: "SmolLM2-135M-Instruct", contextLength: CONTEXT });
  expect(new Set(askedWhileLoading.filter((host) => host !== NOWHERE))).toEqual(new Set([new URL(site).host]));
});

test("the starter knows the capital of France, and tells it piece by piece", async () => {
  const { texts, text, finishReason } = await reply(model, capital);
  expect(text).toContain("Paris");
  expect(texts.length).toBeGreaterThan(3);
  expect(finishReason).toBe("stop");
});

test("a reply can be stopped, and the next one is whole", async () => {
  const stopped = await model.tab.evaluate(async (input) => {
    const stop = new AbortController();
    let begun = NaN;
    let texts = 0;
    try {
      const events = page.ingle.model.generate({ input, sampling: { temperature: 0 } }, stop.signal);
      for await (const { type } of events) {
        if (type !== "text" || ++texts < 2) continue;
        begun = performance.now();
        stop.abort();
      }
      return { code: "not stopped", texts, ms: NaN };
    } catch (thrown) {
      return { code: (thrown as { code: string }).code, texts, ms: performance.now() - begun };
    }
  }, story);
  expect(stopped).toMatchObject({ code: "aborted", texts: 2 });
  expect(stopped.ms).toBeLessThan(1000);
  expect((await reply(model, capital)).text).toContain("Paris");
});

test("while the starter loads, the worker's memory stays small", () => {
  tell(starter);
  expect(starter.heap.samples).toBeGreaterThan(20);
  expect(starter.heap.tokenizer).toBeGreaterThan(MiB);
  expect(starter.heap.peak).toBeLessThanOrEqual(MOST_HEAP);
});

test("a GGUF file picked from disk answers as well", async () => {
  const { tab } = model;
  await tab.evaluate(() => {
    const input = document.createElement("input");
    input.type = "file";
    input.id = "picked";
    document.body.append(input);
  });
  await tab.locator("#picked").setInputFiles(join(STARTER_FOLDER, STARTER.file));
  const info = await tab.evaluate(
    async ({ contextLength }) => {
      const { files } = document.querySelector<HTMLInputElement>("#picked") ?? {};
      return page.ingle.model.load({ source: { kind: "files", files: [...(files ?? [])] }, contextLength });
    },
    { contextLength: CONTEXT },
  );
  expect(info.bytes).toEqual(starter.info.bytes);
  expect((await reply(model, capital)).text).toContain("Paris");
});

// A quarter of a minute each.
if (isFull) {
  test("while a file of over 300 MB loads, it stays as small", async ({ site }) => {
    const host = await serveSynthetic("qwen2.5-0.5b", "q4_0");
    try {
      await model.unload();
      expect(host.size).toBeGreaterThan(300e6);
      const loaded = await loadWatched({ kind: "url", url: host.url });
      tell(loaded);
      expect(loaded.heap.samples).toBeGreaterThan(20);
      expect(loaded.heap.peak).toBeLessThanOrEqual(MOST_HEAP);
      expect(new URL(host.url).origin).not.toBe(new URL(site).origin);
    } finally {
      await host.close();
    }
  });

  test("a GPU process that dies ends the reply at once, and the same worker loads and answers again", async ({
    openBrowser,
    site,
  }) => {
    const context = await openBrowser();
    const own = await ModelPage.on(await context.newPage(), site);
    await own.load(STARTER_SOURCE, CONTEXT);
    const workers = own.tab.workers();
    const session = await context.browser()?.newBrowserCDPSession();
    let crashed: Promise<number> | undefined;
    const crash = async () => {
      const at = performance.now();
      await session?.send("Browser.crashGpuProcess");
      return at;
    };
    const running = own.generate({ input: story, sampling: greedy }, ({ type }) => {
      if (type === "text") crashed ??= crash();
    });
    await expect(running).rejects.toMatchObject({ code: "device-lost" });
    const ended = performance.now();
    // The browser's own second to notice, and ours.
    expect(ended - ((await crashed) ?? NaN)).toBeLessThan(2000);
    await expect(reply(own, capital)).rejects.toMatchObject({ code: "no-model" });

    await own.load(STARTER_SOURCE, CONTEXT);
    expect((await reply(own, capital)).text).toContain("Paris");
    expect(own.tab.workers()).toEqual(workers);
  });
}
