// An f16 by its bits, without the shader-f16 feature. unpack2x16float may flush subnormals to zero, and scales that
// small are real in real files, so those are made from their bits: https://www.w3.org/TR/WGSL/#floating-point-evaluation

// The first or second half of a word. Masked where it stands: see weights.wgsl of shifts.
fn decode_f16(pair: u32, second: bool) -> f32 {
  let halves = unpack2x16float(pair);
  let exponent = pair & select(0x7c00u, 0x7c000000u, second);
  let fraction = f32(i32(pair & select(0x3ffu, 0x3ff0000u, second))) * select(0x1p-24f, 0x1p-40f, second);
  let is_negative = (pair & select(0x8000u, 0x80000000u, second)) != 0u;
  return select(select(halves.x, halves.y, second), select(fraction, -fraction, is_negative), exponent == 0u);
}
