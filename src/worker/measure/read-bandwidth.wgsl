// Reads two buffers, a workgroup a tile of 64 KiB, each load a coalesced vec4: even tiles from the first, odd ones from
// the second, and the whole again for each further layer of the grid. Its sum is written only if it meets one value in
// 2^32, which keeps the loads alive and the stores out of the figure.

const LOADS_PER_THREAD: u32 = 16u;
const WORKGROUP: u32 = 256u;

@group(0) @binding(0) var<storage, read> first: array<vec4<u32>>; // [tiles / 2 × LOADS_PER_THREAD × WORKGROUP]
@group(0) @binding(1) var<storage, read> second: array<vec4<u32>>; // [the same]
@group(0) @binding(2) var<storage, read_write> sink: array<u32>; // [1]

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) tile: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let start = (tile.x / 2u) * LOADS_PER_THREAD * WORKGROUP + thread;
  var folded = vec4<u32>(tile.y);
  if (tile.x % 2u == 0u) {
    for (var load = 0u; load < LOADS_PER_THREAD; load++) {
      folded ^= first[start + load * WORKGROUP];
    }
  } else {
    for (var load = 0u; load < LOADS_PER_THREAD; load++) {
      folded ^= second[start + load * WORKGROUP];
    }
  }
  let one = folded.x ^ folded.y ^ folded.z ^ folded.w;
  if (one == 0x9e3779b9u) {
    sink[0] = one;
  }
}
