/**
 * The hosts this page may reach, as the user keeps them. The connect gate (src/gate.ts) applies the list before
 * anything else runs; the Network page edits it.
 */
import { IngleError } from "./errors";
import { DEFAULT_HOSTS, isHostSource, parseHosts } from "./policy";

const HOSTS_STORAGE_KEY = "ingle.hosts";

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
  const name = toAscii(text.replace(/^https:\/\//, "").replace(/[/?#].*$/s, ""));
  const host = `https://${name}`.replace(/:443$/, "");
  if (!isHostSource(host)) {
    throw new IngleError(
      "host-invalid",
      `"${typed.trim().slice(0, 100)}" is not a host's name, such as models.example.org.`,
    );
  }
  return host;
}

/** "bücher.example" as policies and DNS have it: "xn--bcher-kva.example". What can't be a name stays as it is. */
function toAscii(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name) || name.length > 300) return name;
  try {
    const { host, username, pathname } = new URL(`https://${name}`);
    return username === "" && pathname === "/" ? host : name;
  } catch {
    return name;
  }
}
