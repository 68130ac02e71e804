/** The rehearsal on a real device: beside a model that generates, and on GPUs that fail it in all the ways there are. */
import type { Page, Worker } from "playwright";
import { ModelPage } from "../../scripts/engine/model-page";
import type { Clients } from "../../src/programs";
import type { Rehearsal } from "../../src/fit/rehearsal";
import { MiB } from "../../src/shared/units";
import { isFull } from "../helpers/is-full";
import { expect, test } from "../helpers/test";

interface Reply {
  text: string;
  events: number;
  /** Undefined while it is written. */
  end: string | undefined;
}

declare const page: { readonly ingle: Clients; reply: Reply; isStopped: boolean };

test.describe.configure({ timeout: 120_000 });

/** The starter's with its default context, about. */
const SIZES = [30, ...Array.from({ length: 30 }, () => 8), 10].map((size) => size * MiB);
const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
const TOTAL = sum(SIZES);

const rehearse = (model: ModelPage, sizes = SIZES): Promise<Rehearsal> =>
  model.tab.evaluate((sizes) => page.ingle.model.rehearse(sizes), sizes);

async function open(tab: Page, site: string) {
  const model = await ModelPage.on(tab, site);
  return { model, worker: await model.startWorker() };
}

test("a starter's memory is there, each buffer told of, and all of it is given back", async ({ page: tab, site }) => {
  const { worker } = await open(tab, site);
  await worker.evaluate(() => {
    const living = new Set<GPUBuffer>();
    const { createBuffer } = GPUDevice.prototype;
    const { destroy } = GPUBuffer.prototype;
    GPUDevice.prototype.createBuffer = function (descriptor) {
      const buffer = createBuffer.call(this, descriptor);
      living.add(buffer);
      return buffer;
    };
    GPUBuffer.prototype.destroy = function () {
      living.delete(this);
      destroy.call(this);
    };
    Object.assign(globalThis, { living });
  });
  const { rehearsal, told } = await tab.evaluate(async (sizes) => {
    const told: number[] = [];
    const rehearsal = await page.ingle.model.rehearse(sizes, { onProgress: ({ bytesDone }) => told.push(bytesDone) });
    return { rehearsal, told };
  }, SIZES);
  expect(rehearsal).toMatchObject({ outcome: "passed", bytes: TOTAL });
  // Each buffer as it is filled, from the smallest to the largest, and again while they are read.
  expect([...new Set(told)]).toEqual(SIZES.toSorted((a, b) => a - b).map((_, i, all) => sum(all.slice(0, i + 1))));
  expect(told.slice(told.indexOf(TOTAL)).length).toBeGreaterThan(2);
  expect(await worker.evaluate(() => (globalThis as unknown as { living: Set<unknown> }).living.size)).toBe(0);
});

type Failure = "memory" | "lost" | "paging";

/** @returns has every rehearsal from now on fail in this way once it has made more than `limit` bytes of buffers. */
async function makeFailing(worker: Worker): Promise<(how: Failure | "", limit: number) => Promise<void>> {
  await worker.evaluate(() => {
    const state = { how: "", limit: 0 };
    let bytes = 0;
    /** Not that of a model beside it. */
    const rehearsing = new WeakSet<GPUDevice | GPUQueue>();
    const isPast = (how: string) => state.how === how && bytes > state.limit;
    const { createBuffer } = GPUDevice.prototype;
    GPUDevice.prototype.createBuffer = function (descriptor) {
      if (descriptor.label === "rehearsal 0") bytes = 0;
      if (/^rehearsal \d+$/.test(descriptor.label ?? "")) {
        bytes += descriptor.size;
        rehearsing.add(this).add(this.queue);
        if (isPast("lost")) this.destroy();
      }
      return createBuffer.call(this, descriptor);
    };
    const { popErrorScope } = GPUDevice.prototype;
    // As a driver that has none left: nothing here would fill a computer's memory on purpose.
    GPUDevice.prototype.popErrorScope = async function () {
      const error = await popErrorScope.call(this);
      return rehearsing.has(this) && isPast("memory") ? new GPUOutOfMemoryError("none left") : error;
    };
    const { onSubmittedWorkDone } = GPUQueue.prototype;
    GPUQueue.prototype.onSubmittedWorkDone = async function () {
      const begun = performance.now();
      await onSubmittedWorkDone.call(this);
      // With many buffers there, everything is slow: as where they are moved to the computer's memory.
      if (rehearsing.has(this) && isPast("paging"))
        await new Promise((done) => setTimeout(done, 20 * (performance.now() - begun)));
      return undefined;
    };
    Object.assign(globalThis, { state });
  });
  return (how, limit) =>
    worker.evaluate((wished) => void Object.assign((globalThis as unknown as { state: object }).state, wished), {
      how,
      limit,
    });
}

// Half a minute. Every run has too little memory below, and paging in tests/worker/rehearse.test.ts; a loss is here alone.
if (isFull) {
  test("a GPU that gives no more memory, is lost, or pages, fails it with the reason, and a model goes on generating beside it", async ({
    page: tab,
    site,
  }) => {
    const { model, worker } = await open(tab, site);
    const fail = await makeFailing(worker);
    await model.load({ kind: "starter" }, 512);
    const begin = (maxTokens: number) =>
      tab.evaluate((maxTokens) => {
        const reply: Reply = { text: "", events: 0, end: undefined };
        Object.assign(page, { reply, isStopped: false });
        const input = {
          messages: [{ role: "user" as const, content: "Tell me a long story about a fox and a river." }],
        };
        const write = async () => {
          for await (const event of page.ingle.model.generate({ input, sampling: { temperature: 0 }, maxTokens })) {
            if (page.isStopped) return "stopped";
            if (event.type === "end") return event.finishReason;
            if (event.type !== "text") continue;
            reply.text += event.text;
            reply.events++;
          }
          return "nothing";
        };
        void write().then(
          (end) => (reply.end = end),
          (thrown: unknown) => (reply.end = String(thrown)),
        );
      }, maxTokens);
    const reply = () => tab.evaluate(() => page.reply);
    const ended = async () => {
      await expect.poll(async () => (await reply()).end, { timeout: 60_000 }).toBeDefined();
      return reply();
    };

    await begin(450);
    await expect.poll(async () => (await reply()).events, { timeout: 30_000 }).toBeGreaterThan(0);
    const sizes = Array.from({ length: 13 }, () => 8 * MiB);
    const after3 = 24 * MiB;
    let meanwhile = 0;
    /** While the model writes, before, in the middle and after. */
    const failing = async (how: Failure | "", limit: number): Promise<Rehearsal> => {
      await fail(how, limit);
      const before = await reply();
      const rehearsal = await rehearse(model, sizes);
      const after = await reply();
      expect(after.end, how).toBeUndefined();
      meanwhile += after.events - before.events;
      await expect
        .poll(async () => (await reply()).events, { message: how, timeout: 30_000 })
        .toBeGreaterThan(after.events);
      return rehearsal;
    };
    expect(await failing("memory", after3)).toMatchObject({
      outcome: "failed",
      bytes: after3,
      reason: "The GPU gave 24 MiB and no more; 104 MiB were asked for.",
    });
    expect(await failing("lost", after3)).toMatchObject({
      outcome: "failed",
      bytes: after3,
      reason: "The GPU gave up after 24 MiB of 104 MiB.",
    });
    // Past the half that all are compared with.
    const paging = await failing("paging", 64 * MiB);
    expect(paging).toMatchObject({ outcome: "failed", bytes: 0 });
    expect(paging.outcome === "failed" && paging.reason).toMatch(
      /^All 104 MiB could be allocated, but are read \d+ times as slowly as a part: this GPU moves them to slower memory\.$/,
    );
    expect(await failing("", 0)).toMatchObject({ outcome: "passed", bytes: sum(sizes) });
    expect(meanwhile).toBeGreaterThan(0);
    await tab.evaluate(() => (page.isStopped = true));
    const beside = await ended();
    expect(beside.end).toBe("stopped");
    const compared = Math.min(beside.events, 40);
    await begin(compared);
    const alone = await ended();
    expect(alone.end).toBe("length");
    expect(alone.events).toBeGreaterThan(compared / 2);
    // Some texts are more than a token's.
    expect(beside.text.startsWith(alone.text)).toBe(true);
  });
}

test("on the page a model that fails it is not fetched, and the one that fits is named", async ({
  page: tab,
  site,
}) => {
  test.setTimeout(240_000);
  await tab.goto(`${site}#/models`);
  const card = tab.getByRole("article", { name: "Llama-3.2-1B-Instruct", exact: true }).last();
  const get = card.getByRole("button", { name: /^Get/ });
  // It needs 930 MiB, Qwen2.5-0.5B 368.
  const reasons = {
    memory: /^The GPU gave 5\d\d MiB and no more; 9\d\d MiB were asked for\./,
    lost: /^The GPU gave up after 5\d\d MiB of 9\d\d MiB\./,
    paging: /^All 9\d\d MiB could be allocated, but are read \d+ times as slowly as a part/,
  };
  // Each takes gigabytes read and written in software; the test above has all three with small ones.
  for (const how of isFull ? (["memory", "lost", "paging"] as const) : (["memory"] as const)) {
    await tab.reload();
    await expect(get).toBeVisible({ timeout: 20_000 });
    const [worker] = tab.workers();
    if (worker === undefined) throw new Error("The page has no worker.");
    await (
      await makeFailing(worker)
    )(how, 600 * MiB);
    await get.click();
    const said = card.getByRole("alert");
    await expect(said, how).toHaveText(reasons[how], { timeout: 120_000 });
    await expect(said, how).toHaveText(/Qwen2\.5-0\.5B-Instruct fits: get that one\.$/);
    await expect(card.getByText(/Kept here|Begun/)).toHaveCount(0);
    // That a smaller one passed does not undo what was found; but what held the memory may go, and it can be tried again.
    await expect(card.getByText("Does not fit", { exact: true })).toBeVisible();
    await expect(get).toBeVisible();
  }
});

test("only one runs at once, in all tabs, and it can be stopped", async ({ context, site }) => {
  const first = await ModelPage.on(await context.newPage(), site);
  const second = await ModelPage.on(await context.newPage(), site);
  const spans = await Promise.all(
    [first, second].map((model) =>
      model.tab.evaluate(async (sizes) => {
        const at: number[] = [];
        await page.ingle.model.rehearse(sizes, {
          onProgress: () => at.push(performance.timeOrigin + performance.now()),
        });
        return [at[0] ?? NaN, at.at(-1) ?? NaN] as const;
      }, SIZES),
    ),
  );
  const [a, b] = spans.toSorted((x, y) => x[0] - y[0]);
  expect(a?.[1]).toBeLessThanOrEqual(b?.[0] ?? NaN);
  const code = await first.tab.evaluate(async (sizes) => {
    const stop = new AbortController();
    try {
      await page.ingle.model.rehearse(sizes, { signal: stop.signal, onProgress: () => stop.abort() });
      return "passed";
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  }, SIZES);
  expect(code).toBe("aborted");
});
