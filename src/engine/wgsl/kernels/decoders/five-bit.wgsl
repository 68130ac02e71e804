// Five bits a weight: nibbles, and the fifth bits in a word of their own. Needs four-bit.wgsl.

// The sum of those activations among four whose bit is set, from bit 4k on.
fn sum_of_set(word: u32, k: u32, v: vec4<f32>) -> f32 {
  let bits = vec4<u32>(word) & (vec4<u32>(1u, 2u, 4u, 8u) << vec4<u32>(4u * k));
  return dot(select(vec4<f32>(0.0), v, bits != vec4<u32>(0u)), vec4<f32>(1.0));
}

fn dot_five(words: vec4<u32>, fifth: u32, a: Activations) -> vec2<f32> {
  let first = sum_of_set(fifth, 0u, a.v0) + sum_of_set(fifth, 1u, a.v1)
    + sum_of_set(fifth, 2u, a.v2) + sum_of_set(fifth, 3u, a.v3);
  let second = sum_of_set(fifth, 4u, a.v4) + sum_of_set(fifth, 5u, a.v5)
    + sum_of_set(fifth, 6u, a.v6) + sum_of_set(fifth, 7u, a.v7);
  return dot_nibbles(words, a) + 16.0 * vec2<f32>(first, second);
}

// Nibble k of the words with its fifth bit: 0 … 31.
fn fives_at(words: vec4<u32>, fifth: u32, k: u32) -> vec4<f32> {
  let bits = (vec4<u32>(fifth >> (4u * k)) >> vec4<u32>(0u, 1u, 2u, 3u)) & vec4<u32>(1u);
  return to_floats(((words >> vec4<u32>(4u * k)) & vec4<u32>(15u)) | (bits << vec4<u32>(4u)));
}

fn unpack_five(words: vec4<u32>, fifth: u32, scales: Scales) -> Weights {
  return Weights(
    fives_at(words, fifth, 0u), fives_at(words, fifth, 1u), fives_at(words, fifth, 2u), fives_at(words, fifth, 3u),
    fives_at(words, fifth, 4u), fives_at(words, fifth, 5u), fives_at(words, fifth, 6u), fives_at(words, fifth, 7u),
    scales,
  );
}

fn scales_q5_0(planes: vec3<u32>, index: u32) -> Scales {
  return symmetric(scale_f16(planes.z, index), 16.0);
}

fn scales_q5_1(planes: vec3<u32>, index: u32) -> Scales {
  return scale_min_f16(word_at(planes.z + index));
}

fn scales_q5_k(planes: vec3<u32>, index: u32) -> Scales {
  return k_scales(planes.z, index);
}

fn dot_q5_0(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  let n = dot_five(weights[planes.x / 4u + index], word_at(planes.y + index), a);
  return scaled(scales_q5_0(planes, index), n, a);
}

fn unpack_q5_0(planes: vec3<u32>, index: u32) -> Weights {
  return unpack_five(weights[planes.x / 4u + index], word_at(planes.y + index), scales_q5_0(planes, index));
}

fn dot_q5_1(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  let n = dot_five(weights[planes.x / 4u + index], word_at(planes.y + index), a);
  return scaled(scales_q5_1(planes, index), n, a);
}

fn unpack_q5_1(planes: vec3<u32>, index: u32) -> Weights {
  return unpack_five(weights[planes.x / 4u + index], word_at(planes.y + index), scales_q5_1(planes, index));
}

fn dot_q5_k(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  let n = dot_five(weights[planes.x / 4u + index], word_at(planes.y + index), a);
  return scaled(scales_q5_k(planes, index), n, a);
}

fn unpack_q5_k(planes: vec3<u32>, index: u32) -> Weights {
  return unpack_five(weights[planes.x / 4u + index], word_at(planes.y + index), scales_q5_k(planes, index));
}
