import { bind, compile, storageBuffer, submit, withBuffers, type Gpu } from "../../engine/wgsl/gpu/gpu";
import type { Measurement } from "../../probe/report";
import { KiB, MiB } from "../../shared/units";
import kernelSource from "./read-bandwidth.wgsl?raw";
import { mapSpread, sampleRate, throwIfOver, timed, type MeasureOptions } from "./sample";

/** What one workgroup reads: 256 threads × 16 loads × 16 bytes. */
const TILE_BYTES = 64 * KiB;
/** A binding at WebGPU's default limit. Two of them are past the last-level cache of all GPUs but a few. */
const BUFFER_BYTES = 128 * MiB;
const TILES = (2 * BUFFER_BYTES) / TILE_BYTES;
const FILL_BYTES = 4 * MiB;
/** 256 MiB each: a sample on the fastest GPU there is stays below this many. */
const MAX_LAYERS = 512;

/** GB/s (10⁹ bytes) that a compute shader reads from GPU memory. */
export async function measureReadBandwidth({ device }: Gpu, options: MeasureOptions): Promise<Measurement> {
  const pipeline = await compile(device, "read-bandwidth", kernelSource);
  return withBuffers(async (keep) => {
    const sources = [0, 1].map((i) => keep(storageBuffer(device, `bandwidth source ${i}`, BUFFER_BYTES)));
    const sink = keep(storageBuffer(device, "bandwidth sink", 4));
    for (const source of sources) await fill(device, source, options);

    const group = bind(device, pipeline, [...sources, sink]);
    const tilesPerMillisecond = await sampleRate({
      ...options,
      firstAmount: 16,
      maxAmount: TILES * MAX_LAYERS,
      run: (tiles) =>
        timed(() => {
          submit(device, (pass) => {
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, group);
            // All layers in one dispatch: between two, some drivers wait for the first to drain.
            pass.dispatchWorkgroups(Math.min(tiles, TILES), Math.ceil(tiles / TILES));
          });
          return device.queue.onSubmittedWorkDone();
        }),
    });
    return mapSpread(tilesPerMillisecond, (tiles) => (tiles * TILE_BYTES) / 1e6);
  });
}

/**
 * Fills a buffer with noise: memory that was never written may not be there at all, and zeros may be stored
 * compressed. In slices that are waited for, so that a slow GPU is never handed all of it at once.
 */
async function fill(device: GPUDevice, buffer: GPUBuffer, { cap, signal }: MeasureOptions): Promise<void> {
  const noise = Uint32Array.from({ length: FILL_BYTES / 4 }, (_, i) => Math.imul(i ^ (i >>> 15), 0x7feb352d));
  const start = performance.now();
  for (let offset = 0; offset < buffer.size; offset += FILL_BYTES) {
    throwIfOver(start, cap, signal);
    device.queue.writeBuffer(buffer, offset, noise);
    device.queue.submit([]); // without a submit, some browsers leave the write for later
    await device.queue.onSubmittedWorkDone();
  }
}
