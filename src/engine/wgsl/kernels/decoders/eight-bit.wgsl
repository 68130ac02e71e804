// Q8_0: int8 weights, four a word, and an f16 scale for 32.

// Each byte masked where it stands; the lower three with their sign bit turned over, which makes them 128 more.
fn bytes_of(word: u32) -> vec4<f32> {
  let turned = vec4<u32>(word) ^ vec4<u32>(0x80u, 0x8000u, 0x800000u, 0u);
  let bytes = turned & vec4<u32>(0xffu, 0xff00u, 0xff0000u, 0xff000000u);
  return to_floats(bytes) * vec4<f32>(1.0, 0x1p-8f, 0x1p-16f, 0x1p-24f) - vec4<f32>(128.0, 128.0, 128.0, 0.0);
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
