/** Llama 3.1's RoPE scaling: slow turns are slowed down, fast ones left, with a ramp between. */

export interface Llama3Scaling {
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  /** Tokens the model was trained on before. */
  readonly originalContext: number;
}

/**
 * As in transformers' modeling_rope_utils.py (_compute_llama3_parameters), where wavelengths are compared in tokens.
 *
 * @returns [headDim / 2], what each frequency is divided by.
 */
export function llama3Factors(base: number, headDim: number, scaling: Llama3Scaling): Float32Array {
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContext } = scaling;
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const turns = originalContext / (2 * Math.PI * base ** ((2 * i) / headDim)); // in the original context
    if (turns > highFrequencyFactor) return 1;
    if (turns < lowFrequencyFactor) return factor;
    const smooth = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}
