/**
 * What this page may reach, as content security policies. Imports nothing, because vite.config.ts needs it, too.
 */

/** Where the catalogue's models and their compiled libraries are published, and where those hosts redirect to. */
const MODEL_HOSTS: readonly string[] = [
  "https://huggingface.co",
  "https://*.huggingface.co",
  "https://*.hf.co",
  "https://raw.githubusercontent.com",
];

/** A policy as long as a novel would slow every page load; nobody needs this many. */
export const MAX_HOSTS = 50;

/** https, optionally `*.` before the name, optionally a port. Nothing that could end a directive. */
const HOST_SOURCE =
  /^https:\/\/(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::(\d{1,5}))?$/;
/** A name has at most 253 characters; around it stand the scheme, `*.` and a port. */
const MAX_HOST_CHARACTERS = 270;

/** Whether a text may stand in the list: a host-source as content security policies have it. */
export function isHostSource(text: string): boolean {
  if (text.length > MAX_HOST_CHARACTERS) return false;
  const match = HOST_SOURCE.exec(text);
  return match !== null && Number(match[1] ?? 443) <= 65_535;
}

const HTTP_HOST = /^http:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/;

/**
 * Hosts that this build may reach without encryption, a company's mirror say, by the build option VITE_HTTP_HOSTS:
 * "http://models.intern:8080", with spaces between. What is none is left out. In Node there is no build, and none.
 */
export const HTTP_HOSTS: readonly string[] = parseHttpHosts(
  (import.meta.env as ImportMetaEnv | undefined)?.["VITE_HTTP_HOSTS"] as string | undefined,
);

export function parseHttpHosts(option = ""): readonly string[] {
  return option.split(/\s+/).filter((host) => HTTP_HOST.test(host));
}

/**
 * Whose bytes the starter model's are, where it does not come with the page: the origin of the build option
 * VITE_STARTER_FROM. What may be in that the build has seen to (scripts/starter/elsewhere.ts).
 */
export const STARTER_HOST: string | undefined = originOf(
  (import.meta.env as ImportMetaEnv | undefined)?.["VITE_STARTER_FROM"] as string | undefined,
);

function originOf(address = ""): string | undefined {
  try {
    return new URL(address.trim()).origin; // URL.canParse is younger than browsers that the gate has to run in
  } catch {
    return undefined;
  }
}

/** What a user's list is before they change it: the models' hosts, and the starter's, where none of those is it. */
export const DEFAULT_HOSTS: readonly string[] =
  STARTER_HOST === undefined || !isHostSource(STARTER_HOST) || isCovered(STARTER_HOST)
    ? MODEL_HOSTS
    : [...MODEL_HOSTS, STARTER_HOST];

function isCovered(host: string): boolean {
  return MODEL_HOSTS.some(
    (entry) => entry === host || (entry.includes("*") && host.endsWith(entry.replace(/^.*\*/, ""))),
  );
}

const LOOPBACK = ["http://127.0.0.1:*", "http://localhost:*", "ws://127.0.0.1:*", "ws://localhost:*"];

/** The stored list, or the default where there is none or it is not a list. Entries that don't belong are dropped. */
export function parseHosts(stored: string | null): readonly string[] {
  if (stored === null) return DEFAULT_HOSTS;
  try {
    const list: unknown = JSON.parse(stored);
    if (!Array.isArray(list)) return DEFAULT_HOSTS;
    const hosts = list.filter((host): host is string => typeof host === "string" && isHostSource(host));
    return [...new Set(hosts)].slice(0, MAX_HOSTS);
  } catch {
    return DEFAULT_HOSTS;
  }
}

/** `connect-src` for a page: its own origin, this computer, what the build allows, and the list. */
export function connectPolicy(hosts: readonly string[]): string {
  return ["connect-src 'self'", ...LOOPBACK, ...HTTP_HOSTS, ...hosts].join(" ");
}

/** The service worker's whole policy, for a server that can send it as a header. */
export function serviceWorkerPolicy(hosts: readonly string[]): string {
  return `default-src 'none'; script-src 'self'; ${connectPolicy(hosts)}`;
}

/** The id of the policy that the connect gate put in: without it, nothing is held to the list. */
export const GATE_ID = "connect-gate";

/** The service worker's URL says which hosts its user added, so that a server can put them into its header. */
export const HOSTS_PARAMETER = "hosts";

/** Whether a header, as a host sent it, allows no connection that the list does not. */
export function holdsTo(header: string, hosts: readonly string[]): boolean {
  const allowed = new Set(["'none'", ...connectPolicy(hosts).split(" ").slice(1)]);
  // Several headers come as one with commas between. Policies add up: one that holds is enough.
  return header.split(",").some((policy) => {
    const sources = connectSources(policy);
    return sources?.every((source) => allowed.has(source)) === true;
  });
}

/** What a policy lets connect: its `connect-src`, or else its `default-src`. Of several, the first counts. */
function connectSources(policy: string): readonly string[] | undefined {
  const directives = policy.split(";").map((directive) => directive.trim().split(/\s+/));
  const find = (wanted: string) => directives.find(([name]) => name?.toLowerCase() === wanted)?.slice(1);
  return find("connect-src") ?? find("default-src");
}
