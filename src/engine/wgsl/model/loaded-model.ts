/** A model on the GPU: planned, allocated, filled from its files, its kernels compiled. */
import { throwIfAborted } from "../../../shared/errors";
import type { ModelFile } from "../formats/model-file";
import { guarded, type Gpu } from "../gpu/gpu";
import type { KvFormat } from "../kernels/linear/linear";
import { makeBuffers, type ModelBuffers } from "./buffers";
import type { KernelChoice } from "./choice";
import { buildForward, type Forward } from "./forward";
import { loadWeights, type LoadProgress } from "./load-weights";
import { planModel, type MemoryLimits, type ModelPlan } from "./plan";
import { ropeTable } from "./rope";

export interface LoadedModel {
  readonly gpu: Gpu;
  readonly plan: ModelPlan;
  readonly buffers: ModelBuffers;
  readonly forward: Forward;
  /** Gives all GPU memory back. */
  dispose(): void;
}

export interface LoadModelOptions {
  readonly contextLength?: number | undefined;
  readonly kv: KvFormat;
  readonly choice: KernelChoice;
  /** Tokens the tokenizer knows; by default all rows of the vocabulary. */
  readonly sampledTokens?: number;
  /** What to plan for; the device's own by default. Smaller ones show what larger models need. */
  readonly limits?: MemoryLimits;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * @throws IngleError "model-unsupported", "context-too-long" before anything is allocated; "gpu-out-of-memory";
 *   "gpu-validation"; "device-lost"; "source-failed"; "aborted". Nothing stays allocated.
 */
export async function loadModel(gpu: Gpu, file: ModelFile, options: LoadModelOptions): Promise<LoadedModel> {
  throwIfAborted(options.signal);
  const { device } = gpu;
  const plan = planModel(file, options.limits ?? device.limits, options);
  return guarded(gpu, file.name, async () => {
    const buffers = makeBuffers(device, file, plan);
    try {
      device.queue.writeBuffer(buffers.scratch.rope, 0, ropeTable(plan.config, plan.contextLength));
      // Compiling takes the GPU process's threads, streaming the worker's: both at once.
      const [forward] = await Promise.all([
        buildForward(device, plan, buffers, {
          choice: options.choice,
          sampledTokens: Math.min(options.sampledTokens ?? Infinity, plan.config.vocabulary),
        }),
        loadWeights(gpu, file, buffers.parts, buffers.vectors, options),
      ]);
      return { gpu, plan, buffers, forward, dispose: () => buffers.destroy() };
    } catch (thrown) {
      buffers.destroy();
      throw thrown;
    }
  });
}
