/**
 * The service worker: keeps the app shell so that the page opens with no network. Never model weights, never
 * computing: browsers end it at any time.
 */
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { answerProbe } from "./worker/answer-probe";
import { PROBE_DEVICE, SKIP_WAITING } from "./worker/protocol";

declare const self: ServiceWorkerGlobalScope & {
  /** Every file of the built shell with its revision; put in by vite-plugin-pwa. */
  readonly __WB_MANIFEST: { url: string; revision: string | null }[];
};

const ON_USE = /\/assets\/(webllm-library|grammar-worker)-[\w-]+\.js$/;
const ON_USE_CACHE = "ingle-on-use";

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
// The page itself and nothing below it: what else a host keeps under this path is not Ingle's to answer for.
const page = new URL("./", self.location.href).pathname;
registerRoute(
  ({ request, url }) => request.mode === "navigate" && (url.pathname === page || url.pathname === `${page}index.html`),
  createHandlerBoundToURL("index.html"),
);

// WebLLM's code is as large as a small model, and the grammars' half as large, and most visits need neither: each comes
// when it is first asked for, and stays, so that it runs with no network too. Its name has its hash in it.
registerRoute(
  ({ url }) => url.origin === self.location.origin && ON_USE.test(url.pathname),
  async ({ request, url }) => {
    const cache = await caches.open(ON_USE_CACHE);
    const kept = await cache.match(request);
    if (kept !== undefined) return kept;
    const response = await fetch(request);
    if (response.ok) {
      const [, name] = ON_USE.exec(url.pathname) ?? [];
      for (const other of await cache.keys()) {
        if (ON_USE.exec(other.url)?.[1] === name) await cache.delete(other); // of an earlier release
      }
      await cache.put(request, response.clone());
    }
    return response;
  },
);

// The first page to register it is served by it at once, so what that page loads later survives a lost network too.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// "The model is here": back to the page that says so.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      const [open] = await self.clients.matchAll({ type: "window" });
      await (open === undefined ? self.clients.openWindow("./") : open.focus());
    })(),
  );
});

self.addEventListener("message", (event) => {
  const data: unknown = event.data;
  const [port] = event.ports;
  if (data === PROBE_DEVICE && port !== undefined) {
    event.waitUntil(answerProbe(self.navigator.gpu, port));
  } else if (typeof data === "object" && data !== null && "type" in data && data.type === SKIP_WAITING) {
    void self.skipWaiting();
  }
});
