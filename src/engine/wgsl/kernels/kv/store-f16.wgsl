// The KV cache in f16, written a pair at a time, so that shader-f16 is not needed.

@group(0) @binding(7) var<storage, read_write> kv: array<u32>; // [2, KV_HEADS, CONTEXT, HEAD_DIM / 2] pairs

fn store_pair(index: u32, pair: vec2<f32>) {
  kv[index] = pack2x16float(pair);
}
