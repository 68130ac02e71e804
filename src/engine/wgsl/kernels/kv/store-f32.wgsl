// The KV cache in f32, written.

@group(0) @binding(7) var<storage, read_write> kv: array<vec2<f32>>; // [2, KV_HEADS, CONTEXT, HEAD_DIM / 2]

fn store_pair(index: u32, pair: vec2<f32>) {
  kv[index] = pair;
}
