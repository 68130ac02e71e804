import { bind, compile, storageBuffer, submit, type Gpu } from "../../engine/wgsl/gpu/gpu";
import type { Measurement } from "../../probe/report";
import { KiB, MiB } from "../../shared/units";
import fillSource from "./fill.wgsl?raw";
import kernelSource from "./read-bandwidth.wgsl?raw";
import { mapSpread, sampleRate, timed, type MeasureOptions } from "./sample";

/** What one workgroup reads: 256 threads × 16 loads × 16 bytes. */
const TILE_BYTES = 64 * KiB;
/** A binding at WebGPU's default limit. Two of them are past every GPU's last-level cache but a few. */
const BUFFER_BYTES = 128 * MiB;
const BUFFERS = 2;
const TILES_PER_BUFFER = BUFFER_BYTES / TILE_BYTES;
const FILL_BYTES_PER_WORKGROUP = 256 * 16;

/** GB/s (10⁹ bytes) that a compute shader reads from GPU memory. */
export async function measureReadBandwidth({ device }: Gpu, options: MeasureOptions): Promise<Measurement> {
  const fill = await compile(device, "fill", fillSource);
  const read = await compile(device, "read-bandwidth", kernelSource);
  const sink = storageBuffer(device, "bandwidth sink", 4);
  const sources = Array.from({ length: BUFFERS }, (_, i) =>
    storageBuffer(device, `bandwidth source ${i}`, BUFFER_BYTES),
  );
  try {
    const groups = sources.map((source) => bind(device, read, [source, sink]));
    for (const source of sources) {
      const group = bind(device, fill, [source]);
      submit(device, (pass) => {
        pass.setPipeline(fill);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(BUFFER_BYTES / FILL_BYTES_PER_WORKGROUP);
      });
    }
    await device.queue.onSubmittedWorkDone();

    const tilesPerMillisecond = await sampleRate({
      ...options,
      firstAmount: 16,
      maxAmount: TILES_PER_BUFFER * BUFFERS * 512,
      run: (tiles) =>
        timed(() => {
          submit(device, (pass) => {
            pass.setPipeline(read);
            for (let done = 0, i = 0; done < tiles; done += TILES_PER_BUFFER, i++) {
              pass.setBindGroup(0, groups[i % BUFFERS] ?? null);
              pass.dispatchWorkgroups(Math.min(TILES_PER_BUFFER, tiles - done));
            }
          });
          return device.queue.onSubmittedWorkDone();
        }),
    });
    return mapSpread(tilesPerMillisecond, (tiles) => (tiles * TILE_BYTES) / 1e6);
  } finally {
    for (const buffer of [...sources, sink]) buffer.destroy();
  }
}
