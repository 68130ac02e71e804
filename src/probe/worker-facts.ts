/** What only a worker can find out: whether WebGPU works there, and whether storage really stores. Never throws. */
import { del, get, set, createStore } from "idb-keyval";
import { messageOf } from "../shared/errors";
import { known, unknown, type Fact } from "./report";

/** Enough to be a real write, small enough for any quota. */
const PROBE_BYTES = 64 * 1024;
const PROBE_NAME = "ingle-probe";

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
    const key = crypto.randomUUID(); // two tabs may probe at once
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
    const name = `${PROBE_NAME}-${crypto.randomUUID()}`;
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
