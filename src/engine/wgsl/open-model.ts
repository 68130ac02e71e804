/** From where a model comes to what is in its files. */
import { IngleError } from "../../shared/errors";
import { STARTER, STARTER_ID, STARTER_MANIFEST, STARTER_PATH, STARTER_SAMPLING } from "../../shared/starter";
import { readStarterManifest } from "../../shared/starter-manifest";
import { milliseconds } from "../../shared/units";
import { withDeadline } from "../../shared/deadline";
import type { ModelSource } from "../engine";
import { readBytes, type ByteSource } from "./formats/byte-source";
import { readModelFiles, readModelSources, readModelUrl } from "./formats/detect";
import { openFile } from "./formats/file-source";
import { readGguf } from "./formats/gguf";
import { joinSources } from "./formats/joined-source";
import type { ModelFile } from "./formats/model-file";
import { openUrl } from "./formats/url-source";

const ANSWER_LIMIT = milliseconds(30_000);

/** Finds a downloaded model's files. @throws IngleError "not-stored" */
export type OpenStored = (id: string) => Promise<{ readonly name: string; readonly files: readonly ByteSource[] }>;

/** Where models are found that come from neither a URL nor disk. */
export interface ModelPlaces {
  /** The page's own address, beside which the starter is. */
  readonly page: URL;
  readonly openStored: OpenStored;
}

/** @throws IngleError as the readers; "starter-missing" where the page was built without its model; "not-stored". */
export async function openModel(
  source: ModelSource,
  { page, openStored }: ModelPlaces,
  signal: AbortSignal,
): Promise<ModelFile> {
  switch (source.kind) {
    case "url":
      return readModelUrl(source.url, signal);
    case "files":
      return readModelFiles(source.files, signal);
    case "stored": {
      const { name, files } = await openStored(source.id);
      const file = { ...(await readModelSources(files, signal, name)), name };
      return source.id === STARTER_ID ? { ...file, sampling: STARTER_SAMPLING } : file;
    }
    case "starter":
      return openStarter(new URL(STARTER_PATH, page), signal);
  }
}

async function openStarter(folder: URL, signal: AbortSignal): Promise<ModelFile> {
  const manifest = await withDeadline(readManifest(folder, signal), ANSWER_LIMIT, "The starter model's manifest");
  const urls = manifest.pieces.map(({ path }) => new URL(path, folder));
  const pieces = await Promise.all(urls.map(({ href }) => openUrl(href, signal)));
  const joined = joinSources(manifest.file, pieces);
  const isOwn = urls.every(({ origin }) => origin === folder.origin);
  const file = await readGguf([isOwn ? joined : await verified(joined, signal)], signal);
  return { ...file, name: manifest.name, sampling: STARTER_SAMPLING };
}

/**
 * Another host is not trusted as the page's own is: all its bytes are held to the pinned sum before any is used, which
 * takes them into memory. Where they can be kept the store does that, and this is not come to.
 */
async function verified(source: ByteSource, signal: AbortSignal): Promise<ByteSource> {
  if (source.size === STARTER.bytes) {
    const bytes = await readBytes(source, 0, source.size, signal);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const hex = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex === STARTER.sha256) return openFile(new Blob([bytes]), source.name);
  }
  throw new IngleError("checksum-mismatch", `${source.name} is not the starter model: its host has another file.`);
}

async function readManifest(folder: URL, signal: AbortSignal) {
  const missing = (message: string, cause?: unknown) => new IngleError("starter-missing", message, { cause });
  const response = await fetch(new URL(STARTER_MANIFEST, folder), { signal }).catch((cause: unknown) => {
    throw missing("The starter model could not be reached: the page's own server did not answer.", cause);
  });
  if (!response.ok) throw missing("This page was published without its starter model.");
  return readStarterManifest(await response.json().catch(() => undefined));
}
