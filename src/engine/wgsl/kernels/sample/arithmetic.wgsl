// What the sampler reckons with: keys that order floats, numbers of 64 bits, masses, random bits. Pure functions.
// Twin: sample.ref.ts, whose Philox is the same.

const LOWEST_KEY = 0x007fffffu; // of -inf: what lies below is a NaN with its sign set
const INFINITE_KEY = 0xff800000u; // of +inf: what lies above is a NaN

/** Unsigned numbers in the order of the floats, -0 and 0 being one. Bits, because a GPU may assume there is no NaN. */
fn order_key(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  let key = bits ^ (bitcast<u32>(bitcast<i32>(bits) >> 31u) | 0x80000000u);
  return select(key, 0x80000000u, bits == 0x80000000u);
}

fn value_of_key(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key & 0x7fffffffu, (key >> 31u) == 1u));
}

// Numbers of 64 bits are (low, high).

fn add64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2<u32>(low, a.y + b.y + select(0u, 1u, low < a.x));
}

/** @returns a − b, for b ≤ a */
fn subtract64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(a.x - b.x, a.y - b.y - select(0u, 1u, a.x < b.x));
}

fn less64(a: vec2<u32>, b: vec2<u32>) -> bool {
  return a.y < b.y || (a.y == b.y && a.x < b.x);
}

/** All 64 bits of a product, from halves of 16. */
fn multiply_wide(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let first = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let second = (a & 0xffffu) * (b >> 16u) + (first & 0xffffu);
  return vec2<u32>((second << 16u) | (low & 0xffffu), (a >> 16u) * (b >> 16u) + (first >> 16u) + (second >> 16u));
}

/** @returns ⌊total × fraction / 2^32⌋ */
fn share_of(total: vec2<u32>, fraction: u32) -> vec2<u32> {
  return add64(multiply_wide(total.y, fraction), vec2<u32>(multiply_wide(total.x, fraction).y, 0u));
}

/** exp(−nats) in units of 2^-45, so that 2^18 of them fit 64 bits. All steps but exp are exact. */
fn mass(nats: f32) -> vec2<u32> {
  let scaled = exp(-nats) * 8192.0;
  let high = floor(scaled);
  return vec2<u32>(u32((scaled - high) * 4294967296.0), u32(high));
}

/** Philox2x32-10 (Salmon et al., SC 2011): random bits for a counter, so that no generator's state need be kept. */
fn random_bits(seed: u32, counter: u32) -> u32 {
  var state = vec2<u32>(counter, 0u);
  for (var round = 0u; round < 10u; round++) {
    let product = multiply_wide(0xd256d193u, state.x);
    state = vec2<u32>(product.y ^ (seed + round * 0x9e3779b9u) ^ state.y, product.x);
  }
  return state.x;
}

/** Orders tokens for the draw, so that a token's first digit is the thread that owns it. Its own inverse. */
fn draw_place(id: u32) -> u32 {
  return ((id & 255u) << 16u) | (id & 0xff00u) | (id >> 16u);
}
