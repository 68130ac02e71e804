/**
 * The rehearsal: whether a model's memory is really there. Buffers of its own sizes are allocated on a device of their
 * own, written, read, timed and freed. Some drivers page to slow memory in place of failing: that shows as a collapse.
 */
import { bind, guarded, openGpu, storageBuffer, submit, withBuffers, type Gpu } from "../../engine/wgsl/gpu/gpu";
import type { Rehearsal, RehearsalProgress } from "../../fit/rehearsal";
import { abortedError, asIngleError, throwIfAborted } from "../../shared/errors";
import { formatBytes, KiB, MiB } from "../../shared/units";
import kernels from "./touch.wgsl?raw";

/** What one workgroup touches. */
const TILE_BYTES = 64 * KiB;
/** Of one buffer, and so of one dispatch: memory that is paged in at 100 MB/s takes as long as a watchdog waits. */
const LARGEST_BUFFER = 64 * MiB;
/** How much slower than the first buffer alone all of them may be read: paging costs ten times and more. */
const COLLAPSE = 4;
const LOCK = "ingle rehearsal";

export interface RehearsalOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RehearsalProgress) => void;
}

/**
 * One at a time over all tabs: two would take each other's memory and both would fail.
 *
 * @param sizes [bytes] of the buffers; those larger than a binding is everywhere are cut.
 * @throws IngleError "aborted"; "device-unavailable". That there is too little memory is an outcome.
 */
export async function rehearse(
  api: GPU | undefined,
  sizes: readonly number[],
  options: RehearsalOptions,
): Promise<Rehearsal> {
  const { signal } = options;
  throwIfAborted(signal);
  const run = async () => {
    const gpu = await openGpu(api);
    try {
      return { rehearsal: await withBuffers((keep) => new Run(gpu, options, keep).over(sizes.flatMap(cut))) };
    } finally {
      gpu.device.destroy();
    }
  };
  const { rehearsal } = await navigator.locks.request(LOCK, { signal }, run).catch((thrown: unknown) => {
    throw thrown instanceof DOMException && signal.aborted ? abortedError(thrown) : thrown;
  });
  return rehearsal;
}

function cut(bytes: number): number[] {
  const whole = Math.ceil(bytes / 16) * 16; // vec4s
  const parts = Array.from({ length: Math.floor(whole / LARGEST_BUFFER) }, () => LARGEST_BUFFER);
  return whole % LARGEST_BUFFER === 0 ? parts : [...parts, whole % LARGEST_BUFFER];
}

class Run {
  readonly #gpu: Gpu;
  readonly #options: RehearsalOptions;
  readonly #keep: (buffer: GPUBuffer) => GPUBuffer;

  constructor(gpu: Gpu, options: RehearsalOptions, keep: (buffer: GPUBuffer) => GPUBuffer) {
    this.#gpu = gpu;
    this.#options = options;
    this.#keep = keep;
  }

  async over(sizes: readonly number[]): Promise<Rehearsal> {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const groups: { readonly bytes: number; readonly fill: GPUBindGroup; readonly read: GPUBindGroup }[] = [];
    let done = 0;
    let alone = 0;
    try {
      const { fill, read } = await this.#pipelines();
      const sink = this.#keep(storageBuffer(this.#gpu.device, "rehearsal sink", 4));
      for (const bytes of sizes) {
        throwIfAborted(this.#options.signal);
        const { device } = this.#gpu;
        const group = await guarded(this.#gpu, "The rehearsal", async () => {
          const buffer = this.#keep(storageBuffer(device, `rehearsal ${groups.length}`, bytes));
          const made = { bytes, fill: bind(device, fill, [buffer, sink]), read: bind(device, read, [buffer, sink]) };
          await this.#touch(fill, made.fill, bytes);
          return made;
        });
        groups.push(group);
        // The best of a few: whatever else the computer does takes speed away and adds none.
        if (groups.length === 1) {
          for (let i = 0; i < 3; i++) alone = Math.max(alone, await this.#rate(read, [group]));
        }
        done += bytes;
        this.#options.onProgress?.({ bytesDone: done, bytesTotal: total });
      }
      const together = await this.#rate(read, groups);
      const bandwidth = { alone, together };
      if (together * COLLAPSE >= alone) return { outcome: "passed", bytes: done, bandwidth };
      return {
        outcome: "failed",
        bytes: 0,
        bandwidth,
        reason: `All ${formatBytes(total)} could be allocated, but are read ${Math.round(alone / together)} times as slowly as a part: this GPU moves them to slower memory.`,
      };
    } catch (thrown) {
      const error = asIngleError(thrown);
      if (error.code !== "gpu-out-of-memory" && error.code !== "device-lost") throw error;
      const at = formatBytes(done);
      const reason =
        error.code === "device-lost"
          ? `The GPU gave up after ${at} of ${formatBytes(total)}.`
          : `The GPU gave ${at} and no more; ${formatBytes(total)} were asked for.`;
      return { outcome: "failed", bytes: done, bandwidth: undefined, reason };
    }
  }

  async #pipelines() {
    const { device } = this.#gpu;
    const module = device.createShaderModule({ label: "rehearsal", code: kernels });
    const pipeline = (entryPoint: string) =>
      device.createComputePipelineAsync({
        label: `rehearsal ${entryPoint}`,
        layout: "auto",
        compute: { module, entryPoint },
      });
    const [fill, read] = await Promise.all([pipeline("fill"), pipeline("read")]);
    return { fill, read };
  }

  /** All of a buffer, and waits for it. */
  async #touch(pipeline: GPUComputePipeline, group: GPUBindGroup, bytes: number): Promise<void> {
    const { device } = this.#gpu;
    submit(device, (pass) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(Math.ceil(bytes / TILE_BYTES));
    });
    await device.queue.onSubmittedWorkDone();
  }

  /** [bytes/s] */
  async #rate(
    pipeline: GPUComputePipeline,
    groups: readonly { readonly bytes: number; readonly read: GPUBindGroup }[],
  ): Promise<number> {
    const begun = performance.now();
    let bytes = 0;
    for (const group of groups) {
      throwIfAborted(this.#options.signal);
      await guarded(this.#gpu, "The rehearsal", () => this.#touch(pipeline, group.read, group.bytes));
      bytes += group.bytes;
    }
    return (bytes * 1000) / Math.max(performance.now() - begun, 0.05);
  }
}
