// Adds to the residual stream, and prepares what the next product takes: the stream times the next norm's weights,
// and its sums of squares, one for four values. Prelude: QUADS.

@group(0) @binding(3) var<storage, read> next_norm: array<vec4<f32>>; // [QUADS]
@group(0) @binding(4) var<storage, read_write> residual: array<vec4<f32>>; // [tokens, QUADS]
@group(0) @binding(5) var<storage, read_write> normed: array<vec4<f32>>; // [tokens, QUADS]
@group(0) @binding(6) var<storage, read_write> squares_out: array<f32>; // [tokens, QUADS]

// Whether quads follow each other row by row; else the first two rows of neighbouring quads do, and the last two.
const IS_CONSECUTIVE = true;

fn quad_row(quad: u32, i: u32) -> u32 {
  return 4u * quad + i;
}

fn finish(quad: u32, token: u32, sum: vec4<f32>) {
  let at = token * QUADS_OF_ALL_PARTS + FIRST_QUAD + quad;
  let value = residual[at] + sum;
  residual[at] = value;
  normed[at] = value * next_norm[FIRST_QUAD + quad];
  squares_out[at] = dot(value, value);
}
