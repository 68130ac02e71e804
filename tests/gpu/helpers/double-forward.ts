/**
 * The forward pass as a textbook has it, in double on the CPU: a token at a time, nothing fused, split or streamed. It
 * shares no code with the engine but the readers of files and of weights, which have oracles of their own.
 */
import type { ByteRange, MatrixTensor, ModelFile, VectorTensor } from "../../../src/engine/wgsl/formats/model-file";
import { layoutMatrix } from "../../../src/engine/wgsl/formats/layouts";
import { repackRows } from "../../../src/engine/wgsl/formats/repack";
import { readBytes } from "../../../src/engine/wgsl/formats/byte-source";
import { dequantiseRow } from "../../../src/engine/wgsl/kernels/decoders/dequantise.ref";
import { never } from "./models";

/** [rows][columns] */
type Matrix = readonly Float64Array[];

interface Layer {
  readonly attentionNorm: Float64Array;
  readonly qkv: Matrix;
  /** [(heads + 2 × kvHeads) × headDim], or empty */
  readonly qkvBias: Float64Array;
  readonly attentionOutput: Matrix;
  readonly feedForwardNorm: Float64Array;
  readonly gateUp: Matrix;
  readonly down: Matrix;
  /** A token after the other: [kvHeads × headDim] each. */
  readonly keys: Float64Array[];
  readonly values: Float64Array[];
}

/** Of each token of the vocabulary the logit, and the sum of its terms' sizes: Σ |w·x| of the head's row. */
export interface Logits {
  readonly values: Float64Array;
  readonly terms: Float64Array;
}

export class DoubleForward {
  readonly #config: ModelFile["config"];
  readonly #embedding: Matrix;
  readonly #layers: readonly Layer[];
  readonly #outputNorm: Float64Array;
  readonly #head: Matrix;

  private constructor(
    config: ModelFile["config"],
    embedding: Matrix,
    layers: Layer[],
    norm: Float64Array,
    head: Matrix,
  ) {
    this.#config = config;
    this.#embedding = embedding;
    this.#layers = layers;
    this.#outputNorm = norm;
    this.#head = head;
  }

  /** @param file a GGUF model, small */
  static async of(file: ModelFile): Promise<DoubleForward> {
    const { embedding, head, outputNorm } = file.tensors;
    const layers: Layer[] = [];
    for (const layer of file.tensors.layers) {
      layers.push({
        attentionNorm: await readVectors(file, [layer.attentionNorm]),
        qkv: await readMatrix(file, layer.qkv),
        qkvBias: await readVectors(file, layer.qkvBias),
        attentionOutput: await readMatrix(file, [layer.attentionOutput]),
        feedForwardNorm: await readVectors(file, [layer.feedForwardNorm]),
        gateUp: await readMatrix(file, layer.gateUp),
        down: await readMatrix(file, [layer.down]),
        keys: [],
        values: [],
      });
    }
    const rows = await readMatrix(file, [embedding]);
    const norm = await readVectors(file, [outputNorm]);
    return new DoubleForward(
      file.config,
      rows,
      layers,
      norm,
      head === undefined ? rows : await readMatrix(file, [head]),
    );
  }

  /** The next token of the text. @returns what is said to follow it. */
  next(token: number): Logits {
    let stream = at(this.#embedding, token);
    for (const layer of this.#layers) {
      stream = plus(stream, times(layer.attentionOutput, this.#attend(layer, stream)));
      const hidden = times(layer.gateUp, this.#normed(stream, layer.feedForwardNorm));
      const half = hidden.length / 2;
      const gated = Float64Array.from({ length: half }, (_, i) => silu(at(hidden, i)) * at(hidden, half + i));
      stream = plus(stream, times(layer.down, gated));
    }
    const normed = this.#normed(stream, this.#outputNorm);
    return {
      values: times(this.#head, normed),
      terms: times(
        this.#head.map((row) => row.map(Math.abs)),
        normed.map(Math.abs),
      ),
    };
  }

  /** @returns [heads × headDim] */
  #attend(layer: Layer, stream: Float64Array): Float64Array {
    const { heads, kvHeads, headDim } = this.#config;
    const product = times(layer.qkv, this.#normed(stream, layer.attentionNorm));
    const qkv = layer.qkvBias.length === 0 ? product : plus(product, layer.qkvBias);
    const position = layer.keys.length;
    const turned = (head: number) => this.#turn(qkv.subarray(head * headDim, (head + 1) * headDim), position);
    layer.keys.push(joined(Array.from({ length: kvHeads }, (_, h) => turned(heads + h))));
    layer.values.push(qkv.slice((heads + kvHeads) * headDim));
    return joined(
      Array.from({ length: heads }, (_, head) => {
        const query = turned(head);
        const from = Math.floor((head * kvHeads) / heads) * headDim;
        const own = (of: Float64Array) => of.subarray(from, from + headDim);
        const scores = layer.keys.map((key) => dot(query, own(key)) / Math.sqrt(headDim));
        const largest = Math.max(...scores);
        const exponentials = scores.map((score) => Math.exp(score - largest));
        const sum = exponentials.reduce((total, each) => total + each, 0);
        return Float64Array.from({ length: headDim }, (_, dim) =>
          layer.values.reduce((total, value, i) => total + (at(exponentials, i) / sum) * at(own(value), dim), 0),
        );
      }),
    );
  }

  /** RoPE. */
  #turn(head: Float64Array, position: number): Float64Array {
    const { base, pairs, factors } = this.#config.rope;
    const half = head.length / 2;
    const turned = new Float64Array(head.length);
    for (let pair = 0; pair < half; pair++) {
      const angle = (position * base ** (-pair / half)) / (factors?.[pair] ?? 1);
      const [a, b] = pairs === "halves" ? [pair, pair + half] : [2 * pair, 2 * pair + 1];
      turned[a] = at(head, a) * Math.cos(angle) - at(head, b) * Math.sin(angle);
      turned[b] = at(head, a) * Math.sin(angle) + at(head, b) * Math.cos(angle);
    }
    return turned;
  }

  #normed(stream: Float64Array, weights: Float64Array): Float64Array {
    const scale = 1 / Math.sqrt(dot(stream, stream) / stream.length + this.#config.rmsEpsilon);
    return stream.map((value, i) => value * scale * at(weights, i));
  }
}

async function readMatrix(file: ModelFile, tensors: readonly MatrixTensor[]): Promise<Matrix> {
  const rows: Float64Array[] = [];
  for (const { type, rows: count, columns, data } of tensors) {
    const { planes, words: length } = layoutMatrix(type, count, columns);
    const words = new Uint32Array(length);
    const output = planes.map(({ firstWord, wordsPerRow }) =>
      words.subarray(firstWord, firstWord + Math.ceil(count * wordsPerRow)),
    );
    repackRows(type, columns, count, await bytesOf(file, data), output);
    for (let row = 0; row < count; row++) rows.push(dequantiseRow(type, planes, words, row, columns));
  }
  return rows;
}

async function readVectors(file: ModelFile, tensors: readonly VectorTensor[]): Promise<Float64Array> {
  const parts: Float64Array[] = [];
  for (const { name, type, data } of tensors) {
    if (type !== "f32") throw new Error(`${name} is ${type}: synthetic models' vectors are f32.`);
    parts.push(Float64Array.from(new Float32Array((await bytesOf(file, data)).buffer)));
  }
  return joined(parts);
}

function bytesOf({ sources }: ModelFile, { source, offset, bytes }: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
  return readBytes(at(sources, source), offset, offset + bytes, never);
}

const silu = (x: number): number => x / (1 + Math.exp(-x));

function times(matrix: Matrix, vector: Float64Array): Float64Array {
  return Float64Array.from(matrix, (row) => dot(row, vector));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
}

function plus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + at(b, i));
}

function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

function at<T>(values: ArrayLike<T>, index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no place ${index} of ${values.length}`);
  return value;
}
