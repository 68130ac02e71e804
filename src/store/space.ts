/** Whether there is room, and what could make some. */
import { IngleError } from "../shared/errors";
import { formatBytes } from "../shared/units";
import { readModels } from "./database";
import type { FileDownload } from "./file-download";
import type { ModelSpec } from "./model-spec";

/**
 * Holds what is still to come against what the browser says it would keep. Where it does not say, or a file's size is
 * not known yet, the writing will tell.
 *
 * @throws IngleError "storage-full"
 */
export async function checkSpace(spec: ModelSpec, downloads: readonly FileDownload[]): Promise<void> {
  await requireSpace(spec, missingOf(downloads));
}

/** @param missing [bytes] still to be kept. @throws IngleError "storage-full" */
export async function requireSpace({ id, name }: ModelSpec, missing: number): Promise<void> {
  const { usage, quota } = await navigator.storage.estimate();
  if (usage === undefined || quota === undefined) return;
  const left = Math.max(quota - usage, 0);
  if (missing <= left) return;
  throw new IngleError(
    "storage-full",
    `${name} needs ${formatBytes(missing)} more, and this browser keeps ${formatBytes(left)} more for this site. ${await whatCouldGo(id)}`,
  );
}

/** A write failed for want of room: what it lacks, said with what is known by now. */
export async function whenFull(thrown: unknown, spec: ModelSpec, downloads: readonly FileDownload[]): Promise<unknown> {
  if (!(thrown instanceof IngleError) || thrown.code !== "storage-full") return thrown;
  const missing = missingOf(downloads);
  return new IngleError(
    "storage-full",
    `The browser's storage for this site is full: ${spec.name} still needs ${formatBytes(missing)}. What came so far is kept. ${await whatCouldGo(spec.id)}`,
    { cause: thrown },
  );
}

function missingOf(downloads: readonly FileDownload[]): number {
  return downloads.reduce((sum, { file, bytesDone }) => sum + (file?.bytes ?? 0) - bytesDone, 0);
}

async function whatCouldGo(wanted: string): Promise<string> {
  const others = (await readModels())
    .filter(({ spec }) => spec.id !== wanted)
    .map(({ spec, files }) => ({ name: spec.name, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }))
    .sort((a, b) => b.bytes - a.bytes);
  if (others.length === 0) return "Free space on the disk, or allow this site to keep more.";
  const list = others.map(({ name, bytes }) => `${name} (${formatBytes(bytes)})`).join(", ");
  return `These could go: ${list}.`;
}
