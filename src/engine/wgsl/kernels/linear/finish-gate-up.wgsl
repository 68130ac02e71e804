// SiLU(gate) × up. A quad is two rows of gate and the same two of up. Prelude: QUADS.

@group(0) @binding(3) var<storage, read_write> hidden: array<vec2<f32>>; // [tokens, QUADS] of two

// Whether quads follow each other row by row; else the first two rows of neighbouring quads do, and the last two.
const IS_CONSECUTIVE = false;

fn quad_row(quad: u32, i: u32) -> u32 {
  return 2u * quad + select(i, i - 2u + 2u * QUADS, i >= 2u);
}

fn finish(quad: u32, token: u32, sum: vec4<f32>) {
  // Past e^88 there is no f32, and WGSL does not say what overflow gives.
  let sigmoid = 1.0 / (1.0 + exp(min(-sum.xy, vec2<f32>(88.0))));
  hidden[token * QUADS_OF_ALL_PARTS + FIRST_QUAD + quad] = sum.xy * sigmoid * sum.zw;
}
