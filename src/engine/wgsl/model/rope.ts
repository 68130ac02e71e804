/**
 * The angles by which RoPE turns, for every position, computed in double: WGSL's sin and cos are not safe at large
 * angles.
 */
import type { ModelConfig } from "../formats/model-file";

/** @returns [contextLength, headDim / 4, 4]: of each two pairs of dimensions cos, cos, sin, sin. */
export function ropeTable({ headDim, rope }: ModelConfig, contextLength: number): Float32Array<ArrayBuffer> {
  const pairs = headDim / 2;
  const frequencies = Array.from({ length: pairs }, (_, i) => rope.base ** (-i / pairs) / (rope.factors?.[i] ?? 1));
  const table = new Float32Array(contextLength * headDim);
  for (let position = 0; position < contextLength; position++) {
    for (const [i, frequency] of frequencies.entries()) {
      const at = position * headDim + (i >> 1) * 4 + (i & 1);
      table[at] = Math.cos(position * frequency);
      table[at + 2] = Math.sin(position * frequency);
    }
  }
  return table;
}
