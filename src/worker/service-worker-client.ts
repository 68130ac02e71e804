/** Page side of the service worker: registers it and says when a new version of the shell waits. */
import { Workbox } from "workbox-window";
import { DEFAULT_HOSTS, HOSTS_PARAMETER } from "../shared/policy";

/** The app shell as the service worker keeps it: what the page needs to know of it. */
export interface Shell {
  /** The listener is called when a new version is ready to take over. */
  onWaiting(listener: () => void): void;
  /** Lets it take over and reloads the page. Only ever at the user's word. */
  apply(): void;
  /** Whether this host sends a policy that binds the service worker. */
  policy(): Promise<"sent" | "not-sent" | "unknown">;
}

/**
 * @param url sw.js, which must lie beside index.html for its scope to cover the page.
 * @param hosts the user's list. It goes into the URL, so that a server which sends headers can hold the service
 * worker to it: a changed list is a changed URL, hence a new service worker.
 */
export function registerServiceWorker(url: URL, hosts: readonly string[]): Shell {
  const listeners: (() => void)[] = [];
  let waiting = false;
  if (hosts.join() !== DEFAULT_HOSTS.join()) url.searchParams.set(HOSTS_PARAMETER, hosts.join());

  const workbox = new Workbox(url.href);
  workbox.addEventListener("waiting", ({ sw }) => {
    const active = navigator.serviceWorker.controller;
    if (active !== null && sw !== undefined && active.scriptURL !== sw.scriptURL) {
      workbox.messageSkipWaiting(); // the list changed and the page was reloaded for it: nothing to ask
      return;
    }
    waiting = true;
    for (const listener of listeners) listener();
  });
  // Without it the page only loses its start with no network, and the report says so.
  workbox.register({ immediate: true }).catch((error: unknown) => console.warn("No service worker:", error));

  return {
    onWaiting(listener) {
      listeners.push(listener);
      if (waiting) listener();
    },
    apply() {
      workbox.addEventListener("controlling", () => location.reload());
      workbox.messageSkipWaiting();
    },
    policy: () => policyOf(url),
  };
}

/** Whether the host sends a policy with the service worker's script, which is the only thing that can bind it. */
async function policyOf(url: URL): Promise<"sent" | "not-sent" | "unknown"> {
  try {
    const response = await fetch(url, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(5000) });
    return response.headers.get("content-security-policy")?.includes("connect-src") === true ? "sent" : "not-sent";
  } catch {
    return "unknown"; // no network: nothing was learnt
  }
}
