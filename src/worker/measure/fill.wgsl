// Fills a buffer with a hash of each index: memory that was never written may not be there at all, and zeros may be
// stored compressed.

@group(0) @binding(0) var<storage, read_write> target_words: array<vec4<u32>>; // [workgroups × 256]

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  var h = vec4<u32>(0u, 1u, 2u, 3u) + id.x * 4u;
  h = (h ^ (h >> vec4(16u))) * 0x7feb352du;
  h = (h ^ (h >> vec4(15u))) * 0x846ca68bu;
  target_words[id.x] = h ^ (h >> vec4(16u));
}
