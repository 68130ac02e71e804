// The KV cache in f16, read.

@group(0) @binding(1) var<storage, read> kv: array<vec2<u32>>; // [2, KV_HEADS, CONTEXT, HEAD_DIM / 4] of four f16

fn load_four(index: u32) -> vec4<f32> {
  let pairs = kv[index];
  return vec4<f32>(unpack2x16float(pairs.x), unpack2x16float(pairs.y));
}
