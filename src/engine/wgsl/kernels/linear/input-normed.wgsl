// An input still to be RMS-normed: whoever wrote it multiplied in the norm's weights and left its partial sums of
// squares; as the product is linear, 1 / rms is multiplied in at its end, and the norm costs no dispatch.
// Prelude: GROUPS, RMS_EPSILON.

@group(0) @binding(2) var<storage, read> squares: array<vec4<f32>>; // [tokens, GROUPS × 2] of 4 × 4 inputs each

const INPUT_SQUARES = GROUPS * 2u;

// index: token × INPUT_SQUARES + partial.
fn input_square(index: u32) -> f32 {
  return dot(squares[index], vec4<f32>(1.0));
}

fn input_scale(sum: f32) -> f32 {
  return inverseSqrt(sum / f32(GROUPS * 32u) + RMS_EPSILON);
}
