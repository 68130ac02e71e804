/** The report against what the browser itself says, on a real adapter. */
import { LIMITS } from "../../src/probe/limits";
import { isKnown, MEASUREMENT_NAMES, valueOf, WORKER_KINDS } from "../../src/probe/report";
import { expect, openCheck, reportOf, test } from "../helpers/test";

/** What `navigator.gpu` says when asked directly, with none of Ingle's code. */
async function askBrowser(options: GPURequestAdapterOptions) {
  const adapter = await navigator.gpu.requestAdapter(options);
  if (adapter === null) return null;
  const read = (limits: GPUSupportedLimits): Record<string, number> => {
    const all: Record<string, number> = {};
    for (const name in limits) all[name] = (limits as unknown as Record<string, number>)[name] ?? NaN;
    return all;
  };
  const { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize, isFallbackAdapter } =
    adapter.info;
  const opened = await adapter.requestDevice();
  return {
    info: { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize, isFallbackAdapter },
    features: [...(adapter.features as unknown as Set<string>)].sort(),
    limits: read(adapter.limits),
    defaults: read(opened.limits),
    wgsl: [...(navigator.gpu.wgslLanguageFeatures as unknown as Set<string>)].sort(),
  };
}

test("each adapter's facts equal what the browser says", async ({ page, site }) => {
  await openCheck(page, site);
  const report = await reportOf(page);
  const kinds = {
    highPerformance: { powerPreference: "high-performance" },
    lowPower: { powerPreference: "low-power" },
    fallback: { forceFallbackAdapter: true },
  } as const;
  for (const [kind, options] of Object.entries(kinds)) {
    const truth = await page.evaluate(askBrowser, options);
    if (truth === null) throw new Error(`There is no ${kind} adapter to test with.`);
    const { info, features, limits, wgsl } = truth;
    expect(report.adapters[kind as keyof typeof kinds]).toEqual({
      value: { info: { value: info }, features: { value: features }, limits: { value: limits } },
    });
    expect(Object.keys(limits).length).toBeGreaterThan(30);
    expect(report.wgslLanguageFeatures).toEqual({ value: wgsl });
  }
});

test("the table of defaults is what a device gets that asked for nothing", async ({ page, site }) => {
  await openCheck(page, site);
  const truth = await page.evaluate(askBrowser, {});
  const table = Object.fromEntries(Object.entries(LIMITS).map(([name, definition]) => [name, definition.default]));
  expect(table).toEqual(truth?.defaults);
});

test("the facts come in under three seconds, WebGPU works in every kind of worker, storage stores", async ({
  page,
  site,
}) => {
  const start = Date.now();
  await page.goto(`${site}#/check`);
  const report = await reportOf(page);
  expect(Date.now() - start).toBeLessThan(3000);
  for (const kind of WORKER_KINDS) expect(report.workers[kind], kind).toEqual({ value: true });
  expect(report.webgpu).toEqual({ value: true });
  expect(report.storage.indexedDb).toEqual({ value: true });
  expect(report.storage.opfs).toEqual({ value: true });
  expect(valueOf(report.storage.quotaBytes)).toBeGreaterThan(0);
  expect(report.storage.persisted).toEqual({ value: false });
  expect(report.page).toEqual({ secureContext: { value: true }, crossOriginIsolated: { value: false } });
  // The probe leaves nothing behind.
  const left = await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const names: string[] = [];
    for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
    return names;
  });
  expect(left).toEqual([]);
});

test("measurements come with their spread, and the kernel is right on this adapter", async ({ page, site }) => {
  await openCheck(page, site);
  const report = await reportOf(page, { measure: true });
  for (const name of MEASUREMENT_NAMES) {
    const fact = report.measurements[name];
    if (name === "f16Throughput") {
      expect(fact).toMatchObject({ reason: { code: "unsupported" } }); // SwiftShader has no shader-f16
      continue;
    }
    if (!isKnown(fact)) throw new Error(`${name} was not measured: ${fact.reason.message}`);
    const { median, lowerQuartile, upperQuartile, samples } = fact.value;
    expect(lowerQuartile, name).toBeGreaterThan(0);
    expect(median, name).toBeGreaterThanOrEqual(lowerQuartile);
    expect(upperQuartile, name).toBeGreaterThanOrEqual(median);
    expect(samples, name).toBeGreaterThanOrEqual(3);
  }
  const checks = valueOf(report.kernelChecks) ?? [];
  expect(checks.map(({ kernel }) => kernel)).toContain("attention");
  for (const { kernel, result } of checks) {
    expect(result, kernel).toMatchObject({ value: { verdict: "pass" } });
    expect(valueOf(result)?.outputs, kernel).toBeGreaterThan(100);
    // Not zero: f32 on the GPU cannot equal double on the CPU, unless nothing was compared.
    expect(valueOf(result)?.maxError, kernel).toBeGreaterThan(0);
  }
  await expect(page.getByRole("heading", { name: /memory bandwidth/i })).toBeVisible();
});

test("measuring can be stopped, says so, and can be taken up again", async ({ page, site }) => {
  await openCheck(page, site);
  await page.getByRole("button", { name: "Measure speed" }).click();
  await page.waitForTimeout(600); // past what is taken for a double click, and long before the end
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("button", { name: /^Measure/ })).toBeVisible();
  const stopped = await reportOf(page);
  expect(stopped.measurements.readbackLatency).toMatchObject({ reason: { code: "stopped" } });
  await expect(page.getByText("Stopped. What was measured by then stays.")).toBeVisible();
  await expect(page.locator("#measurements")).toContainText("stopped");
  await page.getByRole("button", { name: /^Measure/ }).click();
  await expect(page.locator("#measurements")).toContainText(/read-back\s*[\d.]+ ms/, { timeout: 30_000 });
});

test("a GPU process that dies ends a measurement with a reason, and the next one works", async ({
  openBrowser,
  site,
}) => {
  const context = await openBrowser();
  const page = await context.newPage();
  await openCheck(page, site);
  await page.getByRole("button", { name: "Measure speed" }).click();
  await expect(page.getByText("Measuring memory bandwidth")).toBeVisible();
  const session = await context.browser()?.newBrowserCDPSession();
  await session?.send("Browser.crashGpuProcess");
  await expect(page.locator("#measurements")).toContainText("The GPU was lost", { timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Measure again" })).toBeVisible({ timeout: 30_000 });
  await expect(page.locator("#measurements")).toContainText(/read-back\s*[\d.]+ ms/);
});
