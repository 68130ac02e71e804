/** What a rehearsal came to, what it asks for, and what follows from it. Pure; the GPU's part is in worker/rehearse. */
import { matrixSizes } from "../catalogue/memory";
import type { CatalogueModel } from "../catalogue/model-facts";
import { rehearsed, type MemoryBudget } from "./budget";
import type { BuildVerdict } from "./verdict";

/** Told of each buffer, and again while all are read. */
export interface RehearsalProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

interface Bandwidths {
  /** [bytes/s] Of the first batch of buffers, before there were others. */
  readonly alone: number;
  /** [bytes/s] Of all, in batches as large. */
  readonly together: number;
}

export type Rehearsal =
  | { readonly outcome: "passed"; readonly bytes: number; readonly bandwidth: Bandwidths }
  | {
      readonly outcome: "failed";
      /** That were there at full speed before it failed; 0 where nobody knows. */
      readonly bytes: number;
      readonly bandwidth: Bandwidths | undefined;
      /** A sentence with its numbers. */
      readonly reason: string;
    };

/** [bytes] of each buffer that a model would have: its own matrices, a layer's cache each, and the rest. */
export function buffersOf({ shape }: CatalogueModel, { build, bytes }: BuildVerdict): readonly number[] {
  const matrices = matrixSizes(shape, build.quantization);
  const norms = Math.max(bytes.weights - matrices.reduce((sum, each) => sum + each, 0), 0);
  const caches = Array.from({ length: shape.layers }, () => Math.ceil(bytes.kv / shape.layers));
  return [...matrices, norms, ...caches, bytes.scratch].filter((size) => size > 0);
}

/** What is known of the memory after a rehearsal: so much is there, and where it failed, no more. */
export function budgetAfter(rehearsal: Rehearsal, wanted: number): MemoryBudget {
  if (rehearsal.outcome === "passed") return rehearsed(rehearsal.bytes);
  // Where it is not known how much there was, it is less than what was asked for.
  return { bytes: rehearsal.bytes > 0 ? rehearsal.bytes : wanted / 2, source: "rehearsed", isLimit: true };
}
