/**
 * The hosts this page may reach: the list, what may stand in it, and the policy made of it. The connect gate
 * (src/gate.ts) applies it before anything else runs; the Network page edits it.
 */
import { IngleError } from "./errors";

const HOSTS_STORAGE_KEY = "ingle.hosts";

/** Where the catalogue's models and their compiled libraries are published, and where those hosts redirect to. */
export const DEFAULT_HOSTS: readonly string[] = [
  "https://huggingface.co",
  "https://*.huggingface.co",
  "https://*.hf.co",
  "https://raw.githubusercontent.com",
];

/** A policy as long as a novel would slow every page load; nobody needs this many. */
export const MAX_HOSTS = 50;

/** A CSP host-source: https, optionally `*.` before the name, optionally a port. Nothing that could end a directive. */
const HOST_SOURCE =
  /^https:\/\/(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::\d{1,5})?$/;

const LOOPBACK = ["http://127.0.0.1:*", "http://localhost:*", "ws://127.0.0.1:*", "ws://localhost:*"];

/** The stored list, or the default where there is none or it is not a list. Entries that don't belong are dropped. */
export function parseHosts(stored: string | null): readonly string[] {
  if (stored === null) return DEFAULT_HOSTS;
  try {
    const list: unknown = JSON.parse(stored);
    if (!Array.isArray(list)) return DEFAULT_HOSTS;
    const hosts = list.filter((host): host is string => typeof host === "string" && HOST_SOURCE.test(host));
    return [...new Set(hosts)].slice(0, MAX_HOSTS);
  } catch {
    return DEFAULT_HOSTS;
  }
}

/** The user's list. Blocked storage throws at the mere mention of `localStorage`, hence a function. */
export function loadHosts(storage: () => Pick<Storage, "getItem">): readonly string[] {
  try {
    return parseHosts(storage().getItem(HOSTS_STORAGE_KEY));
  } catch {
    return DEFAULT_HOSTS;
  }
}

/** @throws what the storage throws, when it is blocked or full. */
export function saveHosts(storage: () => Pick<Storage, "setItem">, hosts: readonly string[]): void {
  storage().setItem(HOSTS_STORAGE_KEY, JSON.stringify(hosts));
}

/**
 * What a person typed as an entry of the list: "models.example.org", "https://models.example.org/path",
 * "*.example.org".
 *
 * @throws IngleError "host-invalid"
 */
export function normaliseHost(typed: string): string {
  const text = typed.trim().toLowerCase();
  if (text === "") throw new IngleError("host-invalid", "Type the host's name, such as models.example.org.");
  if (/^(?!https:)[a-z][a-z0-9+.-]*:\/\//.test(text)) {
    throw new IngleError("host-invalid", "Only https:// hosts can be added; this computer itself is always allowed.");
  }
  const host = `https://${text.replace(/^https:\/\//, "").replace(/[/?#].*$/s, "")}`.replace(/:443$/, "");
  if (!HOST_SOURCE.test(host)) {
    throw new IngleError(
      "host-invalid",
      `"${typed.trim().slice(0, 100)}" is not a host's name, such as models.example.org.`,
    );
  }
  return host;
}

/** `connect-src` for a page: its own origin, this computer, `data:` (which reaches no host), and the list. */
export function connectPolicy(hosts: readonly string[]): string {
  return ["connect-src 'self' data:", ...LOOPBACK, ...hosts].join(" ");
}

/** The service worker's whole policy, for a server that can send it as a header. */
export function serviceWorkerPolicy(hosts: readonly string[]): string {
  return `default-src 'none'; script-src 'self'; ${connectPolicy(hosts)}`;
}

/** The service worker's URL says which hosts its user added, so that a server can put them into its header. */
export const HOSTS_PARAMETER = "hosts";
