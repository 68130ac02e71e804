// Four bits a weight. `planes` names the first word of each plane, in the order of formats/layouts.ts; `index` counts
// groups over all rows.

// A nibble masked where it stands, 16^k times too large: k from 0 to 6.
fn nibbles_at(words: vec4<u32>, mask: u32) -> vec4<f32> {
  return to_floats(words & vec4<u32>(mask));
}

// The last nibble, less 8: its upper bit is the sign, and turned over it counts −8 for 0 and 0 for 8.
fn last_nibbles(words: vec4<u32>) -> vec4<f32> {
  return to_floats((words ^ vec4<u32>(0x80000000u)) & vec4<u32>(0xf0000000u)) * 0x1p-28f;
}

fn dot_nibbles(words: vec4<u32>, a: Activations) -> vec2<f32> {
  return vec2<f32>(
    dot(nibbles_at(words, 0xfu), a.v0)
      + dot(nibbles_at(words, 0xf0u), a.v1) * 0x1p-4f
      + dot(nibbles_at(words, 0xf00u), a.v2) * 0x1p-8f
      + dot(nibbles_at(words, 0xf000u), a.v3) * 0x1p-12f,
    dot(nibbles_at(words, 0xf0000u), a.v4) * 0x1p-16f
      + dot(nibbles_at(words, 0xf00000u), a.v5) * 0x1p-20f
      + dot(nibbles_at(words, 0xf000000u), a.v6) * 0x1p-24f
      + dot(last_nibbles(words) + 8.0, a.v7),
  );
}

fn unpack_nibbles(words: vec4<u32>, scales: Scales) -> Weights {
  return Weights(
    nibbles_at(words, 0xfu),
    nibbles_at(words, 0xf0u) * 0x1p-4f,
    nibbles_at(words, 0xf00u) * 0x1p-8f,
    nibbles_at(words, 0xf000u) * 0x1p-12f,
    nibbles_at(words, 0xf0000u) * 0x1p-16f,
    nibbles_at(words, 0xf00000u) * 0x1p-20f,
    nibbles_at(words, 0xf000000u) * 0x1p-24f,
    last_nibbles(words) + 8.0,
    scales,
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
