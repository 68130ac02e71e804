/**
 * The angles by which RoPE turns, for every position, computed in double: WGSL's sin and cos are not safe at large
 * angles.
 */
import type { ModelConfig } from "../formats/model-file";

/** Positions written at a time: a long context's whole table would be as large as a small model. */
const SLICE = 1024;

export function writeRopeTable(queue: GPUQueue, buffer: GPUBuffer, config: ModelConfig, contextLength: number): void {
  for (let from = 0; from < contextLength; from += SLICE) {
    const slice = ropeTable(config, from, Math.min(from + SLICE, contextLength));
    queue.writeBuffer(buffer, from * config.headDim * 4, slice);
  }
}

/** @returns [to − from, headDim / 4, 4]: of each two pairs of dimensions cos, cos, sin, sin. */
export function ropeTable({ headDim, rope }: ModelConfig, from: number, to: number): Float32Array<ArrayBuffer> {
  const pairs = headDim / 2;
  const frequencies = Array.from({ length: pairs }, (_, i) => rope.base ** (-i / pairs) / (rope.factors?.[i] ?? 1));
  const table = new Float32Array((to - from) * headDim);
  for (let position = from; position < to; position++) {
    for (const [i, frequency] of frequencies.entries()) {
      const at = (position - from) * headDim + (i >> 1) * 4 + (i & 1);
      table[at] = Math.cos(position * frequency);
      table[at + 2] = Math.sin(position * frequency);
    }
  }
  return table;
}
