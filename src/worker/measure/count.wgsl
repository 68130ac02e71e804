// The smallest dispatch that depends on the one before it.

@group(0) @binding(0) var<storage, read_write> counter: array<u32>; // [1] dispatches so far

@compute @workgroup_size(1)
fn main() {
  counter[0] += 1u;
}
