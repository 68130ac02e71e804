// y = W·x for one token, a subgroup a quad of rows. Needs the "subgroups" feature, and before all else in the module
// `enable subgroups; diagnostic(off, subgroup_uniformity);`. Prelude: GROUPS, QUADS, WORKGROUP. Parts as in rows.wgsl.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) subgroup_size: u32,
) {
  let lanes = min(subgroup_size, WORKGROUP); // a subgroup that the workgroup does not fill has no more threads
  // That a workgroup's threads fall into subgroups in order is usual, not promised: the kernels' self-check tells.
  let quad = workgroup.x * (WORKGROUP / lanes) + thread / lanes;
  if (quad >= QUADS) { // the same for a whole subgroup, though WGSL's analysis can't see it
    return;
  }
  var sum = vec4<f32>(0.0);
  for (var group = lane; group < GROUPS; group += lanes) {
    let a = load_activations(group);
    sum += vec4<f32>(
      dot_row(quad_row(quad, 0u), group, a), dot_row(quad_row(quad, 1u), group, a),
      dot_row(quad_row(quad, 2u), group, a), dot_row(quad_row(quad, 3u), group, a),
    );
  }
  var square_sum = 0.0;
  for (var i = lane; i < INPUT_SQUARES; i += lanes) {
    square_sum += input_square(i);
  }
  let total = subgroupAdd(sum);
  let squares_total = subgroupAdd(square_sum);
  if (lane == 0u) {
    finish(quad, 0u, input_scale(squares_total) * total);
  }
}
