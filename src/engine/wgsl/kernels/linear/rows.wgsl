// y = W·x for one token, a thread a few quads of rows: no barriers, no workgroup memory, any adapter.
// Prelude: GROUPS, QUADS, QUADS_PER_THREAD, WORKGROUP. Parts: decoders with their router, activations, an input, a
// finish, quads.

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let first_quad = id.x * QUADS_PER_THREAD;
  if (first_quad >= QUADS) {
    return;
  }
  // Rows in the inner loop, one at a time: the activations stay loaded, and on a processor loads are what costs.
  let runs = runs_of(first_quad);
  var sums: array<f32, ROWS_PER_THREAD>;
  for (var group = 0u; group < GROUPS; group++) {
    let activations = load_activations(group);
    for (var i = 0u; i < ROWS_PER_THREAD; i++) {
      sums[i] += dot_row(row_in(runs, i), group, activations);
    }
  }
  var square_sum = 0.0;
  for (var i = 0u; i < INPUT_SQUARES; i++) {
    square_sum += input_square(i);
  }
  let scale = input_scale(square_sum);
  for (var q = 0u; q < QUADS_PER_THREAD; q++) {
    if (first_quad + q < QUADS) {
      let sum = vec4<f32>(sums[place_of(q, 0u)], sums[place_of(q, 1u)], sums[place_of(q, 2u)], sums[place_of(q, 3u)]);
      finish(first_quad + q, 0u, scale * sum);
    }
  }
}
