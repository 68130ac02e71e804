/** Runs a kernel once for its check and compares all it wrote with its reference: see the *.check.ts files. */
import { readBack, storageBuffer, submit, withBuffers } from "../gpu/gpu";
import { compareOutputs, joinComparisons, type Comparison } from "./compare";
import { DECODE_STATE } from "./decode-state";
import { f16ToNumber } from "./float16";
import type { Tolerance } from "./tolerances";

/** What outputs are filled with beforehand: exact in f16, and what no kernel would come upon. */
export const POISON = -12_344;
const POISON_F16_PAIR = 0xf207f207;

/** Tokens that input and output buffers have room for past those of the dispatch; inputs hold NaN there. */
export const TOKENS_BEYOND = 3;

export interface Expected {
  readonly values: Float64Array;
  /** Σ|terms| of each; 0 of what is to stay as it was. */
  readonly terms: Float64Array;
}

export interface CheckedOutput {
  readonly expected: Expected;
  readonly tolerance: Tolerance;
}

export interface CheckRun<Buffers> {
  readonly kernel: {
    bind(buffers: Buffers): GPUBindGroup;
    encode(pass: GPUComputePassEncoder, group: GPUBindGroup, tokens: number): void;
  };
  /** Contents of all buffers, by name; "state" is not among them. */
  readonly contents: Readonly<Record<string, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>>;
  readonly state: { readonly position: number; readonly count: number };
  /** What buffers hold afterwards, by name; one of Uint32Array is taken for pairs of f16. */
  readonly outputs: Readonly<Record<string, CheckedOutput>>;
}

export async function runCheck<Buffers>(device: GPUDevice, run: CheckRun<Buffers>): Promise<Comparison> {
  return withBuffers(async (keep) => {
    const buffers: Record<string, GPUBuffer> = { state: keep(stateBuffer(device, run.state)) };
    for (const [name, data] of Object.entries(run.contents)) buffers[name] = keep(storageBuffer(device, name, data));
    const group = run.kernel.bind(buffers as Buffers);
    submit(device, (pass) => run.kernel.encode(pass, group, run.state.count));
    const comparisons = Object.entries(run.outputs).map(async ([name, { expected, tolerance }]) => {
      const buffer = buffers[name];
      if (buffer === undefined) throw new RangeError(`no buffer ${name}`);
      const bytes = await readBack(device, buffer);
      const actual = run.contents[name] instanceof Uint32Array ? fromHalves(bytes) : new Float32Array(bytes);
      return compareOutputs(actual, expected.values, expected.terms, tolerance);
    });
    return joinComparisons(await Promise.all(comparisons));
  });
}

/** A uniform, as decoding has it. */
function stateBuffer(device: GPUDevice, { position, count }: CheckRun<unknown>["state"]): GPUBuffer {
  const words = new Uint32Array(DECODE_STATE.words);
  words[DECODE_STATE.position] = position;
  words[DECODE_STATE.count] = count;
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ label: "state", size: words.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, words);
  return buffer;
}

export function fromHalves(pairs: ArrayBuffer): Float32Array<ArrayBuffer> {
  return Float32Array.from(new Uint16Array(pairs), f16ToNumber);
}

export function poisoned(length: number): Float32Array<ArrayBuffer> {
  return new Float32Array(length).fill(POISON);
}

export function poisonedHalves(length: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(length / 2).fill(POISON_F16_PAIR);
}

/** `length` numbers made by `make`, and NaN from there to `capacity`: what a kernel must not read, or not use. */
export function thenNaN(length: number, capacity: number, make: (i: number) => number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: capacity }, (_, i) => (i < length ? make(i) : NaN));
}

/** As activations are: mostly below 1, one in a hundred far out. */
export function activation(random: () => number): number {
  return (random() * 2 - 1) * (random() < 0.01 ? 100 : 1);
}
