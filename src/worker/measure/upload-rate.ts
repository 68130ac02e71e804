import { storageBuffer, withBuffers, type Gpu } from "../../engine/wgsl/gpu/gpu";
import type { Measurement } from "../../probe/report";
import { KiB, MiB } from "../../shared/units";
import { mapSpread, sampleRate, timed, type MeasureOptions } from "./sample";

const BLOCK_BYTES = 256 * KiB;
/** What weights come in: chunks of a few MiB. */
const CHUNK_BYTES = 8 * MiB;
const BLOCKS_PER_CHUNK = CHUNK_BYTES / BLOCK_BYTES;
/** 128 MiB: what a browser may have to stage at once. */
const MAX_CHUNKS = 16;

/** GB/s (10⁹ bytes) from JavaScript's memory into a GPU buffer with `writeBuffer`. */
export async function measureUploadRate({ device }: Gpu, options: MeasureOptions): Promise<Measurement> {
  return withBuffers(async (keep) => {
    const target = keep(storageBuffer(device, "upload target", CHUNK_BYTES));
    const chunk = new Uint8Array(CHUNK_BYTES).map((_, i) => (i * 31) & 255);
    const blocksPerMillisecond = await sampleRate({
      ...options,
      firstAmount: 1,
      maxAmount: BLOCKS_PER_CHUNK * MAX_CHUNKS,
      run: (blocks) =>
        timed(() => {
          for (let done = 0; done < blocks; done += BLOCKS_PER_CHUNK) {
            const size = Math.min(BLOCKS_PER_CHUNK, blocks - done) * BLOCK_BYTES;
            device.queue.writeBuffer(target, 0, chunk, 0, size);
            device.queue.submit([]); // wgpu waits for submits only, and would leave the write for later
          }
          return device.queue.onSubmittedWorkDone();
        }),
    });
    return mapSpread(blocksPerMillisecond, (blocks) => (blocks * BLOCK_BYTES) / 1e6);
  });
}
