// An f16 by its bits, without the shader-f16 feature. unpack2x16float may flush subnormals to zero, and scales that
// small are real in real files, so those are made from their bits: https://www.w3.org/TR/WGSL/#floating-point-evaluation

// The first or second half of a word.
fn decode_f16(pair: u32, second: bool) -> f32 {
  let bits = select(pair & 0xffffu, pair >> 16u, second);
  let fraction = f32(bits & 0x3ffu) * 0x1p-24f;
  let subnormal = select(fraction, -fraction, (bits & 0x8000u) != 0u);
  return select(unpack2x16float(bits).x, subnormal, (bits & 0x7c00u) == 0u);
}
