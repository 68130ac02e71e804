// Q6_K: nibbles, and bits five and six in two words a group; an int8 scale for each 16 weights, an f16 d a block.
// Needs four-bit.wgsl.

// The upper two bits of four weights times their activations, from bit 8k on, masked where they stand.
fn dot_crumbs(word: u32, k: u32, v: vec4<f32>) -> f32 {
  let crumbs = vec4<u32>(word >> (8u * k)) & vec4<u32>(3u, 12u, 48u, 192u);
  return dot(to_floats(crumbs), v * vec4<f32>(16.0, 4.0, 1.0, 0.25));
}

fn dot_six(words: vec4<u32>, crumbs: vec2<u32>, a: Activations) -> vec2<f32> {
  let first = dot_crumbs(crumbs.x, 0u, a.v0) + dot_crumbs(crumbs.x, 1u, a.v1)
    + dot_crumbs(crumbs.x, 2u, a.v2) + dot_crumbs(crumbs.x, 3u, a.v3);
  let second = dot_crumbs(crumbs.y, 0u, a.v4) + dot_crumbs(crumbs.y, 1u, a.v5)
    + dot_crumbs(crumbs.y, 2u, a.v6) + dot_crumbs(crumbs.y, 3u, a.v7);
  return dot_nibbles(words, a) + vec2<f32>(first, second);
}

// Nibble k of the words with its upper bits, which begin at `crumbs`: 0 … 63.
fn sixes_at(words: vec4<u32>, k: u32, crumbs: u32) -> vec4<f32> {
  let upper = (vec4<u32>(crumbs) >> vec4<u32>(0u, 2u, 4u, 6u)) & vec4<u32>(3u);
  return to_floats(((words >> vec4<u32>(4u * k)) & vec4<u32>(15u)) | (upper << vec4<u32>(4u)));
}

fn crumbs_at(planes: vec3<u32>, index: u32) -> vec2<u32> {
  let at = planes.y + 2u * index;
  return vec2<u32>(word_at(at), word_at(at + 1u));
}

fn scales_q6_k(planes: vec3<u32>, index: u32) -> Scales {
  let at = planes.z + (index >> 3u) * 5u;
  // The group's two int8 scales are neighbours, in the lower or the upper half of a word: brought to the upper.
  let pair = word_at(at + 1u + ((index & 7u) >> 1u)) << (16u * (1u - (index & 1u)));
  let scale = decode_f16(word_at(at), false) * vec2<f32>(vec2<i32>(vec2<u32>(pair << 8u, pair)) >> vec2<u32>(24u));
  return Scales(scale, -32.0 * scale);
}

fn dot_q6_k(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  let n = dot_six(weights[planes.x / 4u + index], crumbs_at(planes, index), a);
  return scaled(scales_q6_k(planes, index), n, a);
}

fn unpack_q6_k(planes: vec3<u32>, index: u32) -> Weights {
  let words = weights[planes.x / 4u + index];
  let crumbs = crumbs_at(planes, index);
  return Weights(
    sixes_at(words, 0u, crumbs.x), sixes_at(words, 1u, crumbs.x >> 8u),
    sixes_at(words, 2u, crumbs.x >> 16u), sixes_at(words, 3u, crumbs.x >> 24u),
    sixes_at(words, 4u, crumbs.y), sixes_at(words, 5u, crumbs.y >> 8u),
    sixes_at(words, 6u, crumbs.y >> 16u), sixes_at(words, 7u, crumbs.y >> 24u),
    scales_q6_k(planes, index),
  );
}
