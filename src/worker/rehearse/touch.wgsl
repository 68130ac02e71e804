// Touches a buffer, a workgroup a tile of 64 KiB: `fill` writes noise into it, so that its memory is there and does not
// compress; `read` reads it all. The sum is written only if it meets one value in 2^32, which keeps the loads alive.

const LOADS_PER_THREAD: u32 = 16u;
const WORKGROUP: u32 = 256u;

@group(0) @binding(0) var<storage, read_write> memory: array<vec4<u32>>; // [any]
@group(0) @binding(1) var<storage, read_write> sink: array<u32>; // [1]

@compute @workgroup_size(WORKGROUP)
fn fill(@builtin(workgroup_id) tile: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let start = tile.x * LOADS_PER_THREAD * WORKGROUP + thread;
  for (var store = 0u; store < LOADS_PER_THREAD; store++) {
    let at = start + store * WORKGROUP;
    if (at < arrayLength(&memory)) {
      memory[at] = (vec4<u32>(at) ^ vec4<u32>(1u, 2u, 3u, 5u)) * 0x7feb352du;
    }
  }
  if (thread == 0u && sink[0] == 0x9e3779b9u) {
    sink[0] = tile.x;
  }
}

@compute @workgroup_size(WORKGROUP)
fn read(@builtin(workgroup_id) tile: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let start = tile.x * LOADS_PER_THREAD * WORKGROUP + thread;
  var folded = vec4<u32>(0u);
  for (var load = 0u; load < LOADS_PER_THREAD; load++) {
    let at = start + load * WORKGROUP;
    if (at < arrayLength(&memory)) {
      folded ^= memory[at];
    }
  }
  let one = folded.x ^ folded.y ^ folded.z ^ folded.w;
  if (one == 0x9e3779b9u) {
    sink[0] = one;
  }
}
