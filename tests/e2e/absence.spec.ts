/** What the page says where WebGPU is missing, for each of the reasons, in a browser where it really is. */
import { createServer } from "node:http";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, openCheck, reportOf, test } from "../helpers/test";

test("no API in this browser: the page says so and what to do", async ({ page, site }) => {
  // No flag of this Chromium takes the API away, so it is taken away before the page's first script.
  await page.addInitScript(() => {
    delete (Navigator.prototype as { gpu?: unknown }).gpu;
  });
  await openCheck(page, site);
  await expect(page.getByTestId("verdict")).toHaveText(/^No: Chrome \d+ does not offer WebGPU here\.$/);
  await expect(page.getByText("WebGPU is switched off in this browser: look for it at chrome://flags/")).toBeVisible();
  expect((await reportOf(page)).webgpu).toMatchObject({ reason: { code: "no-api" } });
  await expect(page.getByRole("button", { name: "Measure speed" })).toHaveCount(0);
});

test("plain http from another machine: the page says that this is why", async ({ openBrowser, site, network }) => {
  // A name that is not localhost, over http, is what a LAN address is to the browser.
  const front = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const target = new URL(incoming.url ?? "/", site);
    request(target, { method, headers: { ...headers, host: target.host } }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    }).end();
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  network.names.set("ingle.test", (front.address() as AddressInfo).port);
  try {
    const page = await (await openBrowser()).newPage();
    await openCheck(page, "http://ingle.test/");
    await expect(page.getByTestId("verdict")).toContainText("opened over plain http://, where browsers hide WebGPU");
    await expect(page.getByText("Open it over https://")).toBeVisible();
    const report = await reportOf(page);
    expect(report.webgpu).toMatchObject({ reason: { code: "insecure-context" } });
    expect(report.page.secureContext).toEqual({ value: false });
    expect(report.storage.indexedDb).toEqual({ value: true });
    expect(report.workers.serviceWorker).toMatchObject({ reason: { code: "no-worker" } });
    // The clipboard is hidden there, too: the text is offered to copy by hand.
    await page.getByRole("button", { name: "Copy JSON" }).click();
    await expect(page.getByRole("textbox", { name: "Copy it from here" })).toHaveValue(/"ingle-capability-report"/);
    // The chat says the same, though half of what it is made of is missing there.
    await page.goto("http://ingle.test/#/");
    await expect(page.getByRole("status", { name: "Model" })).toContainText("opened over plain http://");
  } finally {
    front.closeAllConnections();
    front.close();
  }
});

test("API but no adapter: the page says so and what to do", async ({ openBrowser, site }) => {
  const page = await (await openBrowser({ flags: [] })).newPage();
  await openCheck(page, site);
  await expect(page.getByTestId("verdict")).toContainText("has WebGPU but offers no GPU");
  await expect(page.getByText("chrome://flags/#enable-unsafe-webgpu")).toBeVisible();
  const report = await reportOf(page);
  expect(report.webgpu).toMatchObject({ reason: { code: "no-adapter" } });
  for (const adapter of Object.values(report.adapters))
    expect(adapter).toMatchObject({ reason: { code: "no-adapter" } });
  await expect(page.getByRole("button", { name: "Measure speed" })).toHaveCount(0);
});

test("the device request failed: the page says what the browser said", async ({ page, site }) => {
  // Nothing makes a default request fail at will, so the worker's script is given a browser in which it does.
  await page.context().route(/\/assets\/entry-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const failing = `GPUAdapter.prototype.requestDevice = async () => { throw new DOMException("The driver gave up.", "OperationError"); };`;
    await route.fulfill({ response, body: failing + (await response.text()) });
  });
  await openCheck(page, site);
  await expect(page.getByTestId("verdict")).toContainText("could not open it. It said: The driver gave up.");
  await expect(page.getByText("Close other tabs and programs that use the GPU")).toBeVisible();
  expect((await reportOf(page)).webgpu).toMatchObject({ reason: { code: "device-request-failed" } });
});

test("a worker that can't be loaded becomes a reason, and the rest of the report stands", async ({ page, site }) => {
  await page.context().route(/\/assets\/entry-[^/]*\.js$/, (route) => route.abort());
  await openCheck(page, site);
  await expect(page.getByTestId("verdict")).toContainText("Not found out: Ingle's worker stopped");
  const report = await reportOf(page);
  expect(report.webgpu).toMatchObject({ reason: { code: "failed" } });
  expect(report.adapters.highPerformance).toHaveProperty("value");
  expect(report.storage.quotaBytes).toHaveProperty("value");
});

test("a worker that never answers ends in a reason within three seconds", async ({ page, site }) => {
  await page.context().route(/\/assets\/entry-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: "self.onmessage = () => {}; export {};" });
  });
  const start = Date.now();
  await openCheck(page, site);
  expect(Date.now() - start).toBeLessThan(4000); // the facts' three seconds, and the page's start
  expect((await reportOf(page)).workers.dedicatedWorker).toMatchObject({ reason: { code: "timed-out" } });
  await expect(page.getByTestId("verdict")).toHaveText(/^Not found out: the dedicated worker did not answer/);
  await expect(page.getByRole("button", { name: "Check again" })).toBeVisible();
});
