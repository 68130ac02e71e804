/**
 * The CPU twin of attention.wgsl: plain softmax over all positions a query may see, in double.
 *
 * An output is Σ pᵢ·vᵢ with p = softmax(s), sᵢ = q·kᵢ. The kernel's score is off by rounding its terms, Dᵢ = Σ |q·kᵢ|,
 * and its exponential by as much relatively as its argument is absolutely, plus WGSL's (3 + 2·|argument|) units. As
 * Σ p = 1, the average of all that moves each p too. So the size of the terms is Σ pᵢ·|vᵢ|·(1 + Eᵢ + Σ pⱼ·Eⱼ) with
 * Eᵢ = Dᵢ + |sᵢ − largest s|.
 */
import type { AttentionSpec } from "./attention";

export interface AttentionOperands extends Pick<AttentionSpec, "heads" | "kvHeads" | "headDim" | "context"> {
  readonly tokens: number;
  /** Of the first token. */
  readonly position: number;
  /** [tokens, heads, headDim], scaled by 1 / √headDim */
  readonly q: Float32Array;
  /** [2, kvHeads, context, headDim]: keys, then values */
  readonly kv: Float32Array;
}

/** @returns [tokens, heads, headDim] each: the values, and the sizes of their terms. */
export function attentionReference(operands: AttentionOperands): { values: Float64Array; terms: Float64Array } {
  const { heads, kvHeads, headDim, context, tokens, position, q, kv } = operands;
  const values = new Float64Array(tokens * heads * headDim);
  const terms = new Float64Array(tokens * heads * headDim);
  for (let token = 0; token < tokens; token++) {
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor(head / (heads / kvHeads));
      const queryAt = (token * heads + head) * headDim;
      const query = q.subarray(queryAt, queryAt + headDim);
      const seen = Array.from({ length: position + token + 1 }, (_, i) => {
        const key = (kvHead * context + i) * headDim;
        return { ...product(query, kv.subarray(key, key + headDim)), value: key + kvHeads * context * headDim };
      });
      const weights = softmax(seen);
      for (let dim = 0; dim < headDim; dim++) {
        let sum = 0;
        let size = 0;
        for (const [i, { value }] of seen.entries()) {
          const { weight, doubt } = weights[i] ?? { weight: NaN, doubt: NaN };
          const term = weight * (kv[value + dim] ?? NaN);
          sum += term;
          size += Math.abs(term) * (1 + doubt);
        }
        values[queryAt + dim] = sum;
        terms[queryAt + dim] = size;
      }
    }
  }
  return { values, terms };
}

function product(query: Float32Array, key: Float32Array): { score: number; size: number } {
  let score = 0;
  let size = 0;
  for (const [i, component] of query.entries()) {
    const term = component * (key[i] ?? NaN);
    score += term;
    size += Math.abs(term);
  }
  return { score, size };
}

/** `doubt`: Eᵢ and the average of all. */
function softmax(scores: readonly { score: number; size: number }[]): { weight: number; doubt: number }[] {
  const largest = Math.max(...scores.map(({ score }) => score));
  const exponentials = scores.map(({ score }) => Math.exp(score - largest));
  const sum = exponentials.reduce((total, each) => total + each, 0);
  const weighed = scores.map(({ score, size }, i) => ({
    weight: (exponentials[i] ?? NaN) / sum,
    doubt: size + largest - score,
  }));
  const average = weighed.reduce((total, { weight, doubt }) => total + weight * doubt, 0);
  return weighed.map(({ weight, doubt }) => ({ weight, doubt: doubt + average }));
}
