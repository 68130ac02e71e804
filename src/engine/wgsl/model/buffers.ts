/** Makes the buffers a plan names, and gives all of them back. */
import type { LayerTensors, ModelFile } from "../formats/model-file";
import type { PartBuffer, VectorBuffer } from "./load-weights";
import type { MatrixPlan } from "./matrix-plan";
import { qkvRows, type ModelPlan, type ScratchName } from "./plan";

export interface MatrixBuffers {
  readonly plan: MatrixPlan;
  readonly parts: readonly PartBuffer[];
}

export interface LayerBuffers {
  readonly qkv: MatrixBuffers;
  /** [(heads + 2 × kvHeads) × headDim] f32; zeros where the model has none. */
  readonly qkvBias: GPUBuffer;
  readonly attentionOutput: MatrixBuffers;
  readonly gateUp: MatrixBuffers;
  readonly down: MatrixBuffers;
  /** [width] f32 */
  readonly attentionNorm: GPUBuffer;
  /** [width] f32 */
  readonly feedForwardNorm: GPUBuffer;
  /** [2, kvHeads, contextLength, headDim] in the plan's KV format. */
  readonly kv: GPUBuffer;
}

export interface ModelBuffers {
  readonly embedding: MatrixBuffers;
  readonly head: MatrixBuffers;
  readonly layers: readonly LayerBuffers[];
  /** [width] f32 */
  readonly outputNorm: GPUBuffer;
  readonly scratch: Readonly<Record<ScratchName, GPUBuffer>>;
  /** What is to be filled from the files. */
  readonly parts: readonly PartBuffer[];
  readonly vectors: readonly VectorBuffer[];
  destroy(): void;
}

/** Whatever can't be allocated comes up in the caller's error scopes: see `guarded`. */
export function makeBuffers(device: GPUDevice, { tensors, config }: ModelFile, plan: ModelPlan): ModelBuffers {
  const all: GPUBuffer[] = [];
  const parts: PartBuffer[] = [];
  const vectors: VectorBuffer[] = [];

  const { STORAGE, UNIFORM, COPY_DST, COPY_SRC } = GPUBufferUsage;
  const make = (label: string, size: number, usage = STORAGE | COPY_DST): GPUBuffer => {
    const buffer = device.createBuffer({ label, size, usage });
    all.push(buffer);
    return buffer;
  };
  const matrix = (matrixPlan: MatrixPlan): MatrixBuffers => {
    const own = matrixPlan.parts.map((part) => ({ part, buffer: make(part.label, part.words * 4) }));
    parts.push(...own);
    return { plan: matrixPlan, parts: own };
  };
  const vector = (label: string, ...own: LayerTensors["qkvBias"]): GPUBuffer => {
    const length = own.reduce((sum, tensor) => sum + tensor.length, 0);
    const buffer = make(label, length * 4);
    vectors.push({ tensors: own, buffer });
    return buffer;
  };

  try {
    const noBias = make("no bias", qkvRows(config) * 4);
    const embedding = matrix(plan.embedding);
    const head = plan.head === undefined ? embedding : matrix(plan.head);
    const layers = plan.layers.map((layer, i): LayerBuffers => {
      const own = tensors.layers[i];
      if (own === undefined) throw new RangeError(`The plan has a layer ${i}, the file has not.`);
      return {
        qkv: matrix(layer.qkv),
        qkvBias: own.qkvBias.length === 0 ? noBias : vector(`layer ${i} qkv bias`, ...own.qkvBias),
        attentionOutput: matrix(layer.attentionOutput),
        gateUp: matrix(layer.gateUp),
        down: matrix(layer.down),
        attentionNorm: vector(`layer ${i} attention norm`, own.attentionNorm),
        feedForwardNorm: vector(`layer ${i} feed-forward norm`, own.feedForwardNorm),
        kv: make(`layer ${i} KV cache`, plan.kvBytesPerLayer),
      };
    });
    const outputNorm = vector("output norm", tensors.outputNorm);
    const usages: Partial<Record<ScratchName, number>> = {
      state: STORAGE | UNIFORM | COPY_DST,
      params: UNIFORM | COPY_DST,
      logits: STORAGE | COPY_SRC,
      ring: STORAGE | COPY_SRC,
    };
    const scratch = Object.fromEntries(
      Object.entries(plan.scratch).map(([name, size]) => [name, make(name, size, usages[name as ScratchName])]),
    ) as Record<ScratchName, GPUBuffer>;
    return { embedding, head, layers, outputNorm, scratch, parts, vectors, destroy: () => destroyAll(all) };
  } catch (thrown) {
    destroyAll(all);
    throw thrown;
  }
}

function destroyAll(buffers: GPUBuffer[]): void {
  for (const buffer of buffers.splice(0)) buffer.destroy();
}
