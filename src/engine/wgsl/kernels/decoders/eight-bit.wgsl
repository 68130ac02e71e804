// Q8_0: int8 weights, four a word, and an f16 scale for 32.

fn bytes_of(word: u32) -> vec4<f32> {
  return vec4<f32>(vec4<i32>(vec4<u32>(word) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u));
}

fn unpack_q8_0(planes: vec3<u32>, index: u32) -> Weights {
  let first = weights[planes.x / 4u + 2u * index];
  let second = weights[planes.x / 4u + 2u * index + 1u];
  return Weights(
    bytes_of(first.x), bytes_of(first.y), bytes_of(first.z), bytes_of(first.w),
    bytes_of(second.x), bytes_of(second.y), bytes_of(second.z), bytes_of(second.w),
    symmetric(scale_f16(planes.y, index), 0.0),
  );
}

fn dot_q8_0(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  return dot_weights(unpack_q8_0(planes, index), a);
}
