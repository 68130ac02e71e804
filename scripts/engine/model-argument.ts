/** What `--model` names, and how a page gets at it. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { normaliseHost } from "../../src/shared/hosts";
import { filesIn, serveFiles } from "../serve-files";
import type { PageSource } from "./model-page";

/** A URL, something on this disk, or by default the starter. */
export type ModelArgument =
  | { readonly kind: "url"; readonly url: string; readonly host: string | undefined }
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "starter" };

/** What npm was started in: a script runs in the package's own folder, and people mean theirs. */
const startedIn = process.env["INIT_CWD"] ?? process.cwd();

/** @throws Error saying what is wrong with it; IngleError "host-invalid" for a URL that no page may reach. */
export function parseSource(text: string | undefined): ModelArgument {
  if (text === undefined || text === "starter") return { kind: "starter" };
  if (text.trim() === "") throw new Error("--model is empty.");
  if (/^https?:\/\//i.test(text)) {
    return { kind: "url", url: text, host: isOfThisComputer(text) ? undefined : normaliseHost(text) };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    throw new Error(`--model ${text}: only http: and https: URLs can be read.`);
  const path = resolve(startedIn, text);
  if (!existsSync(path)) throw new Error(`--model ${text}: there is no such file or folder: ${path}`);
  if (statSync(path).isDirectory()) checkFolder(path);
  return { kind: "path", path };
}

function checkFolder(path: string): void {
  const names = readdirSync(path);
  if (names.includes("mlc-chat-config.json")) return;
  const files = names.filter((name) => name.endsWith(".gguf"));
  const hint = files.length > 0 ? ` Name a file in it: ${files.slice(0, 3).join(", ")}` : "";
  throw new Error(`--model ${path}: no MLC model is in this folder: it has no mlc-chat-config.json.${hint}`);
}

/** Which pages may always reach. */
function isOfThisComputer(url: string): boolean {
  return URL.canParse(url) && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(new URL(url).hostname);
}

/** What llama.cpp's splitter ends the names of parts with. */
const SPLIT = /-\d{5}-of-\d{5}\.gguf$/;

export interface ServedModel {
  readonly source: PageSource;
  /** One that the page must be allowed to reach for it. */
  readonly host?: string | undefined;
  close(): Promise<void>;
}

/** A model's source as the page can reach it: files on disk come as they would from a host, over HTTP, in ranges. */
export async function serveModel(argument: ModelArgument): Promise<ServedModel> {
  if (argument.kind === "starter") return { source: argument, close: () => Promise.resolve() };
  if (argument.kind === "url") {
    const { url, host } = argument;
    return { source: { kind: "url", url }, host, close: () => Promise.resolve() };
  }
  const isFolder = statSync(argument.path).isDirectory();
  const folder = isFolder ? argument.path : dirname(argument.path);
  const name = basename(argument.path);
  const stem = name.replace(SPLIT, "");
  // Of a folder its own files; of a file itself and the parts it was split into, not what lies beside it.
  const isOfModel = (path: string) =>
    isFolder
      ? /^[^./\\][^/\\]*$/.test(path)
      : path === name || (stem !== name && SPLIT.test(path) && path.replace(SPLIT, "") === stem);
  const { url, close } = await serveFiles((path) => (isOfModel(path) ? filesIn(folder)(path) : undefined));
  const path = isFolder ? "" : encodeURIComponent(basename(argument.path));
  return { source: { kind: "url", url: new URL(path, url).href }, close };
}
