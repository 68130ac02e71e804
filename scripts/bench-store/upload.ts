/** The far end of a warm read: GPU buffers of a shard's size, filled again and again. */
import { openGpu } from "../../src/engine/wgsl/gpu/gpu";

export interface Upload {
  /** Copies bytes behind those before; @param offset 0 begins the next buffer. */
  write(bytes: Uint8Array<ArrayBuffer>, offset: number): void;
  /** When all of it has arrived. */
  done(): Promise<void>;
}

const BUFFERS = 4;

export async function openUpload(bytes: number): Promise<Upload> {
  const { device } = await openGpu(navigator.gpu);
  const buffers = Array.from({ length: BUFFERS }, () =>
    device.createBuffer({ size: bytes, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.STORAGE }),
  );
  let turn = 0;
  return {
    write(piece, offset) {
      if (offset === 0) turn++;
      const buffer = buffers[turn % BUFFERS];
      if (buffer !== undefined) device.queue.writeBuffer(buffer, offset, piece);
    },
    done: () => device.queue.onSubmittedWorkDone(),
  };
}
