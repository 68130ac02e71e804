/**
 * How fast `repackRows` is, in MB of file bytes a second on one core: `npx tsx tests/bench/repack.bench.ts`.
 * A script and not one of vitest's benchmarks: those report calls a second.
 */
import { PLANES, layoutMatrix } from "../../src/engine/wgsl/formats/layouts.ts";
import type { MatrixType } from "../../src/engine/wgsl/formats/model-file.ts";
import { bytesPerRow, repackRows } from "../../src/engine/wgsl/formats/repack.ts";

const COLUMNS = 4096;
const BYTES_PER_CHUNK = 4e6;
const ROUNDS = 5;
const SECONDS_PER_ROUND = 0.3;

/** Odd, so that no word is aligned: a stream's chunks lie anywhere. */
const OFFSET = 1;

// A round of all types before the next: then every shared helper has seen them all, as in a load of mixed types.
const best = new Map<MatrixType, number>();
for (let round = 0; round < ROUNDS; round++) {
  for (const type of Object.keys(PLANES) as MatrixType[]) {
    best.set(type, Math.max(best.get(type) ?? 0, measure(type)));
  }
}
for (const [type, bytesPerSecond] of best) {
  console.log(
    `${type.padEnd(12)} ${Math.round(bytesPerSecond / 1e6)
      .toString()
      .padStart(6)} MB/s`,
  );
}

/** @returns bytes a second. */
function measure(type: MatrixType): number {
  const rows = 2 * Math.ceil(BYTES_PER_CHUNK / bytesPerRow(type, COLUMNS) / 2);
  const bytes = rows * bytesPerRow(type, COLUMNS);
  const input = new Uint8Array(OFFSET + bytes).map((_, i) => Math.imul(i, 0x9e3779b1) >>> 24).subarray(OFFSET);
  const output = layoutMatrix(type, rows, COLUMNS).planes.map(({ wordsPerRow }) => new Uint32Array(rows * wordsPerRow));
  let calls = 0;
  const start = performance.now();
  while (performance.now() - start < SECONDS_PER_ROUND * 1000) {
    repackRows(type, COLUMNS, rows, input, output);
    calls++;
  }
  return (calls * bytes * 1000) / (performance.now() - start);
}
