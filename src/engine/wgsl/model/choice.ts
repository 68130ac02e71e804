/** Which form each hot kernel takes on an adapter: the outcome of `choose.ts`, or the forms that run anywhere. */
import type { AttentionShape } from "../kernels/attention/attention";
import { PLAIN_DECODE, PLAIN_PREFILL, type DecodeShape, type PrefillShape } from "../kernels/linear/shapes";

export interface KernelChoice {
  readonly decode: DecodeShape;
  readonly prefill: PrefillShape;
  readonly decodeAttention: AttentionShape;
  readonly prefillAttention: AttentionShape;
}

/** Attention by so many threads takes heads of up to 128 dimensions; the plan refuses larger ones. */
export const PLAIN_CHOICE: KernelChoice = {
  decode: PLAIN_DECODE,
  prefill: PLAIN_PREFILL,
  decodeAttention: { queries: 4, workgroup: 32 },
  prefillAttention: { queries: 4, workgroup: 32 },
};
