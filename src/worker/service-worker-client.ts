/** Page side of the service worker: registers it and says when a new version of the shell is there. */
import { Workbox } from "workbox-window";
import { DEFAULT_HOSTS, HOSTS_PARAMETER, holdsTo } from "../shared/policy";

/** The app shell as the service worker keeps it: what the page needs to know of it. */
export interface Shell {
  /** Rejects where there can be no service worker: a private window, blocked storage, a missing sw.js. */
  readonly registration: Promise<ServiceWorkerRegistration>;
  /** The listener is called when a new version waits, or has taken over at another tab's word. */
  onUpdate(listener: () => void): void;
  /** Lets the new version take over and reloads the page. Only ever at the user's word. */
  apply(): Promise<void>;
  /** Whether this host sends a policy that holds the service worker to the list. */
  policy(): Promise<"sent" | "not-sent" | "unknown">;
}

/**
 * @param url sw.js, which must lie beside index.html for its scope to cover the page.
 * @param hosts the user's list. It goes into the URL, so that a server which sends headers can hold the service
 * worker to it: a changed list is a changed URL, hence a new service worker.
 */
export function registerServiceWorker(url: URL, hosts: readonly string[]): Shell {
  const listeners: (() => void)[] = [];
  let updated = false;
  const tell = (): void => {
    updated = true;
    for (const listener of listeners) listener();
  };
  if (hosts.join() !== DEFAULT_HOSTS.join()) url.searchParams.set(HOSTS_PARAMETER, hosts.join());

  let applying = false;
  let listChanged = false;
  const workbox = new Workbox(url.href);
  workbox.addEventListener("waiting", ({ sw }) => {
    const active = navigator.serviceWorker.controller;
    if (active !== null && sw !== undefined && active.scriptURL !== sw.scriptURL) {
      listChanged = true;
      workbox.messageSkipWaiting(); // the page was reloaded for it: nothing to ask
      return;
    }
    tell();
  });
  workbox.addEventListener("controlling", ({ isUpdate }) => {
    if (applying) location.reload();
    // Another tab said yes. The files this page may still want are gone with the old version.
    else if (isUpdate === true && !listChanged) tell();
  });
  const registration = workbox.register({ immediate: true }).then((made) => {
    if (made === undefined) throw new Error("This browser did not register a service worker.");
    return made;
  });
  // Whoever needs it asks for it; that nobody has yet is no error.
  registration.catch(() => undefined);

  return {
    registration,
    onUpdate(listener) {
      listeners.push(listener);
      if (updated) listener();
    },
    async apply() {
      applying = true;
      const waiting = (await registration.catch(() => undefined))?.waiting;
      if (waiting) workbox.messageSkipWaiting();
      else location.reload();
    },
    policy: () => policyOf(url, hosts),
  };
}

/** Whether the host sends a policy with the service worker's script, which is the only thing that can bind it. */
async function policyOf(url: URL, hosts: readonly string[]): Promise<"sent" | "not-sent" | "unknown"> {
  try {
    const response = await fetch(url, { method: "HEAD", cache: "no-store" });
    return holdsTo(response.headers.get("content-security-policy") ?? "", hosts) ? "sent" : "not-sent";
  } catch {
    return "unknown"; // no network: nothing was learnt
  }
}
