// Reads a buffer once, a workgroup a tile, each load a coalesced vec4. The sum is written only if it meets one value
// in 2^32, which keeps the loads alive and the stores out of the figure.

const LOADS_PER_THREAD: u32 = 16u;
const WORKGROUP: u32 = 256u;

@group(0) @binding(0) var<storage, read> source: array<vec4<u32>>; // [workgroups × LOADS_PER_THREAD × WORKGROUP]
@group(0) @binding(1) var<storage, read_write> sink: array<u32>; // [1]

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) tile: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let first = tile.x * LOADS_PER_THREAD * WORKGROUP + thread;
  var folded = vec4<u32>();
  for (var load = 0u; load < LOADS_PER_THREAD; load++) {
    folded ^= source[first + load * WORKGROUP];
  }
  let one = folded.x ^ folded.y ^ folded.z ^ folded.w;
  if (one == 0x9e3779b9u) {
    sink[0] = one;
  }
}
