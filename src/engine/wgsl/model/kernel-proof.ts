/**
 * Holds a form of a kernel to its CPU twin on this very GPU, before a model is trusted to it: a driver may compute one
 * form wrongly and another rightly, and a workgroup's threads need not fall into subgroups in order.
 */
import { guarded, type Gpu } from "../gpu/gpu";
import { checkAttention } from "../kernels/attention/attention.check";
import type { AttentionShape } from "../kernels/attention/attention";
import type { Comparison } from "../kernels/compare";
import type { WeightFormat } from "../kernels/decoders/decoders";
import { checkLinear } from "../kernels/linear/linear.check";
import type { KvFormat } from "../kernels/linear/linear";
import type { DecodeShape, PrefillShape } from "../kernels/linear/shapes";

/** Of every format whole blocks, and more groups than a small subgroup has lanes. */
const COLUMNS = 512;
/** Rows that no workgroup of any form divides. */
const ROWS = 1172;

export class KernelProof {
  readonly #gpu: Gpu;
  readonly #of: { readonly format: WeightFormat; readonly headDim: number; readonly kv: KvFormat };

  constructor(gpu: Gpu, of: { readonly format: WeightFormat; readonly headDim: number; readonly kv: KvFormat }) {
    this.#gpu = gpu;
    this.#of = of;
  }

  decode(shape: DecodeShape): Promise<boolean> {
    return this.#product(shape, 1);
  }

  prefill(shape: PrefillShape): Promise<boolean> {
    return this.#product(shape, 37);
  }

  attention(shape: AttentionShape): Promise<boolean> {
    const { headDim, kv } = this.#of;
    const runs = [
      { tokens: 1, position: 130 },
      { tokens: 5, position: 62 },
    ];
    return this.#isRight("attention", () =>
      checkAttention(this.#gpu, { heads: 3, kvHeads: 1, headDim, context: 160, kv, shape, runs }),
    );
  }

  #product(shape: DecodeShape | PrefillShape, tokens: number): Promise<boolean> {
    const segments = [{ format: this.#of.format, rows: ROWS }];
    const finish = { kind: "residual" } as const;
    return this.#isRight(shape.kind, () =>
      checkLinear(this.#gpu, { segments, columns: COLUMNS, shape, finish, isNormed: true, runs: [{ tokens }] }),
    );
  }

  async #isRight(what: string, check: () => Promise<Comparison>): Promise<boolean> {
    const { verdict } = await guarded(this.#gpu, what, check);
    return verdict === "pass";
  }
}
