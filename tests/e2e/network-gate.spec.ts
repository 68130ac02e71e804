/**
 * The network gate, tried from page, worker and service worker: what the browser refuses, and what a host on the
 * user's list gets. The proxy's log shows what really left.
 */
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import type { BrowserContext, Page, Worker } from "playwright/test";
import { expect, openCheck, test } from "../helpers/test";
import { startStaticHost } from "../helpers/static-host";

const ADDED = "added.test";
const UNLISTED = "unlisted.test";

interface Attempt {
  readonly evalRefused: boolean;
  readonly functionRefused: boolean;
  readonly reached: boolean;
}

/** Runs where it is evaluated. Deferred, because what the test's protocol runs directly is exempt from the eval rule. */
const attempt = (url: string): Promise<Attempt> =>
  new Promise((resolve) => {
    const refused = (run: () => unknown): boolean => {
      try {
        run();
        return false;
      } catch (error) {
        return error instanceof EvalError;
      }
    };
    setTimeout(() => {
      const evalRefused = refused(() => (0, eval)("1"));
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the point is to see it refused
      const functionRefused = refused(() => new Function("return 1")() as unknown);
      fetch(url, { mode: "no-cors", cache: "no-store" }).then(
        () => resolve({ evalRefused, functionRefused, reached: true }),
        () => resolve({ evalRefused, functionRefused, reached: false }),
      );
    });
  });

const REFUSED: Attempt = { evalRefused: true, functionRefused: true, reached: false };
const PASSED: Attempt = { evalRefused: true, functionRefused: true, reached: true };

/** The dedicated worker and the service worker of a page that has both. */
async function realmsOf(page: Page, context: BrowserContext): Promise<{ page: Page; worker: Worker; service: Worker }> {
  await page.evaluate(() => navigator.serviceWorker.ready);
  const [worker] = page.workers();
  const service = context.serviceWorkers().at(-1);
  if (worker === undefined || service === undefined) throw new Error("A worker is missing.");
  return { page, worker, service };
}

let server: Server;

test.beforeAll(async ({ network }) => {
  const { private: key, cert } = await generate([{ name: "commonName", value: ADDED }]);
  server = createServer({ key, cert }, (_request, response) => {
    response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  network.names.set(ADDED, (server.address() as AddressInfo).port);
});

test.afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("an unlisted host and eval are refused in page, worker and service worker; an added host passes in all three", async ({
  page,
  context,
  site,
  network,
  expectedViolations,
}) => {
  for (const where of ["page", "worker", "service_worker"]) {
    expectedViolations.push({ where, directive: "connect-src" }, { where, directive: "script-src" });
  }
  await openCheck(page, site);
  for (const [name, realm] of Object.entries(await realmsOf(page, context))) {
    expect(await realm.evaluate(attempt, `https://${UNLISTED}/`), name).toEqual(REFUSED);
    expect(await realm.evaluate(attempt, `https://${ADDED}/`), `${name}, before it was added`).toEqual(REFUSED);
  }
  expect(network.asked.filter((host) => host.includes(".test"))).toEqual([]);

  await page.goto(`${site}#/network`);
  await page.getByLabel("Add a host").fill(ADDED);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: "Reload to apply" }).click();
  await expect(page.getByText(`https://${ADDED}`)).toBeVisible();
  await expect(page.getByTestId("service-worker-policy")).toContainText("held to the list by the browser");
  await openCheck(page, site);
  // The list is part of the service worker's URL, so a new one takes over for it, unasked.
  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller?.scriptURL), { timeout: 15_000 })
    .toContain(encodeURIComponent(`https://${ADDED}`));

  for (const [name, realm] of Object.entries(await realmsOf(page, context))) {
    expect(await realm.evaluate(attempt, `https://${ADDED}/`), `${name}, added`).toEqual(PASSED);
    expect(await realm.evaluate(attempt, `https://${UNLISTED}/`), `${name}, still unlisted`).toEqual(REFUSED);
  }
  expect(network.asked.filter((host) => host.startsWith(ADDED)).length).toBeGreaterThanOrEqual(1);
  expect(network.asked.filter((host) => host.startsWith(UNLISTED))).toEqual([]);
  await expect(page.getByText("A new version of Ingle is ready.")).toHaveCount(0);
});

test("the policy can't be widened from inside, and WebAssembly may still be compiled", async ({
  page,
  site,
  network,
  expectedViolations,
}) => {
  expectedViolations.push({ where: "page", directive: "connect-src" });
  await openCheck(page, site);
  const reached = await page.evaluate(async (url) => {
    const wider = document.createElement("meta");
    wider.httpEquiv = "Content-Security-Policy";
    wider.content = "connect-src *";
    document.head.append(wider);
    return fetch(url, { mode: "no-cors" }).then(
      () => true,
      () => false,
    );
  }, `https://${UNLISTED}/`);
  expect(reached).toBe(false);
  expect(network.asked.filter((host) => host.startsWith(UNLISTED))).toEqual([]);

  const empty = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const compiled = await page.evaluate(
    (bytes) =>
      new Promise<string>((resolve) => {
        setTimeout(() => {
          WebAssembly.compile(new Uint8Array(bytes)).then((module) => resolve(module.constructor.name), String);
        });
      }),
    empty,
  );
  expect(compiled).toBe("Module");
});

test("images, scripts, frames and forms can't reach an unlisted host either", async ({
  page,
  site,
  network,
  expectedViolations,
}) => {
  for (const directive of [
    "img-src",
    "script-src-elem",
    "script-src",
    "frame-src",
    "form-action",
    "style-src-elem",
    "connect-src",
  ]) {
    expectedViolations.push({ where: "page", directive });
  }
  await openCheck(page, site);
  await page.evaluate(async (url) => {
    const add = (tag: string, attribute: string): void => {
      const element = document.createElement(tag);
      element.setAttribute(attribute, url);
      if (tag === "link") element.setAttribute("rel", "stylesheet");
      document.body.append(element);
    };
    add("img", "src");
    add("script", "src");
    add("iframe", "src");
    add("link", "href");
    const form = document.createElement("form");
    form.action = url;
    document.body.append(form);
    form.submit();
    navigator.sendBeacon(url, "secret");
    new WebSocket(url.replace("https", "wss"));
    new EventSource(url);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }, `https://${UNLISTED}/`);
  expect(network.asked.filter((host) => host.startsWith(UNLISTED))).toEqual([]);
});

test("on a host that sends no headers the page and worker are held all the same, and the page tells the rest", async ({
  page,
  context,
  expectedViolations,
}) => {
  for (const where of ["page", "worker"]) {
    expectedViolations.push({ where, directive: "connect-src" }, { where, directive: "script-src" });
  }
  const host = await startStaticHost("dist", "/sub/path/");
  try {
    await openCheck(page, host.url);
    const realms = await realmsOf(page, context);
    expect(await realms.page.evaluate(attempt, `https://${UNLISTED}/`)).toEqual(REFUSED);
    expect(await realms.worker.evaluate(attempt, `https://${UNLISTED}/`)).toEqual(REFUSED);
    await page.goto(`${host.url}#/network`);
    await expect(page.getByTestId("service-worker-policy")).toContainText("not held by the browser");
  } finally {
    await host.stop();
  }
});
