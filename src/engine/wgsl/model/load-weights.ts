/**
 * Streams a model's tensors from its files into GPU buffers, in the order they lie in, a chunk at a time: what is held
 * in memory is a few chunks, whatever the model's size.
 */
import { throwIfAborted } from "../../../shared/errors";
import { MiB } from "../../../shared/units";
import type { ByteRange, ModelFile, VectorTensor, VectorType } from "../formats/model-file";
import { bytesPerRow, repackMlcScales, repackRows, scaleBytesPerRow, type MlcType } from "../formats/repack";
import { PLANES } from "../formats/layouts";
import { f16ToNumber } from "../kernels/float16";
import { waitForGpu, type Gpu } from "../gpu/gpu";
import { cutBytes, type Sink } from "./cut-bytes";
import type { Fill, MatrixPart } from "./matrix-plan";

/** A part of a matrix and the buffer made for it. */
export interface PartBuffer {
  readonly part: MatrixPart;
  readonly buffer: GPUBuffer;
}

/** Vectors, one behind the other in a buffer, in f32. */
export interface VectorBuffer {
  readonly tensors: readonly VectorTensor[];
  readonly buffer: GPUBuffer;
}

export interface LoadProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** The browser copies what is written into its own memory until the GPU took it: not more than this at a time. */
const UNSUBMITTED_BYTES = 32 * MiB;
/**
 * @throws IngleError "aborted"; "source-failed"; "device-lost".
 */
export async function loadWeights(
  gpu: Gpu,
  { sources }: ModelFile,
  parts: readonly PartBuffer[],
  vectors: readonly VectorBuffer[],
  options: { readonly signal: AbortSignal; readonly onProgress?: (progress: LoadProgress) => void },
): Promise<void> {
  const { queue } = gpu.device;
  // One for all: what is written is copied at once, and one for each would be a model's worth.
  const staging = makeStaging();
  const sinks = [
    ...parts.flatMap((part) => matrixSinks(queue, part, staging)),
    ...vectors.flatMap((v) => vectorSinks(queue, v)),
  ];
  const bytesTotal = sinks.reduce((sum, { range }) => sum + range.bytes, 0);
  let bytesDone = 0;
  let unsubmitted = 0;
  options.onProgress?.({ bytesDone, bytesTotal });
  for (const [index, source] of sources.entries()) {
    const own = sinks.filter(({ range }) => range.source === index).sort((a, b) => a.range.offset - b.range.offset);
    for await (const { sink, bytes, unitsBefore } of cutBytes(source, own, options.signal)) {
      sink.take(bytes, unitsBefore);
      bytesDone += bytes.length;
      unsubmitted += bytes.length;
      if (unsubmitted >= UNSUBMITTED_BYTES) {
        unsubmitted = 0;
        queue.submit([]);
        await waitForGpu(gpu, queue.onSubmittedWorkDone());
      }
      options.onProgress?.({ bytesDone, bytesTotal });
      throwIfAborted(options.signal);
    }
  }
}

/** A sink for each fill: a tensor that goes into several parts is cut where they meet. */
function matrixSinks(queue: GPUQueue, { part, buffer }: PartBuffer, staging: Staging): Sink[] {
  return part.fills.flatMap((fill) => {
    const { tensor } = fill;
    const { data, scales } = tensor;
    const kinds = PLANES[tensor.type];
    const isMlc = scales !== undefined;
    const rowBytes = bytesPerRow(tensor.type, tensor.columns);
    // Of MLC's two planes the nibbles come with the data, the scales by themselves.
    const dataPlanes = isMlc ? kinds.slice(0, 1) : kinds;
    const weights: Sink = {
      range: rowsOf(data, rowBytes, fill),
      unit: evenRows(rowBytes, fill),
      take(bytes, unitsBefore) {
        const rows = bytes.length / rowBytes;
        const planes = dataPlanes.map((_, i) => staging(i, Math.ceil(rows * wordsPerRow(fill, i))));
        repackRows(tensor.type, tensor.columns, rows, bytes, planes);
        planes.forEach((words, i) =>
          writePlane(queue, buffer, fill, i, rowsBefore(fill, rowBytes, unitsBefore), words),
        );
      },
    };
    if (!isMlc) return [weights];
    const type = tensor.type as MlcType;
    const scaleBytes = scaleBytesPerRow(type, tensor.columns);
    return [
      weights,
      {
        range: rowsOf(scales, scaleBytes, fill),
        unit: evenRows(scaleBytes, fill),
        take(bytes, unitsBefore) {
          const rows = bytes.length / scaleBytes;
          const words = staging(1, Math.ceil(rows * wordsPerRow(fill, 1)));
          repackMlcScales(type, tensor.columns, rows, bytes, words);
          writePlane(queue, buffer, fill, 1, rowsBefore(fill, scaleBytes, unitsBefore), words);
        },
      },
    ];
  });
}

function vectorSinks(queue: GPUQueue, { tensors, buffer }: VectorBuffer): Sink[] {
  let first = 0;
  return tensors.map((tensor) => {
    const at = first * 4;
    first += tensor.length;
    return {
      range: tensor.data,
      unit: tensor.data.bytes,
      take: (bytes: Uint8Array) => queue.writeBuffer(buffer, at, toFloats(bytes, tensor.type)),
    };
  });
}

/** Two rows at least, so that a plane of half words is always written in whole words. */
function evenRows(rowBytes: number, { rows }: Fill): number {
  return rowBytes * Math.min(2, rows);
}

function rowsOf(range: ByteRange, rowBytes: number, { fromRow, rows }: Fill): ByteRange {
  return { source: range.source, offset: range.offset + fromRow * rowBytes, bytes: rows * rowBytes };
}

function rowsBefore(fill: Fill, rowBytes: number, unitsBefore: number): number {
  return (unitsBefore * evenRows(rowBytes, fill)) / rowBytes;
}

function wordsPerRow({ planes }: Fill, plane: number): number {
  return planes[plane]?.wordsPerRow ?? 0;
}

function writePlane(
  queue: GPUQueue,
  buffer: GPUBuffer,
  fill: Fill,
  plane: number,
  row: number,
  words: Uint32Array<ArrayBuffer>,
): void {
  const place = fill.planes[plane];
  if (place === undefined) throw new RangeError(`${fill.tensor.name} has no plane ${plane}.`);
  queue.writeBuffer(buffer, 4 * (place.firstWord + (fill.segmentRow + row) * place.wordsPerRow), words);
}

/** Arrays to repack into, one a plane, used again and again. */
type Staging = (plane: number, words: number) => Uint32Array<ArrayBuffer>;

function makeStaging(): Staging {
  const arrays: Uint32Array<ArrayBuffer>[] = [];
  return (plane, words) => {
    let array = arrays[plane];
    if (array === undefined || array.length < words) array = arrays[plane] = new Uint32Array(words);
    return array.subarray(0, words);
  };
}

function toFloats(bytes: Uint8Array, type: VectorType): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === "f32") return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  const halves = Float32Array.from({ length: bytes.length / 2 }, (_, i) => {
    const bits = view.getUint16(2 * i, true);
    return type === "f16" ? f16ToNumber(bits) : bf16ToNumber(bits);
  });
  return halves;
}

function bf16ToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits);
  return view.getFloat32(0);
}
