// 4-bit symmetric: a weight is (nibble − 8) × scale, one f16 scale for 32 weights in a row.
// A word holds 8 weights, the first in its lowest nibble.

struct EightWeights {
  first: vec4<f32>,
  last: vec4<f32>,
}

// Without the scale: −8 … 7.
fn decode_q4_symmetric(word: u32) -> EightWeights {
  let nibbles = vec4<u32>(word) >> vec4<u32>(0u, 4u, 8u, 12u);
  let low = vec4<f32>(nibbles & vec4<u32>(15u));
  let high = vec4<f32>((nibbles >> vec4<u32>(16u)) & vec4<u32>(15u));
  return EightWeights(low - 8.0, high - 8.0);
}
