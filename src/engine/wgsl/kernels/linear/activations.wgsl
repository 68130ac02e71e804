// The input of a matrix product, a group of one token at a time.

@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [tokens, GROUPS × 8]

// index: token × GROUPS + group.
fn load_activations(index: u32) -> Activations {
  let at = index * 8u;
  let v0 = x[at];
  let v1 = x[at + 1u];
  let v2 = x[at + 2u];
  let v3 = x[at + 3u];
  let v4 = x[at + 4u];
  let v5 = x[at + 5u];
  let v6 = x[at + 6u];
  let v7 = x[at + 7u];
  let sum = vec2<f32>(dot(v0 + v1 + v2 + v3, vec4<f32>(1.0)), dot(v4 + v5 + v6 + v7, vec4<f32>(1.0)));
  return Activations(v0, v1, v2, v3, v4, v5, v6, v7, sum);
}
