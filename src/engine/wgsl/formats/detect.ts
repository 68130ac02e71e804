/** From what a person chose (files, a folder's files, a URL) to the model in it. */
import { IngleError } from "../../../shared/errors";
import { MLC_CONFIG } from "../../../shared/mlc-files";
import { readBytes, type ByteSource } from "./byte-source";
import { openFile } from "./file-source";
import { readGguf } from "./gguf";
import { isGguf } from "./gguf-header";
import { MOST_PARTS } from "./gguf-parts";
import { readMlc } from "./mlc";
import type { ModelFile } from "./model-file";
import { quoted, unsupported } from "./refusals";
import { openUrl, type UrlOptions } from "./url-source";

/**
 * @param files one GGUF file, all parts of one, or the files of an MLC folder; names don't matter for GGUF.
 * @throws IngleError as `readGguf` and `readMlc`.
 */
export function readModelFiles(files: readonly File[], signal: AbortSignal): Promise<ModelFile> {
  const config = files.find(({ name }) => name === MLC_CONFIG);
  return readModelSources(
    files.map((file) => openFile(file)),
    signal,
    config && folderOf(config),
  );
}

/**
 * @param name of the whole, where there is one.
 * @throws IngleError as `readGguf` and `readMlc`.
 */
export async function readModelSources(
  sources: readonly ByteSource[],
  signal: AbortSignal,
  name?: string,
): Promise<ModelFile> {
  if (sources.some((source) => source.name === MLC_CONFIG)) {
    return readMlc((file) => Promise.resolve(sourceNamed(sources, file)), signal, name);
  }
  for (const source of sources) {
    if (!(await startsAsGguf(source, signal))) {
      throw unsupported(source.name, "it is neither a GGUF file nor an MLC folder's");
    }
  }
  return readGguf(sources, signal);
}

function sourceNamed(sources: readonly ByteSource[], name: string): ByteSource {
  const source = sources.find((candidate) => candidate.name === name);
  if (source) return source;
  throw new IngleError("source-failed", `${name} is not among the files.`);
}

/** A folder's name, where the platform tells it: a browser does of a picked folder, Node knows no such property. */
function folderOf(file: { readonly webkitRelativePath?: string }): string | undefined {
  return file.webkitRelativePath?.split("/").at(-2);
}

/**
 * @param address of a GGUF file (of any part, for one in parts), of an MLC folder or its mlc-chat-config.json, or of a
 *   Hugging Face repository with one.
 * @throws IngleError as `openUrl`, `readGguf` and `readMlc`.
 */
export async function readModelUrl(address: string, signal: AbortSignal, options?: UrlOptions): Promise<ModelFile> {
  const url = fileAddress(address);
  const folder = mlcFolder(url);
  if (folder) {
    return readMlc((file) => openUrl(new URL(file, folder).href, signal, options), signal, nameOf(folder));
  }
  const parts = partAddresses(url);
  const sources: ByteSource[] = [];
  for (const part of parts) sources.push(await openUrl(part, signal, options));
  return readGguf(sources, signal);
}

/** Hugging Face's page of a file is at "/blob/", the file itself at "/resolve/". */
function fileAddress(address: string): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch (thrown) {
    throw new IngleError("source-failed", `${quoted(address)} is no address of a file.`, { cause: thrown });
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new IngleError("source-failed", `${quoted(address)} does not begin with https: or http:.`);
  }
  if (url.hostname === "huggingface.co")
    url.pathname = url.pathname.replace(/^(\/[^/]+\/[^/]+)\/blob\//, "$1/resolve/");
  return url;
}

function mlcFolder(url: URL): URL | undefined {
  if (url.pathname.endsWith(`/${MLC_CONFIG}`)) return new URL("./", url);
  if (url.hostname === "huggingface.co" && /^\/[^/]+\/[^/]+\/?$/.test(url.pathname)) {
    return new URL(`${url.pathname.replace(/\/$/, "")}/resolve/main/`, url);
  }
  return url.pathname.endsWith("/") ? url : undefined;
}

/** The folder's own name, or on Hugging Face, where revisions are folders, the repository's. */
function nameOf(folder: URL): string | undefined {
  const path = folder.pathname.split("/").filter((part) => part !== "");
  const revision = path.indexOf("resolve");
  return path.at(revision > 0 ? revision - 1 : -1);
}

/** All parts' addresses, from any one's. */
function partAddresses(url: URL): string[] {
  const part = /^(?<before>.*-)\d{5}(?<between>-of-(?<count>\d{5})(?:\.gguf)?)$/.exec(url.pathname)?.groups;
  const count = Number(part?.["count"] ?? 0);
  if (!part || count < 1 || count > MOST_PARTS) return [url.href];
  return Array.from({ length: count }, (_, i) => {
    const other = new URL(url);
    other.pathname = `${part["before"]}${String(i + 1).padStart(5, "0")}${part["between"]}`;
    return other.href;
  });
}

async function startsAsGguf(source: ByteSource, signal: AbortSignal): Promise<boolean> {
  return isGguf(await readBytes(source, 0, Math.min(4, source.size), signal));
}
