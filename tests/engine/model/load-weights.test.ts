import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ByteSource } from "../../../src/engine/wgsl/formats/byte-source";
import { layoutMatrix } from "../../../src/engine/wgsl/formats/layouts";
import type { MatrixTensor, MatrixType, ModelFile, VectorType } from "../../../src/engine/wgsl/formats/model-file";
import { bytesPerRow, repackMlcScales, repackRows, scaleBytesPerRow } from "../../../src/engine/wgsl/formats/repack";
import { f16ToNumber } from "../../../src/engine/wgsl/kernels/float16";
import { dequantiseRow } from "../../../src/engine/wgsl/kernels/decoders/dequantise.ref";
import { loadWeights, type PartBuffer } from "../../../src/engine/wgsl/model/load-weights";
import { planMatrix, type Cut } from "../../../src/engine/wgsl/model/matrix-plan";
import { MiB } from "../../../src/shared/units";
import { fillRandom } from "../../../scripts/synthetic/random";
import { fakeGpu } from "../fake-device";
import { matrixOf } from "./tensors";

const never = new AbortController().signal;

/** A queue that writes into arrays, and checks what WebGPU would. */
class FakeQueue {
  readonly content = new Map<GPUBuffer, Uint8Array<ArrayBuffer>>();
  readonly submit = vi.fn();
  readonly onSubmittedWorkDone = vi.fn(() => Promise.resolve());

  buffer(bytes: number): GPUBuffer {
    const buffer = {} as GPUBuffer;
    this.content.set(buffer, new Uint8Array(bytes));
    return buffer;
  }

  bytes(buffer: GPUBuffer): Uint8Array<ArrayBuffer> {
    return this.content.get(buffer) ?? new Uint8Array();
  }

  writeBuffer(buffer: GPUBuffer, offset: number, data: Uint32Array | Float32Array): void {
    expect(Number.isInteger(offset / 4), `offset ${offset}`).toBe(true);
    this.bytes(buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
  }
}

let queue: FakeQueue;
beforeEach(() => {
  queue = new FakeQueue();
});
afterEach(() => vi.restoreAllMocks());

function gpuOf() {
  const gpu = fakeGpu();
  return { ...gpu, device: { queue } as unknown as GPUDevice };
}

/** A file in memory, as it comes in chunks. */
function source(bytes: Uint8Array, chunk = 1000): ByteSource {
  return {
    name: "a file",
    size: bytes.length,
    // eslint-disable-next-line @typescript-eslint/require-await -- there already
    async *stream(from, to) {
      for (let at = from; at < to; at += chunk) yield new Uint8Array(bytes.slice(at, Math.min(to, at + chunk)));
    },
  };
}

const fileOf = (...sources: ByteSource[]) => ({ sources }) as unknown as ModelFile;

function random(bytes: number, key: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  fillRandom(words, key, 0);
  return new Uint8Array(words.buffer).slice(0, bytes);
}

interface Content {
  readonly tensor: MatrixTensor;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly scales: Uint8Array<ArrayBuffer>;
}

/** Tensors of random bits, one behind the other in a file, scales after all of them; an odd number of bytes between. */
function contentOf(shapes: readonly (readonly [MatrixType, number, number])[]) {
  let end = 0;
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  const place = (bytes: Uint8Array<ArrayBuffer>) => {
    const at = end + 3;
    end = at + bytes.length;
    pieces.push({ at, bytes });
    return { source: 0, offset: at, bytes: bytes.length };
  };
  const contents = shapes.map(([type, rows, columns], i): Content => {
    const data = random(rows * bytesPerRow(type, columns), 7 + i);
    const scales = isMlc(type) ? random(rows * scaleBytesPerRow(type, columns), 77 + i) : new Uint8Array();
    return { tensor: { ...matrixOf(type, rows, columns, `t${i}`), data: place(data) }, data, scales };
  });
  const placed = contents.map((content) => {
    if (content.scales.length === 0) return content;
    return { ...content, tensor: { ...content.tensor, scales: place(content.scales) } };
  });
  const file = new Uint8Array(end);
  for (const { at, bytes } of pieces) file.set(bytes, at);
  return { contents: placed, file };
}

function isMlc(type: MatrixType): type is Extract<MatrixType, `mlc_${string}`> {
  return type.startsWith("mlc_");
}

/** The tensor's planes, repacked in one go. */
function wordsOf({ tensor, data, scales }: Content): Uint32Array<ArrayBuffer> {
  const { type, rows, columns } = tensor;
  const layout = layoutMatrix(type, rows, columns);
  const words = new Uint32Array(layout.words);
  const planes = layout.planes.map(({ firstWord, wordsPerRow }) =>
    words.subarray(firstWord, firstWord + Math.ceil(rows * wordsPerRow)),
  );
  repackRows(type, columns, rows, data, planes);
  if (isMlc(type)) repackMlcScales(type, columns, rows, scales, planes[1] ?? new Uint32Array());
  return words;
}

/** [rows][columns] */
function weightsOf(content: Content): Float64Array[] {
  const { type, rows, columns } = content.tensor;
  const words = wordsOf(content);
  const { planes } = layoutMatrix(type, rows, columns);
  return Array.from({ length: rows }, (_, row) => dequantiseRow(type, planes, words, row, columns));
}

/** Loads them as one matrix, and reads every row where the kernels would. */
async function expectLoaded(
  shapes: readonly (readonly [MatrixType, number, number])[],
  options: { readonly cut?: Cut; readonly limit?: number; readonly chunk?: number; readonly parts?: number } = {},
): Promise<void> {
  const { cut = "rows", limit = 128 * MiB, chunk = 1000, parts: wantedParts = 1 } = options;
  const { contents, file } = contentOf(shapes);
  const tensors = contents.map(({ tensor }) => tensor) as unknown as Parameters<typeof planMatrix>[1];
  const plan = planMatrix("w", tensors, cut, limit);
  expect(plan.parts).toHaveLength(wantedParts);
  const parts = plan.parts.map((part): PartBuffer => ({ part, buffer: queue.buffer(part.words * 4) }));
  const onProgress = vi.fn();
  await loadWeights(gpuOf(), fileOf(source(file, chunk)), parts, [], { signal: never, onProgress });

  const wanted = new Map(contents.map((content) => [content.tensor, weightsOf(content)]));
  for (const { part, buffer } of parts) {
    const words = new Uint32Array(queue.bytes(buffer).buffer);
    const rows = part.segments.flatMap(({ format, rows, planes }) => {
      const { planes: kinds } = layoutMatrix(format, rows, plan.columns);
      const places = kinds.map(({ kind }, i) => ({ kind, firstWord: planes[i] ?? NaN }));
      return Array.from({ length: rows }, (_, row) => dequantiseRow(format, places, words, row, plan.columns));
    });
    const own = part.fills.flatMap(({ tensor, fromRow, rows }) => wanted.get(tensor)?.slice(fromRow, fromRow + rows));
    expect(rows).toEqual(own);
  }
  const bytes = contents.reduce((sum, { data, scales }) => sum + data.length + scales.length, 0);
  expect(onProgress).toHaveBeenLastCalledWith({ bytesDone: bytes, bytesTotal: bytes });
}

describe("a matrix on the GPU has the file's weights", () => {
  const groups = [
    "f32",
    "f16",
    "bf16",
    "q4_0",
    "q4_1",
    "q5_0",
    "q5_1",
    "q8_0",
    "mlc_q4_f16",
    "mlc_q4_bf16",
    "mlc_q4_f32",
  ] as const;

  it.each(groups)("of %s, of odd rows and odd groups", async (type) => {
    await expectLoaded([[type, 7, 96]]);
    await expectLoaded([[type, 1, 32]], { chunk: 1 });
  });

  it.each(["q4_k", "q5_k", "q6_k"] as const)("of %s, of odd rows and odd blocks", async (type) => {
    await expectLoaded([[type, 7, 768]]);
    await expectLoaded([[type, 1, 256]], { chunk: 1 });
  });

  it.each(["q4_0", "q5_1", "q8_0", "mlc_q4_f16"] as const)(
    "of %s in several pieces, some of odd rows",
    async (type) => {
      // 57 groups a row: an odd number of rows leaves half a word of scales over. A piece is about a MiB.
      const { contents, file } = contentOf([[type, 2101, 1824]]);
      for (const content of contents) {
        const [part] = planMatrix("w", [content.tensor], "rows", 128 * MiB).parts;
        if (part === undefined) throw new Error("It has no part.");
        const buffer = queue.buffer(part.words * 4);
        await loadWeights(gpuOf(), fileOf(source(file, 77_777)), [{ part, buffer }], [], { signal: never });
        expect(Buffer.from(queue.bytes(buffer)).equals(new Uint8Array(wordsOf(content).buffer))).toBe(true);
      }
    },
  );

  it("of tensors one below the other, merged and apart", async () => {
    await expectLoaded(
      [
        ["q4_0", 64, 96],
        ["q4_0", 32, 96],
        ["f16", 32, 96],
      ],
      { cut: "none" },
    );
  });

  it("cut by rows, where rows have an odd number of groups", async () => {
    // 54 bytes a row in q4_0: 100 rows fit, 64 are taken.
    await expectLoaded([["q4_0", 203, 96]], { limit: 54 * 100 + 256, parts: 4 });
    await expectLoaded([["mlc_q4_bf16", 203, 96]], { limit: 54 * 100 + 256, parts: 4 });
  });

  it.each(["q5_1", "mlc_q4_f16", "mlc_q4_f32"] as const)(
    "of %s cut by pairs, of two tensors and of one",
    async (type) => {
      const { words } = layoutMatrix(type, 1024, 96);
      const limit = (words / 256) * 2 * 100 + 256;
      await expectLoaded([[type, 160, 96], [type, 160, 96]], { cut: "pairs", limit, parts: 3 }); // prettier-ignore
      await expectLoaded([[type, 320, 96]], { cut: "pairs", limit, parts: 3 });
    },
  );

  it("of gate and up in two types, cut by pairs", async () => {
    const limit = 192 * 2 * 100 + 256;
    await expectLoaded([["q4_0", 160, 96], ["f16", 160, 96]], { cut: "pairs", limit, parts: 3 }); // prettier-ignore
  });
});

describe("vectors on the GPU", () => {
  const toNumber: Record<VectorType, (view: DataView, i: number) => number> = {
    f32: (view, i) => view.getFloat32(4 * i, true),
    f16: (view, i) => f16ToNumber(view.getUint16(2 * i, true)),
    bf16: (view, i) => new Float32Array(Uint32Array.of(view.getUint16(2 * i, true) << 16).buffer)[0] ?? NaN,
  };

  it.each(["f32", "f16", "bf16"] as const)("are f32, one behind the other, from %s", async (type) => {
    const each = type === "f32" ? 4 : 2;
    const lengths = [33, 1, 10];
    const file = random(500, 5);
    let at = 1; // a view of it would not be aligned
    const tensors = lengths.map((length, i) => {
      const data = { source: 0, offset: at, bytes: each * length };
      at += data.bytes;
      return { name: `v${i}`, type, length, data };
    });
    const buffer = queue.buffer(44 * 4);
    await loadWeights(gpuOf(), fileOf(source(file, 7)), [], [{ tensors, buffer }], { signal: never });
    const view = new DataView(file.buffer, 1);
    const wanted = Float32Array.from({ length: 44 }, (_, i) => toNumber[type](view, i));
    expect(new Float32Array(queue.bytes(buffer).buffer)).toEqual(wanted);
  });

  it("come each from its own file", async () => {
    const [a, b] = [random(8, 1), random(8, 2)];
    const vector = (index: number) => ({
      tensors: [{ name: "v", type: "f32" as const, length: 2, data: { source: index, offset: 0, bytes: 8 } }],
      buffer: queue.buffer(8),
    });
    const vectors = [vector(1), vector(0)];
    await loadWeights(gpuOf(), fileOf(source(a), source(b)), [], vectors, { signal: never });
    const [first, second] = vectors.map(({ buffer }) => new Float32Array(queue.bytes(buffer).buffer));
    expect([first, second]).toEqual([new Float32Array(b.buffer), new Float32Array(a.buffer)]);
  });
});

describe("loading", () => {
  const large = () => {
    const { contents, file } = contentOf([["q8_0", 4096, 2048]]); // 8.5 MiB
    const [part] = planMatrix("w", [contents[0]?.tensor ?? matrixOf("f32", 1, 32)], "rows", 128 * MiB).parts;
    if (part === undefined) throw new Error("It has no part.");
    return { file, parts: [{ part, buffer: queue.buffer(part.words * 4) }] };
  };

  it("stops at the next piece, with no more written", async () => {
    const { file, parts } = large();
    const controller = new AbortController();
    const onProgress = vi.fn(({ bytesDone }: { bytesDone: number }) => bytesDone > 0 && controller.abort());
    const loading = loadWeights(gpuOf(), fileOf(source(file, MiB)), parts, [], {
      signal: controller.signal,
      onProgress,
    });
    await expect(loading).rejects.toMatchObject({ code: "aborted" });
    expect(onProgress.mock.calls.map(([{ bytesDone }]) => bytesDone > 0)).toEqual([false, true]);
  });

  it("waits for the GPU every 32 MiB and ends with a device that is lost", async () => {
    const { file, parts } = large();
    const four = Array.from({ length: 4 }, () => parts).flat();
    await loadWeights(gpuOf(), fileOf(source(file, MiB)), four, [], { signal: never });
    expect(queue.onSubmittedWorkDone).toHaveBeenCalledOnce();
    const gpu = fakeGpu();
    queue.onSubmittedWorkDone.mockImplementation(() => new Promise(() => undefined));
    const device = { queue } as unknown as GPUDevice;
    const loading = loadWeights({ ...gpu, device }, fileOf(source(file, MiB)), four, [], { signal: never });
    gpu.lose();
    await expect(loading).rejects.toMatchObject({ code: "device-lost" });
  });
});
