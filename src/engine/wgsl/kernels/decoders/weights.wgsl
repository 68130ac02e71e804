// What every decoder makes of a group of 32 weights in a row. Kept apart from its scale a weight is an exact small
// integer, and scale and minimum are applied once to each half of a group: Q6_K scales the halves by themselves.
// Each format has two functions: dot_<format>, the product with one token's activations, made without ever putting
// the weights together (decode); and unpack_<format>, the weights, to be used for many tokens (prefill, embedding).

@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // the matrix's planes, see formats/layouts.ts

struct Scales {
  scale: vec2<f32>, // of weights 0 … 15, 16 … 31
  minimum: vec2<f32>,
}

// Weight 4k + c of the group is v<k>[c] × scale + minimum.
struct Weights {
  v0: vec4<f32>,
  v1: vec4<f32>,
  v2: vec4<f32>,
  v3: vec4<f32>,
  v4: vec4<f32>,
  v5: vec4<f32>,
  v6: vec4<f32>,
  v7: vec4<f32>,
  scales: Scales,
}

// The 32 activations that a group of weights meets, and the sum of each half: what the minimums are multiplied with.
struct Activations {
  v0: vec4<f32>,
  v1: vec4<f32>,
  v2: vec4<f32>,
  v3: vec4<f32>,
  v4: vec4<f32>,
  v5: vec4<f32>,
  v6: vec4<f32>,
  v7: vec4<f32>,
  sum: vec2<f32>,
}

fn scaled(s: Scales, n: vec2<f32>, a: Activations) -> f32 {
  return dot(s.scale, n) + dot(s.minimum, a.sum);
}

fn dot_weights(w: Weights, a: Activations) -> f32 {
  let first = dot(w.v0, a.v0) + dot(w.v1, a.v1) + dot(w.v2, a.v2) + dot(w.v3, a.v3);
  let second = dot(w.v4, a.v4) + dot(w.v5, a.v5) + dot(w.v6, a.v6) + dot(w.v7, a.v7);
  return scaled(w.scales, vec2<f32>(first, second), a);
}

fn word_at(index: u32) -> u32 {
  return weights[index >> 2u][index & 3u];
}

// No shifts by a vector here and in the decoders: SwiftShader makes each of them four scalar ones, 16 instructions
// where a mask and a multiplication by a power of two take two; on a GPU it is all the same.

// As signed, because that conversion is one instruction everywhere.
fn to_floats(n: vec4<u32>) -> vec4<f32> {
  return vec4<f32>(vec4<i32>(n));
}

fn symmetric(scale: f32, zero: f32) -> Scales {
  return Scales(vec2<f32>(scale), vec2<f32>(-zero * scale));
}

// The scale of a group from a plane of f16 pairs.
fn scale_f16(plane: u32, index: u32) -> f32 {
  return decode_f16(word_at(plane + (index >> 1u)), (index & 1u) == 1u);
}

// Scale and minimum of a group from a word that holds both as f16.
fn scale_min_f16(word: u32) -> Scales {
  return Scales(vec2<f32>(decode_f16(word, false)), vec2<f32>(decode_f16(word, true)));
}

// What a K-quant keeps for a group: d × its 6-bit scale, −dmin × its 6-bit minimum.
fn k_scales(plane: u32, index: u32) -> Scales {
  let at = plane + (index >> 3u) * 5u;
  let pair = word_at(at + 1u + ((index & 7u) >> 1u)) >> (16u * (index & 1u));
  let d = word_at(at);
  return Scales(
    vec2<f32>(decode_f16(d, false) * f32(pair & 0xffu)),
    vec2<f32>(-decode_f16(d, true) * f32((pair >> 8u) & 0xffu)),
  );
}
