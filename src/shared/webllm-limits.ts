/** What WebLLM's runtime asks of an adapter, and what its device has in the end: `detectGPUDevice` of its releases 0.2.79 to 0.2.86. */
import { GiB, KiB, MiB } from "./units";

/** What it refuses to start below. */
export const WEBLLM_DEMANDS = {
  maxBufferSize: 256 * MiB,
  maxStorageBufferBindingSize: 128 * MiB,
  maxStorageBuffersPerShaderStage: 10,
  maxComputeWorkgroupStorageSize: 32 * KiB,
} as const;

type Limit = keyof typeof WEBLLM_DEMANDS;

/** [bytes] What it asks for first. An adapter with less gives it the least above, whatever lies between. */
const WISHED = GiB;

/** The limits of the device that it opens; those of an adapter that it refuses stay as they are. */
export function webLlmLimits(adapter: Readonly<Record<Limit, number>>): Readonly<Record<Limit, number>> {
  const granted = (name: Limit) => (adapter[name] >= WISHED ? WISHED : Math.min(adapter[name], WEBLLM_DEMANDS[name]));
  return {
    ...adapter,
    maxBufferSize: granted("maxBufferSize"),
    maxStorageBufferBindingSize: granted("maxStorageBufferBindingSize"),
  };
}
