/** From where a model comes to what is in its files. */
import { IngleError } from "../../shared/errors";
import { STARTER_ID, STARTER_MANIFEST, STARTER_PATH, STARTER_SAMPLING } from "../../shared/starter";
import { readStarterManifest } from "../../shared/starter-manifest";
import { milliseconds } from "../../shared/units";
import { withDeadline } from "../../shared/deadline";
import type { ModelSource } from "../engine";
import type { ByteSource } from "./formats/byte-source";
import { readModelFiles, readModelSources, readModelUrl } from "./formats/detect";
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
  const pieces = await Promise.all(manifest.pieces.map(({ path }) => openUrl(new URL(path, folder).href, signal)));
  const file = await readGguf([joinSources(manifest.file, pieces)], signal);
  return { ...file, name: manifest.name, sampling: STARTER_SAMPLING };
}

async function readManifest(folder: URL, signal: AbortSignal) {
  const missing = (message: string, cause?: unknown) => new IngleError("starter-missing", message, { cause });
  const response = await fetch(new URL(STARTER_MANIFEST, folder), { signal }).catch((cause: unknown) => {
    throw missing("The starter model could not be reached: the page's own server did not answer.", cause);
  });
  if (!response.ok) throw missing("This page was published without its starter model.");
  return readStarterManifest(await response.json().catch(() => undefined));
}
