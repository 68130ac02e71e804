// Five bits a weight: nibbles, and the fifth bits in a word of their own. Needs four-bit.wgsl.

// The fifth bits of four weights, of the first four; those of weights 4k … are 16^k times as far up.
const FIFTH = vec4<u32>(1u, 2u, 4u, 8u);

// The sum of those activations among four whose bit is set.
fn sum_of_set(word: u32, bits: vec4<u32>, v: vec4<f32>) -> f32 {
  return dot(select(vec4<f32>(0.0), v, (vec4<u32>(word) & bits) != vec4<u32>(0u)), vec4<f32>(1.0));
}

fn dot_five(words: vec4<u32>, fifth: u32, a: Activations) -> vec2<f32> {
  let first = sum_of_set(fifth, FIFTH, a.v0) + sum_of_set(fifth, FIFTH * 0x10u, a.v1)
    + sum_of_set(fifth, FIFTH * 0x100u, a.v2) + sum_of_set(fifth, FIFTH * 0x1000u, a.v3);
  let second = sum_of_set(fifth, FIFTH * 0x10000u, a.v4) + sum_of_set(fifth, FIFTH * 0x100000u, a.v5)
    + sum_of_set(fifth, FIFTH * 0x1000000u, a.v6) + sum_of_set(fifth, FIFTH * 0x10000000u, a.v7);
  return dot_nibbles(words, a) + 16.0 * vec2<f32>(first, second);
}

// 16 where the bit is set.
fn sixteens(word: u32, bits: vec4<u32>) -> vec4<f32> {
  return select(vec4<f32>(0.0), vec4<f32>(16.0), (vec4<u32>(word) & bits) != vec4<u32>(0u));
}

fn unpack_five(words: vec4<u32>, fifth: u32, scales: Scales) -> Weights {
  let n = unpack_nibbles(words, scales);
  return Weights(
    n.v0 + sixteens(fifth, FIFTH), n.v1 + sixteens(fifth, FIFTH * 0x10u),
    n.v2 + sixteens(fifth, FIFTH * 0x100u), n.v3 + sixteens(fifth, FIFTH * 0x1000u),
    n.v4 + sixteens(fifth, FIFTH * 0x10000u), n.v5 + sixteens(fifth, FIFTH * 0x100000u),
    n.v6 + sixteens(fifth, FIFTH * 0x1000000u), n.v7 + sixteens(fifth, FIFTH * 0x10000000u),
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
