/** What must hold of every ModelFile, whatever it was read from: the loader sizes GPU buffers by it. */
import { expect } from "vitest";
import type { ByteRange, MatrixTensor, ModelFile, VectorTensor } from "../../src/engine/wgsl/formats/model-file";
import { bytesPerRow, scaleBytesPerRow, type MlcType } from "../../src/engine/wgsl/formats/repack";

export function checkModelFile({ name, sources, config, tensors, tokenizer, sampling }: ModelFile): void {
  const { layers, width, heads, kvHeads, headDim, feedForward, vocabulary, contextLength, rmsEpsilon, rope } = config;
  const whole = (what: string, value: number, most: number) =>
    expect(Number.isInteger(value) && value >= 1 && value <= most, `${what} ${value}`).toBe(true);
  whole("layers", layers, 1000);
  whole("width", width, 1e5);
  whole("heads", heads, 1024);
  whole("kvHeads", kvHeads, 1024);
  whole("headDim", headDim, 1024);
  whole("feedForward", feedForward, 2e6);
  whole("vocabulary", vocabulary, 2e6);
  whole("contextLength", contextLength, 1e8);
  expect([heads % kvHeads, headDim % 4, width % 32, feedForward % 32, (heads * headDim) % 32]).toEqual([0, 0, 0, 0, 0]);
  expect(rmsEpsilon > 0 && rmsEpsilon < 1 && rope.base >= 1 && rope.base < 1e15).toBe(true);
  if (rope.factors) {
    expect(rope.factors).toHaveLength(headDim / 2);
    expect(rope.factors.every((factor) => factor > 0 && Number.isFinite(factor))).toBe(true);
  }
  expect(name.length).toBeGreaterThan(0);
  expect(name.length).toBeLessThan(300);
  expect(Object.values(sampling).every((value) => Number.isFinite(value))).toBe(true);
  if (tokenizer.kind === "gguf") expect(tokenizer.metadata["tokenizer.ggml.tokens"]).toHaveLength(vocabulary);

  const ranges: ByteRange[] = [];
  const matrix = ({ type, rows, columns, data, scales }: MatrixTensor) => {
    whole("rows", rows, 4e6);
    expect(data.bytes).toBe(rows * bytesPerRow(type, columns));
    ranges.push(data);
    expect(scales !== undefined, type).toBe(type.startsWith("mlc"));
    if (!scales) return [rows, columns];
    expect(scales.bytes).toBe(rows * scaleBytesPerRow(type as MlcType, columns));
    ranges.push(scales);
    return [rows, columns];
  };
  const vector = ({ type, length, data }: VectorTensor) => {
    expect(data.bytes).toBe(length * (type === "f32" ? 4 : 2));
    ranges.push(data);
    return length;
  };
  const rowsTogether = (matrices: readonly MatrixTensor[], columns: number) =>
    matrices.reduce((sum, tensor) => {
      const [rows = 0, has] = matrix(tensor);
      expect(has).toBe(columns);
      return sum + rows;
    }, 0);

  const qkvRows = (heads + 2 * kvHeads) * headDim;
  expect(matrix(tensors.embedding)).toEqual([vocabulary, width]);
  if (tensors.head) expect(matrix(tensors.head)).toEqual([vocabulary, width]);
  expect(vector(tensors.outputNorm)).toBe(width);
  expect(tensors.layers).toHaveLength(layers);
  for (const layer of tensors.layers) {
    expect([vector(layer.attentionNorm), vector(layer.feedForwardNorm)]).toEqual([width, width]);
    expect(rowsTogether(layer.qkv, width)).toBe(qkvRows);
    const biases = layer.qkvBias.reduce((sum, bias) => sum + vector(bias), 0);
    expect(layer.qkvBias.length === 0 ? qkvRows : biases).toBe(qkvRows);
    expect(matrix(layer.attentionOutput)).toEqual([width, heads * headDim]);
    expect(rowsTogether(layer.gateUp, width)).toBe(2 * feedForward);
    expect(matrix(layer.down)).toEqual([width, feedForward]);
  }
  for (const { source, offset, bytes } of ranges) {
    expect(Number.isSafeInteger(offset) && offset >= 0 && bytes > 0, `${offset} ${bytes}`).toBe(true);
    expect(offset + bytes).toBeLessThanOrEqual(sources[source]?.size ?? -1);
  }
  const places = ranges.map(({ source, offset, bytes }) => [source, offset, offset + bytes] as const);
  places.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (const [i, [source, start]] of places.entries()) {
    const before = places[i - 1];
    expect(before?.[0] !== source || before[2] <= start, "ranges overlap").toBe(true);
  }
}
