// Weights that are floats already: f32, f16, bf16.

fn unpack_f32(planes: vec3<u32>, index: u32) -> Weights {
  let at = planes.x / 4u + index * 8u;
  return Weights(
    bitcast<vec4<f32>>(weights[at]), bitcast<vec4<f32>>(weights[at + 1u]),
    bitcast<vec4<f32>>(weights[at + 2u]), bitcast<vec4<f32>>(weights[at + 3u]),
    bitcast<vec4<f32>>(weights[at + 4u]), bitcast<vec4<f32>>(weights[at + 5u]),
    bitcast<vec4<f32>>(weights[at + 6u]), bitcast<vec4<f32>>(weights[at + 7u]),
    symmetric(1.0, 0.0),
  );
}

// A subnormal weight (below 6.1e-5) may come out as zero on a GPU that flushes them: far less than f16 itself loses.
fn halves_of(pairs: vec2<u32>) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(pairs.x), unpack2x16float(pairs.y));
}

fn unpack_f16(planes: vec3<u32>, index: u32) -> Weights {
  let at = planes.x / 4u + index * 4u;
  let a = weights[at];
  let b = weights[at + 1u];
  let c = weights[at + 2u];
  let d = weights[at + 3u];
  return Weights(
    halves_of(a.xy), halves_of(a.zw), halves_of(b.xy), halves_of(b.zw),
    halves_of(c.xy), halves_of(c.zw), halves_of(d.xy), halves_of(d.zw),
    symmetric(1.0, 0.0),
  );
}

fn brain_halves_of(pairs: vec2<u32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(pairs.x << 16u, pairs.x & 0xffff0000u, pairs.y << 16u, pairs.y & 0xffff0000u));
}

fn unpack_bf16(planes: vec3<u32>, index: u32) -> Weights {
  let at = planes.x / 4u + index * 4u;
  let a = weights[at];
  let b = weights[at + 1u];
  let c = weights[at + 2u];
  let d = weights[at + 3u];
  return Weights(
    brain_halves_of(a.xy), brain_halves_of(a.zw), brain_halves_of(b.xy), brain_halves_of(b.zw),
    brain_halves_of(c.xy), brain_halves_of(c.zw), brain_halves_of(d.xy), brain_halves_of(d.zw),
    symmetric(1.0, 0.0),
  );
}

fn dot_f32(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  return dot_weights(unpack_f32(planes, index), a);
}

fn dot_f16(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  return dot_weights(unpack_f16(planes, index), a);
}

fn dot_bf16(planes: vec3<u32>, index: u32, a: Activations) -> f32 {
  return dot_weights(unpack_bf16(planes, index), a);
}
