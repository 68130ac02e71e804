/** Models from disk: copied in, or used where they lie; and saved back. Handles are those of a folder of the site's own. */
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { countChunks, readChunk, writeChunk } from "../../src/store/database";
import { CHUNK_BYTES } from "../../src/store/file-download";
import { hashChunk, startHash } from "../../src/store/hash";
import type { ChosenFile, ModelSpec } from "../../src/store/model-spec";
import * as store from "../../src/store/store";
import type { RunFile } from "../helpers/fault-host";
import { faultUrl, json, quickClock } from "../helpers/fault-runs";
import { refused } from "../helpers/refused";

const signal = new AbortController().signal;
const wanted = { id: "imported", name: "Imported" };

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/** Two parts of one model: two chunks and a half, and a few bytes. */
const parts = [
  { name: "m-00001-of-00002.gguf", bytes: randomBytes(2.5 * CHUNK_BYTES) },
  { name: "m-00002-of-00002.gguf", bytes: randomBytes(1000) },
] as const;

const chosen = parts.map(({ name, bytes }): ChosenFile => ({ name, file: new File([bytes], name) }));

async function onDisk(): Promise<ChosenFile[]> {
  const folder = await navigator.storage.getDirectory();
  return Promise.all(
    parts.map(async ({ name, bytes }) => {
      const handle = await folder.getFileHandle(name, { create: true });
      await write(handle, bytes);
      return { name, file: await handle.getFile(), handle };
    }),
  );
}

async function write(handle: FileSystemFileHandle, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const writable = await handle.createWritable();
  await writable.write(bytes);
  await writable.close();
}

async function read(id: string, i: number, from = 0, to?: number): Promise<Uint8Array<ArrayBuffer>> {
  const { files } = await store.openStored(id);
  const file = files[i];
  if (file === undefined) throw new Error("There is no such file.");
  const end = to ?? file.size;
  const whole = new Uint8Array(end - from);
  let at = 0;
  for await (const piece of file.stream(from, end, signal)) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Element by element a comparison of millions of bytes takes half a minute. */
async function sumOf(bytes: Promise<Uint8Array<ArrayBuffer>>): Promise<string> {
  return hashChunk(await bytes);
}

async function specOf(files: readonly { name: string; bytes: Uint8Array<ArrayBuffer> }[]): Promise<ModelSpec> {
  const [first, ...rest] = await Promise.all(
    files.map(async ({ name, bytes }) => ({
      name,
      pieces: [{ url: `http://127.0.0.1:9/${name}`, bytes: bytes.length }] as const,
      digest: { algorithm: "sha256", hex: await hashChunk(bytes) } as const,
    })),
  );
  if (first === undefined) throw new Error("No files.");
  return { ...wanted, files: [first, ...rest] };
}

beforeEach(async () => {
  await store.removeEverything();
  return store.removeEverything; // the other files' tests use the same storage
});

describe("copied", () => {
  it("comes out as it went in, and is saved back to disk", async () => {
    const told: number[] = [];
    const onProgress = ({ bytesDone }: { bytesDone: number }) => told.push(bytesDone);
    const model = await store.importModel(wanted, chosen, { signal, onProgress, inPlace: false });
    const sums = await Promise.all(parts.map(({ bytes }) => hashChunk(bytes)));
    expect(model).toMatchObject({ ...wanted, isInPlace: false, missingChunks: 0 });
    expect(model.files).toEqual(
      parts.map(({ name, bytes }, i) => ({ name, bytes: bytes.length, sha256: sums[i], isVerified: false })),
    );
    expect(told.at(-1)).toBe(parts[0].bytes.length + parts[1].bytes.length);
    expect(await store.listModels()).toEqual([model]);
    for (const [i, { name, bytes }] of parts.entries()) {
      expect(await hashChunk(new Uint8Array(await (await store.exportFile("imported", name)).arrayBuffer()))).toBe(
        sums[i],
      );
      expect(await sumOf(read("imported", i))).toBe(await hashChunk(bytes));
    }
    const inside = [CHUNK_BYTES - 3, CHUNK_BYTES + 5] as const;
    expect(await sumOf(read("imported", 0, ...inside))).toBe(await hashChunk(parts[0].bytes.slice(...inside)));
    await expect(store.exportFile("imported", "nothing")).rejects.toMatchObject(
      refused("not-stored", /no file "nothing"/),
    );
  });

  it("is held to the sums of a published model", async () => {
    const spec = await specOf(parts);
    const model = await store.importModel(spec, chosen, { signal, inPlace: false });
    expect(model.files.map(({ isVerified }) => isVerified)).toEqual([true, true]);

    const other = parts[1].bytes.slice().fill(7);
    const wrong = [chosen[0], { name: parts[1].name, file: new File([other], parts[1].name) }] as ChosenFile[];
    await expect(store.importModel(spec, wrong, { signal, inPlace: false })).rejects.toMatchObject(
      refused("checksum-mismatch", /m-00002-of-00002\.gguf" is not what its publisher says/),
    );
    // What was there is not lost to files that turned out to be others.
    expect(await store.listModels()).toEqual([model]);
    expect(await sumOf(read("imported", 1))).toBe(await hashChunk(parts[1].bytes));

    const short = [chosen[0], { name: parts[1].name, file: new File([other.slice(1)], parts[1].name) }] as ChosenFile[];
    await expect(store.importModel(spec, short, { signal, inPlace: false })).rejects.toMatchObject(
      refused("checksum-mismatch", /has 999 bytes, and 1000 are published/),
    );
  });

  it("finds files of a folder by their names, and says which is missing", async () => {
    const inFolder = chosen.map((each) => ({ ...each, name: each.name }));
    const spec = await specOf(parts.map(({ name, bytes }) => ({ name: `gguf/${name}`, bytes })));
    const model = await store.importModel(spec, inFolder, { signal, inPlace: false });
    expect(model.files.map(({ name }) => name)).toEqual(parts.map(({ name }) => `gguf/${name}`));
    await expect(store.importModel(spec, chosen.slice(1), { signal, inPlace: false })).rejects.toMatchObject(
      refused("request-invalid", /"gguf\/m-00001-of-00002\.gguf" is not among/),
    );
    await expect(store.importModel(wanted, [], { signal, inPlace: false })).rejects.toMatchObject(
      refused("request-invalid", /No file was chosen/),
    );
  });

  it("is listed only when whole, and leaves nothing behind where it is not", async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    await expect(
      store.importModel(wanted, chosen, { signal: stop.signal, onProgress, inPlace: false }),
    ).rejects.toMatchObject(refused("aborted", /./));
    expect(await store.listModels()).toEqual([]);
    expect(await store.listUnfinished()).toEqual([]);
    expect(await countChunks("imported")).toBe(0);
  });

  it("can't be fetched again where it is broken, and says so", async () => {
    await store.importModel(wanted, chosen, { signal, inPlace: false });
    const key = ["imported", parts[0].name] as const;
    const chunk = await readChunk(key, 1);
    if (chunk === undefined) throw new Error("It has no second chunk.");
    await writeChunk(key, 1, { ...chunk, data: new Blob([new Uint8Array(chunk.data.size)]) });
    await expect(store.verifyModel("imported", { signal })).rejects.toMatchObject(
      refused("not-stored", /Parts of Imported are broken or gone\. Import its files again\./),
    );
    expect(await store.listUnfinished()).toMatchObject([{ spec: wanted }]);
    await store.importModel(wanted, chosen, { signal, inPlace: false });
    expect((await store.verifyModel("imported", { signal })).repairedChunks).toBe(0);
  });
});

describe("read while it is replaced", () => {
  it("gives the bytes of one model, or none", async () => {
    await store.importModel(wanted, chosen, { signal, inPlace: false });
    const [opened] = (await store.openStored("imported")).files;
    if (opened === undefined) throw new Error("It has no file.");
    const pieces = opened.stream(0, opened.size, signal)[Symbol.asyncIterator]();
    const first = await pieces.next();
    const other = [chosen[0], { name: parts[1].name, file: new File(["other"], parts[1].name) }] as ChosenFile[];
    let isReplaced = false;
    const replacing = store.importModel(wanted, other, { signal, inPlace: false }).then(() => (isReplaced = true));
    const hash = await startHash("sha256", opened.size);
    for (let piece = first; piece.done !== true; piece = await pieces.next()) {
      expect(isReplaced).toBe(false);
      hash.update(piece.value);
    }
    expect(hash.finish()).toBe(await hashChunk(parts[0].bytes));
    await replacing;
    const [, second] = (await store.openStored("imported")).files;
    await store.importModel(wanted, chosen, { signal, inPlace: false });
    await expect(second?.stream(0, 5, signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject(
      refused("not-stored", /was replaced by another one meanwhile\. Load the model again/),
    );
  });
});

describe("in place", () => {
  it("is read where it lies, with no chunk kept", async () => {
    const placed = await onDisk();
    const model = await store.importModel(wanted, placed, { signal, inPlace: true });
    expect(model).toMatchObject({ isInPlace: true, missingChunks: 0, bytes: 2.5 * CHUNK_BYTES + 1000 });
    expect(await countChunks("imported")).toBe(0);
    for (const [i, { name, bytes }] of parts.entries()) {
      expect(await sumOf(read("imported", i))).toBe(await hashChunk(bytes));
      expect((await store.exportFile("imported", name)).size).toBe(bytes.length);
    }
    expect((await store.verifyModel("imported", { signal })).repairedChunks).toBe(0);
    expect(await store.handlesOf("imported")).toHaveLength(2);

    await store.removeModel("imported");
    expect(await store.listModels()).toEqual([]);
    expect((await placed[0]?.handle?.getFile())?.size).toBe(2.5 * CHUNK_BYTES); // the user's, not ours
  });

  it("takes the place of a copy, and a copy its", async () => {
    await store.importModel(wanted, chosen, { signal, inPlace: false });
    await store.importModel(wanted, await onDisk(), { signal, inPlace: true });
    expect(await countChunks("imported")).toBe(0);
    await store.importModel(wanted, chosen, { signal, inPlace: false });
    expect(await store.listModels()).toMatchObject([{ isInPlace: false, missingChunks: 0 }]);
  });

  it("is verified by whoever publishes its sums later, and gives way to another download", async () => {
    await store.importModel(wanted, await onDisk(), { signal, inPlace: true });
    const published = await store.downloadModel(await specOf(parts), { signal });
    expect(published).toMatchObject({ isInPlace: true, files: [{ isVerified: true }, { isVerified: true }] });

    const [file] = await json<RunFile[]>("/1000/spec");
    if (file === undefined) throw new Error("The run has no files.");
    const { name, bytes, sha256 } = file;
    const other: ModelSpec = {
      ...wanted,
      files: [
        { name, pieces: [{ url: faultUrl(`/1000/${name}`), bytes }], digest: { algorithm: "sha256", hex: sha256 } },
      ],
    };
    expect(await store.downloadModel(other, { signal, clock: quickClock })).toMatchObject({ isInPlace: false, bytes });
    expect(await sumOf(read("imported", 0))).toBe(sha256);
    expect(await store.handlesOf("imported")).toEqual([]);
  });

  it("is refused where the file was changed, moved or never had a handle", async () => {
    await expect(store.importModel(wanted, chosen, { signal, inPlace: true })).rejects.toMatchObject(
      refused("request-invalid", /import a copy/),
    );
    const placed = await onDisk();
    await store.importModel(wanted, placed, { signal, inPlace: true });
    const handle = placed[1]?.handle;
    if (handle === undefined) throw new Error("It has no handle.");
    await write(handle, randomBytes(1000));
    await expect(read("imported", 1)).rejects.toMatchObject(refused("not-stored", /was changed since it was chosen/));
    await expect(store.verifyModel("imported", { signal })).rejects.toMatchObject(
      refused("not-stored", /was changed since it was chosen/),
    );
    await (await navigator.storage.getDirectory()).removeEntry(parts[1].name);
    await expect(read("imported", 1)).rejects.toMatchObject(refused("not-stored", /can't be read: was it moved\?/));
    expect(await sumOf(read("imported", 0))).toBe(await hashChunk(parts[0].bytes));
  });

  it("says that the browser wants its user asked again", async () => {
    await store.importModel(wanted, await onDisk(), { signal, inPlace: true });
    // Chromium never forgets what a site may do in its own folder; what it says of a forgotten one is put here.
    const prototype = FileSystemFileHandle.prototype as unknown as { queryPermission: () => Promise<string> };
    const original = prototype.queryPermission;
    onTestFinished(() => void (prototype.queryPermission = original));
    prototype.queryPermission = () => Promise.resolve("prompt");
    await expect(read("imported", 0)).rejects.toMatchObject(
      refused("permission-needed", /allow reading "m-00001-of-00002\.gguf" again/),
    );
    expect(await store.listModels()).toMatchObject([{ isInPlace: true }]);
  });
});
