// Y = W·X for many tokens, a thread a tile of rows × 4 tokens in registers: no barriers, no workgroup memory.
// A group of weights is decoded once for the four. Prelude: GROUPS, QUADS, QUADS_PER_THREAD, WORKGROUP.
// Parts as in rows.wgsl, quads too, and token_count().

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let first_quad = id.x * QUADS_PER_THREAD;
  let token = id.y * 4u;
  if (first_quad >= QUADS || token >= token_count()) {
    return;
  }
  // The activations are named, not an array: an index that is not constant would keep them out of registers.
  let runs = runs_of(first_quad);
  var sums: array<vec4<f32>, ROWS_PER_THREAD>; // of each row, 4 tokens
  for (var group = 0u; group < GROUPS; group++) {
    let a = load_activations(token * GROUPS + group);
    let b = load_activations((token + 1u) * GROUPS + group);
    let c = load_activations((token + 2u) * GROUPS + group);
    let d = load_activations((token + 3u) * GROUPS + group);
    for (var i = 0u; i < ROWS_PER_THREAD; i++) {
      let w = unpack_row(row_in(runs, i), group);
      sums[i] += vec4<f32>(dot_weights(w, a), dot_weights(w, b), dot_weights(w, c), dot_weights(w, d));
    }
  }
  let tokens = min(4u, token_count() - token);
  for (var t = 0u; t < tokens; t++) {
    var square_sum = 0.0;
    for (var i = 0u; i < INPUT_SQUARES; i++) {
      square_sum += input_square((token + t) * INPUT_SQUARES + i);
    }
    let scale = input_scale(square_sum);
    for (var q = 0u; q < QUADS_PER_THREAD; q++) {
      if (first_quad + q < QUADS) {
        let sum = vec4<f32>(
          sums[place_of(q, 0u)][t], sums[place_of(q, 1u)][t], sums[place_of(q, 2u)][t], sums[place_of(q, 3u)][t],
        );
        finish(first_quad + q, token + t, scale * sum);
      }
    }
  }
}
