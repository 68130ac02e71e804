/** Binds and dispatches the embedding's look-up. The CPU twin is embed.ref.ts. */
import { bind, compile } from "../../gpu/gpu";
import decodeState from "../decode-state.wgsl?raw";
import { weightReader, type Segment } from "../decoders/decoders";
import { WEIGHTS_PER_GROUP } from "../linear/linear";
import kernel from "./embed.wgsl?raw";

const WORKGROUP = 32;

export interface EmbedSpec {
  readonly segments: readonly Segment[];
  readonly width: number;
  /** Which tokens' rows this part of the embedding holds. */
  readonly firstRow: number;
  readonly rows: number;
}

/** Shapes are in embed.wgsl. */
export interface EmbedBuffers {
  readonly weights: GPUBuffer;
  /** A prompt's part, or to decode the state, whose first word is its token. */
  readonly tokens: GPUBuffer;
  readonly state: GPUBuffer;
  readonly nextNorm: GPUBuffer;
  readonly residual: GPUBuffer;
  readonly normed: GPUBuffer;
  readonly squaresOut: GPUBuffer;
}

export interface EmbedKernel {
  bind(buffers: EmbedBuffers): GPUBindGroup;
  encode(pass: GPUComputePassEncoder, group: GPUBindGroup, tokens: number): void;
}

/** @throws IngleError "gpu-validation" */
export async function compileEmbed(device: GPUDevice, spec: EmbedSpec): Promise<EmbedKernel> {
  const groups = spec.width / WEIGHTS_PER_GROUP;
  const prelude = [
    `const GROUPS = ${groups}u;`,
    `const FIRST_ROW = ${spec.firstRow}u;`,
    `const ROWS = ${spec.rows}u;`,
    `const WORKGROUP = ${WORKGROUP}u;`,
  ].join("\n");
  const pipeline = await compile(device, "embed", prelude, decodeState, weightReader(spec.segments), kernel);
  return {
    bind: ({ weights, tokens, state, nextNorm, residual, normed, squaresOut }) =>
      bind(device, pipeline, [weights, tokens, state, nextNorm, residual, normed, squaresOut]),
    encode(pass, group, tokens) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(Math.ceil(groups / WORKGROUP), tokens);
    },
  };
}
