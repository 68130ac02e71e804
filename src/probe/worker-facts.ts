/** What only a worker can find out: whether WebGPU works there, and whether storage really stores. Never throws. */
import { createStore, del, get, keys, set } from "idb-keyval";
import { messageOf } from "../shared/errors";
import { known, unknown, type Fact } from "./report";

/** Enough to be a real write, small enough for any quota. */
const PROBE_BYTES = 64 * 1024;
const PROBE_NAME = "ingle-probe";
/** What is older was left by a tab that was closed while it probed. */
const LEFT_BEHIND_MS = 60_000;

/** "ingle-probe-1764000000000-9f86d081": two tabs may probe at once, so each takes a name of its own. */
function probeName(): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1)); // randomUUID is hidden over plain http
  return `${PROBE_NAME}-${Date.now()}-${random.toString(16)}`;
}

function isLeftBehind(name: string): boolean {
  const [, made] = /^ingle-probe-(\d+)-/.exec(name) ?? [];
  return made !== undefined && Date.now() - Number(made) > LEFT_BEHIND_MS;
}

/** Whether WebGPU gives a device here. The device is destroyed again at once. */
export async function probeDevice(gpu: GPU | undefined): Promise<Fact<true>> {
  if (gpu === undefined) return unknown("no-api-in-worker", "WebGPU is not offered in this kind of worker.");
  let adapter: GPUAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  } catch (thrown) {
    return unknown("adapter-request-failed", `Asking for a GPU failed: ${messageOf(thrown)}`);
  }
  if (adapter === null) return unknown("no-adapter", "WebGPU is there but offers no GPU.");
  try {
    const device = await adapter.requestDevice();
    device.destroy();
    return known(true);
  } catch (thrown) {
    return unknown("device-request-failed", messageOf(thrown));
  }
}

/** Writes a random block to IndexedDB, reads it back, compares and removes it. */
export async function probeIndexedDb(): Promise<Fact<true>> {
  return probeStorage("IndexedDB", async (block) => {
    const store = createStore(PROBE_NAME, "blocks");
    const left = await keys<string>(store);
    await Promise.all(left.filter(isLeftBehind).map((key) => del(key, store)));
    const key = probeName();
    await set(key, block, store);
    try {
      return (await get<Uint8Array>(key, store)) ?? new Uint8Array(0);
    } finally {
      await del(key, store);
    }
  });
}

/** The same with a file of the origin's private file system; the synchronous handle is what all browsers have. */
export async function probeOpfs(storage: StorageManager | undefined): Promise<Fact<true>> {
  if (storage === undefined || !("getDirectory" in storage)) {
    return unknown("unsupported", "This browser has no origin private file system here.");
  }
  return probeStorage("The origin private file system", async (block) => {
    const directory = await storage.getDirectory();
    for await (const left of directory.keys()) {
      if (isLeftBehind(left)) await directory.removeEntry(left);
    }
    const name = probeName();
    const file = await directory.getFileHandle(name, { create: true });
    try {
      const handle = await file.createSyncAccessHandle();
      try {
        handle.write(block, { at: 0 });
        handle.flush();
        const back = new Uint8Array(block.byteLength);
        const length = handle.read(back, { at: 0 });
        return back.subarray(0, length);
      } finally {
        handle.close();
      }
    } finally {
      await directory.removeEntry(name);
    }
  });
}

async function probeStorage(
  what: string,
  writeAndRead: (block: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<Fact<true>> {
  try {
    const block = crypto.getRandomValues(new Uint8Array(PROBE_BYTES));
    const back = await writeAndRead(block);
    const equal = back.byteLength === block.byteLength && block.every((byte, i) => back[i] === byte);
    if (equal) return known(true);
    return unknown("failed", `${what} gave back other bytes than were written.`);
  } catch (thrown) {
    return unknown(
      "failed",
      `${what} could not be used: ${messageOf(thrown)}`,
      "Private windows and full disks do this.",
    );
  }
}
