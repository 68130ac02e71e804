// Q6_K: nibbles, and bits five and six in two words a group; an int8 scale for each 16 weights, an f16 d a block.
// Needs four-bit.wgsl.

// The upper two bits of four weights, of the first four; those of weights 4k … of a half are 256^k times as far up.
const CRUMBS = vec4<u32>(3u, 12u, 48u, 192u);
// What makes them 0, 16, 32 or 48 where they stand, for k = 0.
const CRUMB_WORTH = vec4<f32>(0x1p4f, 0x1p2f, 0x1p0f, 0x1p-2f);
// The last of a word is a sign bit's: turned over, it counts two less.
const TURN_LAST = vec4<u32>(0u, 0u, 0u, 0x80000000u);
const TURNED = vec4<f32>(0.0, 0.0, 0.0, 32.0);

fn crumb_values(word: u32, mask: vec4<u32>, worth: vec4<f32>) -> vec4<f32> {
  return to_floats(vec4<u32>(word) & mask) * worth;
}

fn last_crumb_values(word: u32) -> vec4<f32> {
  return to_floats((vec4<u32>(word) ^ TURN_LAST) & (CRUMBS * 0x1000000u)) * (CRUMB_WORTH * 0x1p-24f) + TURNED;
}

fn dot_six(words: vec4<u32>, crumbs: vec2<u32>, a: Activations) -> vec2<f32> {
  let first = dot(crumb_values(crumbs.x, CRUMBS, CRUMB_WORTH), a.v0)
    + dot(crumb_values(crumbs.x, CRUMBS * 0x100u, CRUMB_WORTH * 0x1p-8f), a.v1)
    + dot(crumb_values(crumbs.x, CRUMBS * 0x10000u, CRUMB_WORTH * 0x1p-16f), a.v2)
    + dot(last_crumb_values(crumbs.x), a.v3);
  let second = dot(crumb_values(crumbs.y, CRUMBS, CRUMB_WORTH), a.v4)
    + dot(crumb_values(crumbs.y, CRUMBS * 0x100u, CRUMB_WORTH * 0x1p-8f), a.v5)
    + dot(crumb_values(crumbs.y, CRUMBS * 0x10000u, CRUMB_WORTH * 0x1p-16f), a.v6)
    + dot(last_crumb_values(crumbs.y), a.v7);
  return dot_nibbles(words, a) + vec2<f32>(first, second);
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
  let n = unpack_nibbles(weights[planes.x / 4u + index], scales_q6_k(planes, index));
  let crumbs = crumbs_at(planes, index);
  return Weights(
    n.v0 + crumb_values(crumbs.x, CRUMBS, CRUMB_WORTH),
    n.v1 + crumb_values(crumbs.x, CRUMBS * 0x100u, CRUMB_WORTH * 0x1p-8f),
    n.v2 + crumb_values(crumbs.x, CRUMBS * 0x10000u, CRUMB_WORTH * 0x1p-16f),
    n.v3 + last_crumb_values(crumbs.x),
    n.v4 + crumb_values(crumbs.y, CRUMBS, CRUMB_WORTH),
    n.v5 + crumb_values(crumbs.y, CRUMBS * 0x100u, CRUMB_WORTH * 0x1p-8f),
    n.v6 + crumb_values(crumbs.y, CRUMBS * 0x10000u, CRUMB_WORTH * 0x1p-16f),
    n.v7 + last_crumb_values(crumbs.y),
    n.scales,
  );
}
