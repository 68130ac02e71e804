/**
 * The network gate, tried from page, worker and service worker: what the browser refuses, and what a host on the
 * user's list gets. The proxy's log shows what really left.
 */
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import type { BrowserContext, Page } from "playwright/test";
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
      const functionRefused = refused(() => new Function("return 1"));
      fetch(url, { mode: "no-cors", cache: "no-store" }).then(
        () => resolve({ evalRefused, functionRefused, reached: true }),
        () => resolve({ evalRefused, functionRefused, reached: false }),
      );
    });
  });

const REFUSED: Attempt = { evalRefused: true, functionRefused: true, reached: false };
const PASSED: Attempt = { evalRefused: true, functionRefused: true, reached: true };

/** In a shared worker started as Ingle starts its own, from a blob; the protocol has no hold on those themselves. */
const attemptInSharedWorker = ({ url, attempt }: { url: string; attempt: string }): Promise<Attempt> =>
  new Promise((resolve, reject) => {
    const source = `onconnect = ({ ports: [port] }) => (${attempt})(${JSON.stringify(url)}).then((made) => port.postMessage(made));`;
    const worker = new SharedWorker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    worker.onerror = () => reject(new Error("The shared worker did not start."));
    worker.port.onmessage = ({ data }: MessageEvent<Attempt>) => resolve(data);
  });

/** Makes the attempt in the page, and in each kind of worker. */
async function realmsOf(
  page: Page,
  context: BrowserContext,
): Promise<Record<"page" | "worker" | "shared_worker" | "service_worker", (url: string) => Promise<Attempt>>> {
  await page.evaluate(() => navigator.serviceWorker.ready);
  const [worker] = page.workers();
  const service = context.serviceWorkers().at(-1);
  if (worker === undefined || service === undefined) throw new Error("A worker is missing.");
  return {
    page: (url) => page.evaluate(attempt, url),
    worker: (url) => worker.evaluate(attempt, url),
    shared_worker: (url) => page.evaluate(attemptInSharedWorker, { url, attempt: attempt.toString() }),
    service_worker: (url) => service.evaluate(attempt, url),
  };
}

let server: Server;
/** That reached the server at ADDED. */
let requests = 0;

test.beforeAll(async ({ network }) => {
  const { private: key, cert } = await generate([{ name: "commonName", value: ADDED }]);
  server = createServer({ key, cert }, (_request, response) => {
    requests++;
    response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  network.names.set(ADDED, (server.address() as AddressInfo).port);
});

test.afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("an unlisted host and eval are refused in page and every worker; an added host passes in all", async ({
  page,
  context,
  site,
  network,
  expectedViolations,
}) => {
  for (const where of ["page", "worker", "shared_worker", "service_worker"]) {
    expectedViolations.push({ where, directive: "connect-src" }, { where, directive: "script-src" });
  }
  await openCheck(page, site);
  for (const [name, run] of Object.entries(await realmsOf(page, context))) {
    expect(await run(`https://${UNLISTED}/`), name).toEqual(REFUSED);
    expect(await run(`https://${ADDED}/`), `${name}, before it was added`).toEqual(REFUSED);
  }
  expect(network.asked.filter((host) => host.startsWith(ADDED) || host.startsWith(UNLISTED))).toEqual([]);

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

  for (const [name, run] of Object.entries(await realmsOf(page, context))) {
    expect(await run(`https://${ADDED}/`), `${name}, added`).toEqual(PASSED);
    expect(await run(`https://${UNLISTED}/`), `${name}, still unlisted`).toEqual(REFUSED);
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

test("nothing else that loads can reach an unlisted host either", async ({
  page,
  site,
  network,
  expectedViolations,
}) => {
  for (const directive of ["img-src", "script-src-elem", "style-src-elem", "default-src", "connect-src"]) {
    expectedViolations.push({ where: "page", directive });
  }
  await openCheck(page, site);
  await page.evaluate(async (url) => {
    const add = (tag: string, attributes: Record<string, string>): void => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      document.head.append(element);
    };
    add("img", { src: url });
    add("script", { src: url });
    add("link", { href: url, rel: "stylesheet" });
    for (const rel of ["prefetch", "preload", "modulepreload", "icon", "manifest"])
      add("link", { href: url, rel, as: "fetch" });
    navigator.sendBeacon(url, "secret");
    new WebSocket(url.replace("https", "wss"));
    new EventSource(url);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }, `https://${UNLISTED}/`);
  expect(network.asked.filter((host) => host.startsWith(UNLISTED))).toEqual([]);
});

test("frames and forms send no request to an unlisted host", async ({ page, site, expectedViolations }) => {
  // Chromium opens the connection before it looks at the policy, so the host is on the proxy's log; what counts is
  // that nothing is asked of it.
  expectedViolations.push({ where: "page", directive: "frame-src" }, { where: "page", directive: "form-action" });
  requests = 0;
  await openCheck(page, site);
  await page.evaluate(async (url) => {
    const frame = document.createElement("iframe");
    frame.src = url;
    const form = document.createElement("form");
    form.action = url;
    document.body.append(frame, form);
    form.submit();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }, `https://${ADDED}/`);
  expect(requests).toBe(0);
});

test("without its gate the page starts nothing, and says why", async ({ page, site }) => {
  await page.context().route(/\/gate\.js$/, (route) => route.abort());
  await page.goto(site);
  await expect(page.getByRole("alert")).toContainText("Ingle has not started");
  expect(page.workers()).toEqual([]);
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
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
    expect(await realms.page(`https://${UNLISTED}/`)).toEqual(REFUSED);
    expect(await realms.worker(`https://${UNLISTED}/`)).toEqual(REFUSED);
    await page.goto(`${host.url}#/network`);
    await expect(page.getByTestId("service-worker-policy")).toContainText("not held by the browser");
  } finally {
    await host.stop();
  }
});

test("two tabs edit one list: what one removes does not come back with what the other adds", async ({
  page,
  context,
  site,
}) => {
  await page.goto(`${site}#/network`);
  const other = await context.newPage();
  await other.goto(`${site}#/network`);
  await expect(other.getByText("https://raw.githubusercontent.com")).toBeVisible();
  await page.getByRole("button", { name: "Remove https://raw.githubusercontent.com" }).click();
  await expect(other.getByText("https://raw.githubusercontent.com")).toHaveCount(0);
  await other.getByLabel("Add a host").fill("BÜCHER.example");
  await other.keyboard.press("Enter");
  await expect(page.getByText("https://xn--bcher-kva.example")).toBeVisible();
  await expect(page.getByText("https://raw.githubusercontent.com")).toHaveCount(0);
  await other.getByLabel("Add a host").fill("bücher.example");
  await other.keyboard.press("Enter");
  await expect(other.getByRole("alert")).toHaveText(/on the list already/);
});
