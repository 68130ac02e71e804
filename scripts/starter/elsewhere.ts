/**
 * The build option VITE_STARTER_FROM: the starter model's bytes come from another host than the page's, which pays for
 * 94 MiB a visitor otherwise. It is the address of the file itself, or of a folder like the `dist/starter/` that a build
 * without the option makes. Nothing is asked of it here; in the page the pinned sum decides, wherever it came from.
 */
import { isHostSource } from "../../src/shared/policy.ts";
import { STARTER_MANIFEST, type PinnedFile, type StarterPresent } from "../../src/shared/starter.ts";
import { spansOf } from "./pieces.ts";

const LOOPBACK: readonly string[] = ["127.0.0.1", "localhost"];

/**
 * @param httpHosts that this build may reach without encryption.
 * @returns the manifest that leads there; undefined without the option.
 * @throws Error with a sentence, of an option that no page could follow
 */
export function starterElsewhere(
  option: string | undefined,
  httpHosts: readonly string[],
  pin: PinnedFile,
  pieceBytes: number,
): StarterPresent | undefined {
  const address = option?.trim() ?? "";
  if (address === "") return undefined;
  const url = checked(address, httpHosts);
  if (/\.gguf$/i.test(url.pathname)) {
    return { version: 1, ...pin, pieces: [{ path: url.href, bytes: pin.bytes, sha256: pin.sha256 }] };
  }
  if (url.search !== "")
    throw wrong(address, `is no .gguf file's address, and a folder's ends without "${url.search}"`);
  url.pathname = url.pathname.replace(new RegExp(`/(?:${STARTER_MANIFEST})?$`), "") + "/";
  const pieces = spansOf(pin, pieceBytes).map(({ path, bytes }) => ({ path: new URL(path, url).href, bytes }));
  return { version: 1, ...pin, pieces };
}

function checked(address: string, httpHosts: readonly string[]): URL {
  if (!URL.canParse(address)) throw wrong(address, "is no address, such as https://cdn.example.org/ingle/starter/");
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") {
    throw wrong(url.host, "may have no name and password in it: every visitor could read them");
  }
  if (url.hash !== "") throw wrong(address, `may not have a "#" in it`);
  const isPlain = url.protocol === "http:" && (LOOPBACK.includes(url.hostname) || httpHosts.includes(url.origin));
  if (url.protocol !== "https:" && !isPlain) {
    throw wrong(address, "has to be an https address; an http host has to be in VITE_HTTP_HOSTS as well");
  }
  if (!isPlain && !isHostSource(url.origin)) {
    throw wrong(address, "has to name its host in full, such as cdn.example.org, or a policy can't name it");
  }
  if (url.hostname === "huggingface.co" && /^\/[^/]+\/[^/]+\/(?:blob|tree)\//.test(url.pathname)) {
    throw wrong(address, 'is a page about the file; the file itself is where that has "/resolve/"');
  }
  return url;
}

function wrong(address: string, why: string): Error {
  return new Error(`VITE_STARTER_FROM: "${address.slice(0, 200)}" ${why}.`);
}
