/** Binds and dispatches attention. The CPU twin is attention.ref.ts. */
import { bind, compile } from "../../gpu/gpu";
import decodeState from "../decode-state.wgsl?raw";
import loadF16 from "../kv/load-f16.wgsl?raw";
import loadF32 from "../kv/load-f32.wgsl?raw";
import type { KvFormat } from "../linear/linear";
import kernel from "./attention.wgsl?raw";

export interface AttentionShape {
  /** Queries of one key-value head that a workgroup takes together, 1 to 4. */
  readonly queries: number;
  /** Threads, which is also the positions looked at at a time; at least headDim / 4. */
  readonly workgroup: number;
}

export interface AttentionSpec {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Positions the KV cache has room for. */
  readonly context: number;
  readonly kv: KvFormat;
  readonly shape: AttentionShape;
}

/** Shapes are in attention.wgsl. */
export interface AttentionBuffers {
  readonly q: GPUBuffer;
  readonly kv: GPUBuffer;
  readonly state: GPUBuffer;
  readonly attended: GPUBuffer;
}

export interface AttentionKernel {
  bind(buffers: AttentionBuffers): GPUBindGroup;
  encode(pass: GPUComputePassEncoder, group: GPUBindGroup, tokens: number): void;
}

/** @throws IngleError "gpu-validation" */
export async function compileAttention(device: GPUDevice, spec: AttentionSpec): Promise<AttentionKernel> {
  const { heads, kvHeads, headDim, context, kv, shape } = spec;
  const prelude = [
    `const HEADS = ${heads}u;`,
    `const KV_HEADS = ${kvHeads}u;`,
    `const HEAD_DIM = ${headDim}u;`,
    `const CONTEXT = ${context}u;`,
    `const QUERIES = ${shape.queries}u;`,
    `const WORKGROUP = ${shape.workgroup}u;`,
  ].join("\n");
  const load = kv === "f16" ? loadF16 : loadF32;
  const pipeline = await compile(device, `attention ${kv}`, prelude, decodeState, load, kernel);
  return {
    bind: (buffers) => bind(device, pipeline, [buffers.q, buffers.kv, buffers.state, buffers.attended]),
    encode(pass, group, tokens) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(kvHeads, Math.ceil((tokens * heads) / kvHeads / shape.queries));
    },
  };
}
