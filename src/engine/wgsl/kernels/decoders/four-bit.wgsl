// Four bits a weight. `planes` names the first word of each plane, in the order of formats/layouts.ts; `index` counts
// groups over all rows.

// Masked where they stand, 16^k times too large: a multiplication a sum instead of a shift a weight. The last can't
// be, as its sign bit would count.
fn dot_nibbles(words: vec4<u32>, a: Activations) -> vec2<f32> {
  return vec2<f32>(
    dot(to_floats(words & vec4<u32>(0xfu)), a.v0)
      + dot(to_floats(words & vec4<u32>(0xf0u)), a.v1) * 0x1p-4f
      + dot(to_floats(words & vec4<u32>(0xf00u)), a.v2) * 0x1p-8f
      + dot(to_floats(words & vec4<u32>(0xf000u)), a.v3) * 0x1p-12f,
    dot(to_floats(words & vec4<u32>(0xf0000u)), a.v4) * 0x1p-16f
      + dot(to_floats(words & vec4<u32>(0xf00000u)), a.v5) * 0x1p-20f
      + dot(to_floats(words & vec4<u32>(0xf000000u)), a.v6) * 0x1p-24f
      + dot(to_floats(words >> vec4<u32>(28u)), a.v7),
  );
}

fn nibbles_at(words: vec4<u32>, k: u32) -> vec4<f32> {
  return to_floats((words >> vec4<u32>(4u * k)) & vec4<u32>(15u));
}

fn unpack_nibbles(words: vec4<u32>, scales: Scales) -> Weights {
  return Weights(
    nibbles_at(words, 0u), nibbles_at(words, 1u), nibbles_at(words, 2u), nibbles_at(words, 3u),
    nibbles_at(words, 4u), nibbles_at(words, 5u), nibbles_at(words, 6u), nibbles_at(words, 7u), scales,
  );
}

fn scales_q4_0(planes: vec3<u32>, index: u32) -> Scales {
  return symmetric(scale_f16(planes.y, index), 8.0);
}

fn scales_q4_1(planes: vec3<u32>, index: u32) -> Scales {
  return scale_min_f16(word_at(planes.y + index));
}

fn scales_q4_k(planes: vec3<u32>, index: u32) -> Scales {
  return k_scales(planes.y, index);
}

fn scales_mlc_q4_f16(planes: vec3<u32>, index: u32) -> Scales {
  return symmetric(scale_f16(planes.y, index), 7.0);
}

fn scales_mlc_q4_bf16(planes: vec3<u32>, index: u32) -> Scales {
  return symmetric(bitcast<f32>((word_at(planes.y + (index >> 1u)) >> (16u * (index & 1u))) << 16u), 7.0);
}

fn scales_mlc_q4_f32(planes: vec3<u32>, index: u32) -> Scales {
  return symmetric(bitcast<f32>(word_at(planes.y + index)), 7.0);
}

fn dot_q4_0(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  return scaled(scales_q4_0(planes, index), dot_nibbles(weights[planes.x / 4u + index], a), a);
}

fn unpack_q4_0(planes: vec3<u32>, index: u32) -> Weights {
  return unpack_nibbles(weights[planes.x / 4u + index], scales_q4_0(planes, index));
}

fn dot_q4_1(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  return scaled(scales_q4_1(planes, index), dot_nibbles(weights[planes.x / 4u + index], a), a);
}

fn unpack_q4_1(planes: vec3<u32>, index: u32) -> Weights {
  return unpack_nibbles(weights[planes.x / 4u + index], scales_q4_1(planes, index));
}

fn dot_q4_k(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  return scaled(scales_q4_k(planes, index), dot_nibbles(weights[planes.x / 4u + index], a), a);
}

fn unpack_q4_k(planes: vec3<u32>, index: u32) -> Weights {
  return unpack_nibbles(weights[planes.x / 4u + index], scales_q4_k(planes, index));
}

fn dot_mlc_q4_f16(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  return scaled(scales_mlc_q4_f16(planes, index), dot_nibbles(weights[planes.x / 4u + index], a), a);
}

fn unpack_mlc_q4_f16(planes: vec3<u32>, index: u32) -> Weights {
  return unpack_nibbles(weights[planes.x / 4u + index], scales_mlc_q4_f16(planes, index));
}

fn dot_mlc_q4_bf16(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  return scaled(scales_mlc_q4_bf16(planes, index), dot_nibbles(weights[planes.x / 4u + index], a), a);
}

fn unpack_mlc_q4_bf16(planes: vec3<u32>, index: u32) -> Weights {
  return unpack_nibbles(weights[planes.x / 4u + index], scales_mlc_q4_bf16(planes, index));
}

fn dot_mlc_q4_f32(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  return scaled(scales_mlc_q4_f32(planes, index), dot_nibbles(weights[planes.x / 4u + index], a), a);
}

fn unpack_mlc_q4_f32(planes: vec3<u32>, index: u32) -> Weights {
  return unpack_nibbles(weights[planes.x / 4u + index], scales_mlc_q4_f32(planes, index));
}
