/**
 * The rehearsal: whether a model's memory is really there. Buffers of its own sizes are allocated on a device of their
 * own, written, read, timed and freed. Some drivers page to slow memory in place of failing: that shows as a collapse.
 */
import { guarded, openGpu, storageBuffer, submit, withBuffers, type Gpu } from "../../engine/wgsl/gpu/gpu";
import type { Rehearsal, RehearsalProgress } from "../../fit/rehearsal";
import { abortedError, asIngleError, throwIfAborted } from "../../shared/errors";
import { formatBytes, KiB, MiB } from "../../shared/units";
import kernels from "./touch.wgsl?raw";

/** What one workgroup touches. */
const TILE_BYTES = 64 * KiB;
/** Of one dispatch. */
const SLICE_BYTES = 16 * MiB;
/** Of one submit, about: memory that is paged in at 100 MB/s takes a third of what the strictest watchdog waits, 2 s. */
const SUBMIT_BYTES = 64 * MiB;
/**
 * Of what is read and waited for at once, about. A wait costs as much as a fast GPU takes for a gigabyte, so rates are
 * compared over equal batches: of two that are paged, one is not to be hidden behind its wait. And caches hold up to
 * 128 MiB: a larger batch, read again from its beginning, finds little of itself there.
 */
const BATCH_BYTES = 256 * MiB;
/** How much slower than the first batch alone all of them may be read: paging costs ten times and more. */
const COLLAPSE = 4;
/** Whatever else the computer does takes speed away and adds none: of so many tries the best counts. */
const TRIES = 3;
const LOCK = "ingle rehearsal";

export interface RehearsalOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RehearsalProgress) => void;
}

/**
 * One at a time over all tabs: two would take each other's memory and both would fail.
 *
 * @param sizes [bytes] of the buffers; those larger than a binding may be are cut, as the engine cuts them.
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
      return { rehearsal: await withBuffers((keep) => new Run(gpu, options, keep).over(buffersFor(gpu, sizes))) };
    } finally {
      gpu.device.destroy();
    }
  };
  const { rehearsal } = await navigator.locks.request(LOCK, { signal }, run).catch((thrown: unknown) => {
    throw thrown instanceof DOMException && signal.aborted ? abortedError(thrown) : thrown;
  });
  return rehearsal;
}

/**
 * From the smallest to the largest. The first batch, which all are measured by, then has the most dispatches: what they
 * cost can hide a little paging, and can't be taken for any.
 */
function buffersFor({ device: { limits } }: Gpu, sizes: readonly number[]): readonly number[] {
  const largest = floorTo(16, Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize)); // vec4s
  return sizes.flatMap((bytes) => cut(Math.ceil(bytes / 16) * 16, largest)).toSorted((a, b) => a - b);
}

const floorTo = (step: number, value: number) => Math.floor(value / step) * step;

/** Pieces of `most` and what is left. */
function cut(whole: number, most: number): readonly number[] {
  const parts = Array.from({ length: Math.floor(whole / most) }, () => most);
  return whole % most === 0 ? parts : [...parts, whole % most];
}

/** What one dispatch touches. */
interface Slice {
  readonly bytes: number;
  readonly fill: GPUBindGroup;
  readonly read: GPUBindGroup;
}

type Batch = readonly Slice[];

const bytesOf = (slices: Batch) => slices.reduce((sum, { bytes }) => sum + bytes, 0);

/** Groups of at least `least` each, but for the last. */
function grouped(slices: Batch, least: number): Batch[] {
  const groups: Slice[][] = [];
  for (const slice of slices) {
    const last = groups.at(-1);
    if (last !== undefined && bytesOf(last) < least) last.push(slice);
    else groups.push([slice]);
  }
  return groups;
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
    // A small model's half, so that there is something to compare. That a cache holds it shows less than it might: one
    // so large is beside memory that gives such a half in a fraction of a wait.
    const batchBytes = total / Math.max(2, Math.floor(total / BATCH_BYTES));
    const slices: Slice[] = [];
    let done = 0;
    let alone: number | undefined;
    const tell = () => this.#options.onProgress?.({ bytesDone: done, bytesTotal: total });
    try {
      const { fill, read } = await this.#pipelines();
      const sink = this.#keep(storageBuffer(this.#gpu.device, "rehearsal sink", 4));
      for (const [i, bytes] of sizes.entries()) {
        throwIfAborted(this.#options.signal);
        await guarded(this.#gpu, "The rehearsal", async () => {
          const buffer = this.#keep(storageBuffer(this.#gpu.device, `rehearsal ${i}`, bytes));
          const made = this.#slicesOf(buffer, sink, { fill, read });
          await this.#touch(fill, "fill", made);
          slices.push(...made);
        });
        done += bytes;
        tell();
        if (alone === undefined && done >= batchBytes) {
          alone = 0;
          const first = grouped(slices, batchBytes).slice(0, 1);
          for (let i = 0; i < TRIES; i++) alone = Math.max(alone, await this.#rate(read, first, tell));
        }
      }
      alone ??= 0;
      const all = grouped(slices, batchBytes);
      const allowed = (COLLAPSE * total * 1000) / alone;
      let together = 0;
      for (let i = 0; i < TRIES && together * COLLAPSE < alone; i++) {
        together = Math.max(together, await this.#rate(read, all, tell, allowed));
      }
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

  #slicesOf(buffer: GPUBuffer, sink: GPUBuffer, pipelines: Record<"fill" | "read", GPUComputePipeline>): Slice[] {
    return cut(buffer.size, SLICE_BYTES).map((size, i) => {
      const group = (pipeline: GPUComputePipeline) =>
        this.#gpu.device.createBindGroup({
          layout: pipeline.getBindGroupLayout(0),
          entries: [
            { binding: 0, resource: { buffer, offset: i * SLICE_BYTES, size } },
            { binding: 1, resource: { buffer: sink } },
          ],
        });
      return { bytes: size, fill: group(pipelines.fill), read: group(pipelines.read) };
    });
  }

  /** All of them, and waits once. */
  async #touch(pipeline: GPUComputePipeline, how: "fill" | "read", slices: Batch): Promise<void> {
    const { device } = this.#gpu;
    for (const group of grouped(slices, SUBMIT_BYTES)) {
      submit(device, (pass) => {
        pass.setPipeline(pipeline);
        for (const slice of group) {
          pass.setBindGroup(0, slice[how]);
          pass.dispatchWorkgroups(Math.ceil(slice.bytes / TILE_BYTES));
        }
      });
    }
    await device.queue.onSubmittedWorkDone();
  }

  /**
   * [bytes/s] Ends once more time has passed than is allowed: of what was read until then.
   *
   * @param ring read once round, and left so that the next time begins where this one ended: what was read last is back
   * in fast memory, and would hide that the rest is not.
   * @param tell whoever waits that it goes on.
   * @param allowed [ms]
   */
  async #rate(pipeline: GPUComputePipeline, ring: Batch[], tell: () => void, allowed = Infinity): Promise<number> {
    const begun = performance.now();
    let bytes = 0;
    for (const batch of [...ring]) {
      throwIfAborted(this.#options.signal);
      await guarded(this.#gpu, "The rehearsal", () => this.#touch(pipeline, "read", batch));
      ring.push(...ring.splice(0, 1));
      bytes += bytesOf(batch);
      tell();
      if (performance.now() - begun > allowed) break;
    }
    return (bytes * 1000) / Math.max(performance.now() - begun, 0.05);
  }
}
