/** A model with some of its matrices dequantised to f32, which changes no weight and makes them many times as large. */
import type { ByteSource } from "../../../src/engine/wgsl/formats/byte-source";
import { layoutMatrix } from "../../../src/engine/wgsl/formats/layouts";
import type { MatrixTensor, ModelFile } from "../../../src/engine/wgsl/formats/model-file";
import { repackRows } from "../../../src/engine/wgsl/formats/repack";
import { dequantiseRow } from "../../../src/engine/wgsl/kernels/decoders/dequantise.ref";
import { never } from "./models";

/** The layers' attention outputs in f32, and the embedding where that is asked for. */
export async function widened(file: ModelFile, what: { readonly embedding: boolean }): Promise<ModelFile> {
  const sources = [...file.sources];
  const widen = async (tensor: MatrixTensor): Promise<MatrixTensor> => {
    const bytes = await toF32(file, tensor);
    sources.push(memorySource(tensor.name, bytes));
    return { ...tensor, type: "f32", data: { source: sources.length - 1, offset: 0, bytes: bytes.length } };
  };
  const embedding = what.embedding ? await widen(file.tensors.embedding) : file.tensors.embedding;
  const layers = [];
  for (const layer of file.tensors.layers) {
    layers.push({ ...layer, attentionOutput: await widen(layer.attentionOutput) });
  }
  return { ...file, sources, tensors: { ...file.tensors, embedding, layers } };
}

export function memorySource(name: string, bytes: Uint8Array<ArrayBuffer>): ByteSource {
  return {
    name,
    size: bytes.length,
    // eslint-disable-next-line @typescript-eslint/require-await -- there already
    async *stream(from, to) {
      yield bytes.slice(from, to);
    },
  };
}

async function toF32({ sources }: ModelFile, tensor: MatrixTensor): Promise<Uint8Array<ArrayBuffer>> {
  const { type, rows, columns, data } = tensor;
  const file = new Uint8Array(data.bytes);
  let done = 0;
  for await (const chunk of sources[data.source]?.stream(data.offset, data.offset + data.bytes, never) ?? []) {
    file.set(chunk, done);
    done += chunk.length;
  }
  const layout = layoutMatrix(type, rows, columns);
  const words = new Uint32Array(layout.words);
  const planes = layout.planes.map(({ firstWord, wordsPerRow }) =>
    words.subarray(firstWord, firstWord + Math.ceil(rows * wordsPerRow)),
  );
  repackRows(type, columns, rows, file, planes);
  const floats = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    floats.set(dequantiseRow(type, layout.planes, words, row, columns), row * columns);
  return new Uint8Array(floats.buffer);
}
