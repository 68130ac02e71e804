/** A model on the GPU: planned, allocated, filled from its files, its kernels compiled. */
import { abortedError, throwIfAborted } from "../../../shared/errors";
import type { WantedContext } from "../../engine";
import type { ModelFile } from "../formats/model-file";
import { guarded, type Gpu } from "../gpu/gpu";
import type { KvFormat } from "../kernels/linear/linear";
import { makeBuffers, type ModelBuffers } from "./buffers";
import type { KernelChoice } from "./choice";
import { buildForward, type Forward } from "./forward";
import { loadWeights, type LoadProgress } from "./load-weights";
import { planModel, type MemoryLimits, type ModelPlan } from "./plan";
import { writeRopeTable } from "./rope";

export interface LoadedModel {
  readonly gpu: Gpu;
  readonly plan: ModelPlan;
  readonly buffers: ModelBuffers;
  readonly forward: Forward;
  /** Gives all GPU memory back. */
  dispose(): void;
}

export interface LoadModelOptions {
  readonly contextLength?: WantedContext | undefined;
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
  const made: ModelBuffers[] = [];
  try {
    // In scopes of their own: what can't be allocated is known before the files are read.
    const buffers = await guarded(gpu, file.name, () => {
      const own = makeBuffers(device, file, plan);
      made.push(own);
      return Promise.resolve(own);
    });
    const forward = await guarded(gpu, file.name, () => fill(gpu, file, plan, buffers, options));
    throwIfAborted(options.signal);
    return { gpu, plan, buffers, forward, dispose: () => buffers.destroy() };
  } catch (thrown) {
    for (const buffers of made) buffers.destroy();
    throw thrown;
  }
}

/** Compiling takes the GPU process's threads, streaming the worker's: both at once. If one fails the other is ended. */
async function fill(
  gpu: Gpu,
  file: ModelFile,
  plan: ModelPlan,
  buffers: ModelBuffers,
  options: LoadModelOptions,
): Promise<Forward> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const stopOther = (thrown: unknown) => {
    failed.abort();
    throw thrown;
  };
  writeRopeTable(gpu.device.queue, buffers.scratch.rope, plan.config, plan.contextLength);
  const sampledTokens = Math.min(options.sampledTokens ?? Infinity, plan.config.vocabulary);
  const streaming = loadWeights(gpu, file, buffers.parts, buffers.vectors, { ...options, signal }).catch(stopOther);
  const compiling = buildForward(gpu.device, plan, buffers, { choice: options.choice, sampledTokens }).catch(stopOther);
  const [forward, loaded] = await Promise.allSettled([compiling, streaming]);
  // Of two failures the first is the cause; the other was stopped.
  if (forward.status === "rejected") throw options.signal.aborted ? abortedError() : forward.reason;
  if (loaded.status === "rejected") throw loaded.reason;
  return forward.value;
}
