// y = W·x for one token, LANES threads a quad of rows, their sums joined as a tree in workgroup memory: neighbouring
// threads read neighbouring words, which is what discrete GPUs want.
// Prelude: GROUPS, QUADS, LANES (a power of two), WORKGROUP. Parts as in rows.wgsl.

var<workgroup> partial_sums: array<vec4<f32>, WORKGROUP>;
var<workgroup> partial_squares: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let lane = thread % LANES;
  let quad = workgroup.x * (WORKGROUP / LANES) + thread / LANES;
  let rows = min(quad, QUADS - 1u); // threads past the end work along, as the barriers need all
  var sum = vec4<f32>(0.0);
  for (var group = lane; group < GROUPS; group += LANES) {
    let a = load_activations(group);
    sum += vec4<f32>(
      dot_row(quad_row(rows, 0u), group, a), dot_row(quad_row(rows, 1u), group, a),
      dot_row(quad_row(rows, 2u), group, a), dot_row(quad_row(rows, 3u), group, a),
    );
  }
  var square_sum = 0.0;
  for (var i = lane; i < INPUT_SQUARES; i += LANES) {
    square_sum += input_square(i);
  }
  partial_sums[thread] = sum;
  partial_squares[thread] = square_sum;
  for (var reach = LANES / 2u; reach > 0u; reach /= 2u) {
    workgroupBarrier();
    if (lane < reach) {
      partial_sums[thread] += partial_sums[thread + reach];
      partial_squares[thread] += partial_squares[thread + reach];
    }
  }
  if (lane == 0u && quad < QUADS) {
    finish(quad, 0u, input_scale(partial_squares[thread]) * partial_sums[thread]);
  }
}
