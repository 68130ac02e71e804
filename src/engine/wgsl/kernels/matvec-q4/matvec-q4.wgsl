// y = W·x for a 4-bit symmetric matrix, a thread a row: no barriers, no subgroups, any adapter.
// Prelude: const ROWS, const GROUPS (32 weights each, along a row). Decoders: f16.wgsl, q4-symmetric.wgsl.

@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [ROWS, GROUPS] 32 nibbles each
@group(0) @binding(1) var<storage, read> scales: array<u32>; // [⌈ROWS × GROUPS / 2⌉] pairs of f16
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>; // [GROUPS × 8]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [ROWS]

fn dot_eight(word: u32, at: u32) -> f32 {
  let w = decode_q4_symmetric(word);
  return dot(w.first, x[at]) + dot(w.last, x[at + 1u]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  if (row >= ROWS) {
    return;
  }
  var sum = 0.0;
  for (var group = 0u; group < GROUPS; group++) {
    let index = row * GROUPS + group;
    let scale = decode_f16(scales[index / 2u], (index & 1u) == 1u);
    let words = weights[index];
    let at = group * 8u;
    sum += scale
      * (dot_eight(words.x, at) + dot_eight(words.y, at + 2u) + dot_eight(words.z, at + 4u) + dot_eight(words.w, at + 6u));
  }
  y[row] = sum;
}
