// y = W·x for one token, a thread a few quads of rows: no barriers, no workgroup memory, any adapter.
// Prelude: GROUPS, QUADS, QUADS_PER_THREAD, WORKGROUP. Parts: decoders with their router, activations, an input, a
// finish.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let first_quad = id.x * QUADS_PER_THREAD;
  if (first_quad >= QUADS) {
    return;
  }
  // Rows in the inner loop, one at a time: the activations stay loaded, and on a processor loads are what costs.
  var sums: array<f32, 4u * QUADS_PER_THREAD>;
  for (var group = 0u; group < GROUPS; group++) {
    let activations = load_activations(group);
    for (var i = 0u; i < 4u * QUADS_PER_THREAD; i++) {
      sums[i] += dot_row(quad_row(first_quad + i / 4u, i % 4u), group, activations);
    }
  }
  var square_sum = 0.0;
  for (var i = 0u; i < INPUT_SQUARES; i++) {
    square_sum += input_square(i);
  }
  let scale = input_scale(square_sum);
  for (var q = 0u; q < QUADS_PER_THREAD; q++) {
    if (first_quad + q < QUADS) {
      let sum = vec4<f32>(sums[4u * q], sums[4u * q + 1u], sums[4u * q + 2u], sums[4u * q + 3u]);
      finish(first_quad + q, 0u, scale * sum);
    }
  }
}
