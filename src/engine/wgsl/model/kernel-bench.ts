/** A matrix and a cache like a model's, for candidates to be timed on. */
import { layoutMatrix } from "../formats/layouts";
import type { ModelFile } from "../formats/model-file";
import { storageBuffer } from "../gpu/gpu";
import { compileAttention, type AttentionShape } from "../kernels/attention/attention";
import { DECODE_STATE } from "../kernels/decode-state";
import type { Segment } from "../kernels/decoders/decoders";
import { compileLinear, type KvFormat, type LinearSpec } from "../kernels/linear/linear";
import type { DecodeShape, PrefillShape } from "../kernels/linear/shapes";

/** The matrix that is timed: large enough to fill a GPU, small enough not to matter beside a model. */
const MOST_WEIGHTS = 2 ** 23;
/** Of every form whole workgroups. */
const WHOLE_QUADS = 256;
export const PREFILL_TOKENS = 32;
const ATTENTION_CONTEXT = 512;

export type AttentionEncode = (pass: GPUComputePassEncoder, tokens: number) => void;

/** Filled with nothing in particular. @param keep takes the buffers, to be destroyed in the end. */
export function makeKernelBench(
  device: GPUDevice,
  file: ModelFile,
  kv: KvFormat,
  keep: (buffer: GPUBuffer) => GPUBuffer,
) {
  const { heads, kvHeads, headDim } = file.config;
  const tensor = file.tensors.layers[0]?.gateUp[0] ?? file.tensors.embedding;
  const { type, columns } = tensor;
  const rows = Math.max(256, Math.min(tensor.rows, Math.floor(MOST_WEIGHTS / columns / 64) * 64));
  const layout = layoutMatrix(type, rows, columns);
  const segments: Segment[] = [{ format: type, rows, planes: layout.planes.map(({ firstWord }) => firstWord) }];
  const quads = rows / 4;
  const f32s = (label: string, count: number) => keep(storageBuffer(device, label, 4 * count));

  const weights = f32s("timing: weights", layout.words);
  const x = f32s("timing: x", PREFILL_TOKENS * columns);
  const logits = f32s("timing: y", rows);
  const hidden = f32s("timing: hidden", PREFILL_TOKENS * rows);
  const q = f32s("timing: q", PREFILL_TOKENS * heads * headDim);
  const attended = f32s("timing: attended", PREFILL_TOKENS * heads * headDim);
  const cache = keep(
    storageBuffer(device, "timing: KV cache", 2 * kvHeads * ATTENTION_CONTEXT * headDim * (kv === "f16" ? 2 : 4)),
  );
  const state = keep(
    device.createBuffer({
      label: "timing: state",
      size: 4 * DECODE_STATE.words,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    }),
  );

  return {
    async matrix(shape: DecodeShape | PrefillShape, tokens: number) {
      const finish: LinearSpec["finish"] = tokens === 1 ? { kind: "head", vocabulary: rows } : { kind: "gate-up" };
      const label = `timing: ${shape.kind}`;
      const kernel = await compileLinear(device, {
        label,
        segments,
        columns,
        quads,
        shape,
        rmsEpsilon: undefined,
        finish,
      });
      const group = kernel.bind({ weights, x, state, logits, hidden });
      return (pass: GPUComputePassEncoder, share: number) => {
        const own = Math.min(quads, Math.ceil((quads * share) / WHOLE_QUADS) * WHOLE_QUADS);
        kernel.encode(pass, group, tokens, own);
        return own / quads;
      };
    },
    async attention(shape: AttentionShape): Promise<AttentionEncode> {
      const kernel = await compileAttention(device, { heads, kvHeads, headDim, context: ATTENTION_CONTEXT, kv, shape });
      const group = kernel.bind({ q, kv: cache, state, attended });
      return (pass, tokens) => kernel.encode(pass, group, tokens);
    },
    /** Runs work with the state at the cache's end and so many tokens. */
    async with<T>(tokens: number, work: () => Promise<T>): Promise<T> {
      const words = new Uint32Array(DECODE_STATE.words);
      words[DECODE_STATE.position] = ATTENTION_CONTEXT - tokens;
      words[DECODE_STATE.count] = tokens;
      device.queue.writeBuffer(state, 0, words);
      return work();
    },
  };
}
