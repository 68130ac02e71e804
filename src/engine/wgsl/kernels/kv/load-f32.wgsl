// The KV cache in f32, read.

@group(0) @binding(1) var<storage, read> kv: array<vec4<f32>>; // [2, KV_HEADS, CONTEXT, HEAD_DIM / 4]

fn load_four(index: u32) -> vec4<f32> {
  return kv[index];
}
