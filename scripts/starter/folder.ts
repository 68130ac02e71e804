/**
 * The folder that keeps the starter model on this machine (`.cache/starter/`, git-ignored): the file, its licence, and
 * a note of where it came from, by which the next run knows the file again without reading 94 MiB.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PinnedFile } from "../../src/shared/starter.ts";
import { LICENCE_FILES, writeLicence } from "./licence.ts";

export const STARTER_FOLDER = fileURLToPath(new URL("../../.cache/starter/", import.meta.url));

const ORIGIN = "origin.json";

interface Origin {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** When the file was last written, ms: one that was touched since is read whole again. */
  readonly modified: number;
  readonly from: string;
  readonly fetched: string;
}

/** Whether the whole, right file is there with its licence. Reads it only where the note does not vouch for it. */
export async function isStarterWhole(folder: string, pin: PinnedFile): Promise<boolean> {
  const path = join(folder, pin.file);
  const found = await stat(path).catch(() => undefined);
  if (found?.size !== pin.bytes) return false;

  const origin = await readOrigin(folder);
  const known = origin?.sha256 === pin.sha256;
  const untouched = origin?.bytes === found.size && origin.modified === found.mtimeMs;
  const licensed = (await Promise.all(LICENCE_FILES.map((name) => sizeOf(join(folder, name))))).every(Boolean);
  if (known && untouched && licensed) return true;

  if ((await sha256Of(path)) !== pin.sha256) return false;
  await writeNotes(folder, pin, (known ? origin.from : undefined) ?? "found in this folder");
  return true;
}

async function readOrigin(folder: string): Promise<Partial<Origin> | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(join(folder, ORIGIN), "utf8"));
    return typeof read === "object" && read !== null ? read : undefined;
  } catch {
    return undefined; // none yet, or cut short: the file speaks for itself
  }
}

/**
 * Puts a verified file in its place, then says so: until the last step no note vouches for it.
 *
 * @throws what the file system throws
 */
export async function adopt(verified: string, folder: string, pin: PinnedFile, from: string): Promise<void> {
  await toDisk(verified); // or a power cut could leave a hole behind a name and a note that look right
  await rename(verified, join(folder, pin.file));
  await writeNotes(folder, pin, from);
}

async function writeNotes(folder: string, pin: PinnedFile, from: string): Promise<void> {
  await writeLicence(folder, pin);
  const { file, bytes, sha256 } = pin;
  const { mtimeMs } = await stat(join(folder, file));
  const origin: Origin = { file, bytes, sha256, modified: mtimeMs, from, fetched: new Date().toISOString() };
  const fresh = join(folder, `${ORIGIN}.${process.pid}`);
  await writeFile(fresh, `${JSON.stringify(origin, null, 2)}\n`);
  await rename(fresh, join(folder, ORIGIN));
}

async function toDisk(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Bytes of a file; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

export async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
