/** Binds and dispatches the 4-bit mat-vec. The CPU twin is matvec-q4.ref.ts. */
import { bind, compile, readBack, storageBuffer, submit, withBuffers } from "../../gpu/gpu";
import f16Decoder from "../decoders/f16.wgsl?raw";
import q4Decoder from "../decoders/q4-symmetric.wgsl?raw";
import kernel from "./matvec-q4.wgsl?raw";

export const WEIGHTS_PER_GROUP = 32;
const ROWS_PER_WORKGROUP = 64;

export interface MatvecQ4Operands {
  readonly rows: number;
  /** Groups of 32 weights along a row. */
  readonly groups: number;
  /** [rows, groups, 4] words of 8 nibbles, the first weight in the lowest. */
  readonly weights: Uint32Array<ArrayBuffer>;
  /** [rows, groups] f16 bits. */
  readonly scales: Uint16Array<ArrayBuffer>;
  /** [groups × 32] */
  readonly x: Float32Array<ArrayBuffer>;
}

/** @returns y, [rows] */
export async function matvecQ4(device: GPUDevice, operands: MatvecQ4Operands): Promise<Float32Array> {
  const { rows, groups } = operands;
  const prelude = `const ROWS: u32 = ${rows}u;\nconst GROUPS: u32 = ${groups}u;`;
  const pipeline = await compile(device, "matvec-q4", prelude, f16Decoder, q4Decoder, kernel);
  return withBuffers(async (keep) => {
    const weights = keep(storageBuffer(device, "matvec-q4 weights", operands.weights));
    const scales = keep(storageBuffer(device, "matvec-q4 scales", padToWords(operands.scales)));
    const x = keep(storageBuffer(device, "matvec-q4 x", operands.x));
    const y = keep(storageBuffer(device, "matvec-q4 y", rows * Float32Array.BYTES_PER_ELEMENT));
    const group = bind(device, pipeline, [weights, scales, x, y]);
    submit(device, (pass) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(Math.ceil(rows / ROWS_PER_WORKGROUP));
    });
    return new Float32Array(await readBack(device, y));
  });
}

/** An odd count of f16 gets a zero behind it: the kernel reads pairs, and buffers are whole words. */
function padToWords(scales: Uint16Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  if (scales.length % 2 === 0) return scales;
  const padded = new Uint16Array(scales.length + 1);
  padded.set(scales);
  return padded;
}
