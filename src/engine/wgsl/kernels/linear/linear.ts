/**
 * The matrix products: y = W·x for one token, Y = W·X for many, and what is done with each result before it is
 * written. One of each: a shape (how threads share the work), an input (plain, or RMS-normed as it is read), a
 * finish. The CPU twin is linear.ref.ts.
 */
import { compile } from "../../gpu/gpu";
import decodeState from "../decode-state.wgsl?raw";
import { weightReader, type Segment } from "../decoders/decoders";
import storeF16 from "../kv/store-f16.wgsl?raw";
import storeF32 from "../kv/store-f32.wgsl?raw";
import activations from "./activations.wgsl?raw";
import finishGateUp from "./finish-gate-up.wgsl?raw";
import finishHead from "./finish-head.wgsl?raw";
import finishQkv from "./finish-qkv.wgsl?raw";
import finishResidual from "./finish-residual.wgsl?raw";
import inputNormed from "./input-normed.wgsl?raw";
import inputPlain from "./input-plain.wgsl?raw";
import quads from "./quads.wgsl?raw";
import registerTile from "./register-tile.wgsl?raw";
import rows from "./rows.wgsl?raw";
import sharedTile from "./shared-tile.wgsl?raw";
import { tokensPerTile, type DecodeShape, type PrefillShape } from "./shapes";
import subgroup from "./subgroup.wgsl?raw";
import tokenCount from "./token-count.wgsl?raw";
import tree from "./tree.wgsl?raw";

export const WEIGHTS_PER_GROUP = 32;
const SHARED_TILE_QUADS = 16;

export type KvFormat = "f32" | "f16";

/** What becomes of four sums; each names the buffers it binds, see `LinearBuffers`. */
export type Finish =
  | {
      readonly kind: "qkv";
      readonly heads: number;
      readonly kvHeads: number;
      readonly headDim: number;
      /** Positions the KV cache has room for. */
      readonly context: number;
      readonly ropePairs: "adjacent" | "halves";
      readonly kv: KvFormat;
    }
  | { readonly kind: "residual" }
  | { readonly kind: "gate-up" }
  | { readonly kind: "head"; readonly vocabulary: number };

export interface LinearSpec {
  readonly label: string;
  readonly segments: readonly Segment[];
  /** The input's length, a multiple of 32. */
  readonly columns: number;
  /** Rows / 4, rounded up: results are made in fours. */
  readonly quads: number;
  /** Where a matrix too large for one binding is split: which of all parts' quads this one's first is. */
  readonly part?: { readonly firstQuad: number; readonly quadsOfAllParts: number };
  readonly shape: DecodeShape | PrefillShape;
  /** The epsilon of the RMS norm to be applied to the input; undefined to take it as it is. */
  readonly rmsEpsilon: number | undefined;
  readonly finish: Finish;
}

/** Buffers by name; which are needed follows from the input and the finish. Shapes are in the WGSL. */
export interface LinearBuffers {
  readonly weights: GPUBuffer;
  readonly x: GPUBuffer;
  readonly squares?: GPUBuffer;
  readonly state?: GPUBuffer;
  readonly bias?: GPUBuffer;
  readonly rope?: GPUBuffer;
  readonly q?: GPUBuffer;
  readonly kv?: GPUBuffer;
  readonly nextNorm?: GPUBuffer;
  readonly residual?: GPUBuffer;
  readonly normed?: GPUBuffer;
  readonly squaresOut?: GPUBuffer;
  readonly hidden?: GPUBuffer;
  readonly logits?: GPUBuffer;
}

export interface LinearKernel {
  bind(buffers: LinearBuffers): GPUBindGroup;
  /** @param onlyQuads how many of the quads to make, for timing; all by default. */
  encode(pass: GPUComputePassEncoder, group: GPUBindGroup, tokens: number, onlyQuads?: number): void;
}

const FINISH_BINDINGS: Readonly<Record<Finish["kind"], Readonly<Partial<Record<keyof LinearBuffers, number>>>>> = {
  qkv: { bias: 3, rope: 4, state: 5, q: 6, kv: 7 },
  residual: { nextNorm: 3, residual: 4, normed: 5, squaresOut: 6 },
  "gate-up": { hidden: 3 },
  head: { logits: 3 },
};

/** @throws IngleError "gpu-validation" */
export async function compileLinear(device: GPUDevice, spec: LinearSpec): Promise<LinearKernel> {
  const { label, quads: quadCount, rmsEpsilon, finish } = spec;
  const shape = fitted(spec.shape, finish);
  const prefills = shape.kind === "register" || shape.kind === "shared";
  const bindings: Partial<Record<keyof LinearBuffers, number>> = {
    weights: 0,
    x: 1,
    ...(rmsEpsilon === undefined ? {} : { squares: 2 }),
    ...(prefills ? { state: 7 } : {}),
    ...FINISH_BINDINGS[finish.kind],
  };
  const pipeline = await compile(device, label, ...linearSource(spec));
  return {
    bind: (buffers) =>
      device.createBindGroup({
        label,
        layout: pipeline.getBindGroupLayout(0),
        entries: Object.entries(bindings).map(([name, binding]) => {
          const buffer = buffers[name as keyof LinearBuffers];
          if (buffer === undefined) throw new RangeError(`${label} needs a buffer "${name}".`);
          return { binding, resource: { buffer } };
        }),
      }),
    encode(pass, group, tokens, onlyQuads = quadCount) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...workgroups(shape, onlyQuads, tokens));
    },
  };
}

/** The parts of the module, the first with what has to stand first. */
export function linearSource(spec: LinearSpec): string[] {
  const { segments, columns, part, rmsEpsilon, finish } = spec;
  const shape = fitted(spec.shape, finish);
  const prefills = shape.kind === "register" || shape.kind === "shared";
  const constants = [
    `const GROUPS = ${columns / WEIGHTS_PER_GROUP}u;`,
    `const QUADS = ${spec.quads}u;`,
    `const FIRST_QUAD = ${part?.firstQuad ?? 0}u;`,
    `const QUADS_OF_ALL_PARTS = ${part?.quadsOfAllParts ?? spec.quads}u;`,
    ...shapeConstants(shape),
    ...(rmsEpsilon === undefined ? [] : [`const RMS_EPSILON = ${rmsEpsilon.toExponential()}f;`]),
    ...finishConstants(finish),
  ];
  return [
    shape.kind === "subgroup" ? "enable subgroups;\ndiagnostic(off, subgroup_uniformity);" : "",
    constants.join("\n"),
    decodeState,
    weightReader(segments),
    activations,
    rmsEpsilon === undefined ? inputPlain : inputNormed,
    finishSource(finish),
    prefills && finish.kind !== "qkv" ? tokenCount : "",
    shapeSource(shape),
  ];
}

function shapeConstants(shape: DecodeShape | PrefillShape): string[] {
  switch (shape.kind) {
    case "rows":
    case "register":
      return [`const QUADS_PER_THREAD = ${shape.quadsPerThread}u;`, `const WORKGROUP = ${shape.workgroup}u;`];
    case "tree":
      return [`const LANES = ${shape.lanes}u;`, `const WORKGROUP = ${shape.workgroup}u;`];
    case "subgroup":
      return [`const WORKGROUP = ${shape.workgroup}u;`];
    case "shared":
      return [];
  }
}

function shapeSource({ kind }: DecodeShape | PrefillShape): string {
  switch (kind) {
    case "rows":
      return `${quads}\n${rows}`;
    case "register":
      return `${quads}\n${registerTile}`;
    case "tree":
      return tree;
    case "subgroup":
      return subgroup;
    case "shared":
      return sharedTile;
  }
}

/** As many quads a thread as the shape wants, but that no thread's lie in two heads. */
function fitted<S extends DecodeShape | PrefillShape>(shape: S, finish: Finish): S {
  if (finish.kind !== "qkv" || !("quadsPerThread" in shape)) return shape;
  let { quadsPerThread } = shape;
  while ((finish.headDim / 4) % quadsPerThread !== 0) quadsPerThread--;
  return { ...shape, quadsPerThread };
}

function finishConstants(finish: Finish): string[] {
  switch (finish.kind) {
    case "qkv":
      return [
        `const HEADS = ${finish.heads}u;`,
        `const KV_HEADS = ${finish.kvHeads}u;`,
        `const HEAD_DIM = ${finish.headDim}u;`,
        `const CONTEXT = ${finish.context}u;`,
        `const ROPE_ADJACENT = ${finish.ropePairs === "adjacent"};`,
      ];
    case "head":
      return [`const VOCABULARY = ${finish.vocabulary}u;`];
    case "residual":
    case "gate-up":
      return [];
  }
}

function finishSource(finish: Finish): string {
  switch (finish.kind) {
    case "qkv":
      return `${finishQkv}\n${finish.kv === "f16" ? storeF16 : storeF32}`;
    case "residual":
      return finishResidual;
    case "gate-up":
      return finishGateUp;
    case "head":
      return finishHead;
  }
}

function workgroups(shape: DecodeShape | PrefillShape, count: number, tokens: number): [number, number] {
  switch (shape.kind) {
    case "rows":
      return [Math.ceil(count / (shape.quadsPerThread * shape.workgroup)), 1];
    case "tree":
      return [Math.ceil(count / (shape.workgroup / shape.lanes)), 1];
    case "subgroup":
      // Subgroups may be as small as 4 and as large as 128: enough for the largest, the rest return at once.
      return [Math.ceil(count / Math.max(1, shape.workgroup / 128)), 1];
    case "register":
      return [Math.ceil(count / (shape.quadsPerThread * shape.workgroup)), Math.ceil(tokens / tokensPerTile(shape))];
    case "shared":
      return [Math.ceil(count / SHARED_TILE_QUADS), Math.ceil(tokens / tokensPerTile(shape))];
  }
}
