/** Files that stay where they are on disk: read through handles that the browser keeps, as long as it may. */
import { IngleError, messageOf } from "../shared/errors";
import { takeBytes, type Bytes } from "../shared/take-bytes";
import type { ModelRecord, Place } from "./database";
import { startHash } from "./hash";
import type { DownloadProgress } from "./model-spec";
import { TotalTeller } from "./progress";

/**
 * The file behind a handle, if it is still the one that was chosen.
 *
 * @throws IngleError "permission-needed" when the browser wants the user asked again; "not-stored" when the file is gone
 *   or another one by now.
 */
export async function openPlaced({ handles, lastModified }: Place, i: number, bytes: number): Promise<File> {
  const handle = handles[i];
  if (handle === undefined)
    throw new IngleError("not-stored", "This model's files are not known any more. Choose them again.");
  if ((await permissionOf(handle)) !== "granted") {
    throw new IngleError("permission-needed", `The browser wants you to allow reading "${handle.name}" again.`);
  }
  let file: File;
  try {
    file = await handle.getFile();
  } catch (cause) {
    throw new IngleError("not-stored", `"${handle.name}" can't be read: was it moved? ${messageOf(cause)}`, { cause });
  }
  if (file.size === bytes && file.lastModified === lastModified[i]) return file;
  throw new IngleError("not-stored", `"${handle.name}" was changed since it was chosen. Choose it again.`);
}

/** The bytes [from, to). @throws as `openPlaced`; "source-failed"; "aborted" */
export async function* readPlaced(
  place: Place,
  i: number,
  { name, bytes }: { readonly name: string; readonly bytes: number },
  [from, to]: readonly [number, number],
  signal: AbortSignal,
): AsyncGenerator<Bytes> {
  const file = await openPlaced(place, i, bytes);
  const stream = file.slice(from, to).stream();
  yield* takeBytes(stream, { skip: 0, length: to - from }, { signal, name, stallAfter: undefined });
}

/** Reads all of it once more. @throws as `readPlaced`; "checksum-mismatch" */
export async function checkPlaced(
  place: Place,
  { spec, files }: ModelRecord,
  signal: AbortSignal,
  onProgress: (progress: DownloadProgress) => void,
): Promise<void> {
  const teller = new TotalTeller(spec.id, files, onProgress);
  for (const [i, file] of files.entries()) {
    const hash = await startHash("sha256", file.bytes);
    let done = 0;
    for await (const piece of readPlaced(place, i, file, [0, file.bytes], signal)) {
      hash.update(piece);
      done += piece.length;
      teller.tell(i, "verifying", done);
    }
    if (hash.finish() === file.sha256) continue;
    throw new IngleError("checksum-mismatch", `"${file.name}" is not what it was any more. Choose it again.`);
  }
}

/** Not in TypeScript's library: https://wicg.github.io/file-system-access/#api-filesystemhandle-querypermission */
interface WithPermission {
  queryPermission?(descriptor: { readonly mode: "read" }): Promise<PermissionState>;
}

async function permissionOf(handle: FileSystemFileHandle & WithPermission): Promise<PermissionState> {
  return (await handle.queryPermission?.({ mode: "read" })) ?? "granted";
}
