/** An end to every wait for the library, which itself tells neither of a lost device nor of a request to stop. */
import { abortedError } from "../../shared/errors";
import { waitForGpu } from "../wgsl/gpu/gpu";
import type { WatchedGpu } from "./watched-gpu";

/** @throws IngleError "aborted"; "device-lost"; "gpu-out-of-memory"; whatever `work` rejects with. */
export async function untilLostOrStopped<T>(work: Promise<T>, gpu: WatchedGpu, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(abortedError());
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([waitForGpu(gpu, work), stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
