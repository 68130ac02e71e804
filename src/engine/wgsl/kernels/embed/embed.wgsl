// Looks tokens up in the embedding: the residual stream's beginning, and what the first layer's product takes of it.
// A thread a group of 32. Prelude: GROUPS, FIRST_ROW, ROWS (of this part). Parts: decode-state, decoders with their
// router.

@group(0) @binding(1) var<storage, read> tokens: array<u32>; // [tokens] of a prompt's part, or the state itself
@group(0) @binding(2) var<uniform> state: DecodeState;
@group(0) @binding(3) var<storage, read> next_norm: array<vec4<f32>>; // [GROUPS × 8]
@group(0) @binding(4) var<storage, read_write> residual: array<vec4<f32>>; // [tokens, GROUPS × 8]
@group(0) @binding(5) var<storage, read_write> normed: array<vec4<f32>>; // [tokens, GROUPS × 8]
@group(0) @binding(6) var<storage, read_write> squares_out: array<f32>; // [tokens, GROUPS × 8]

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let group = id.x;
  let token = id.y;
  if (group >= GROUPS || token >= state.count) {
    return;
  }
  let row = tokens[token] - FIRST_ROW;
  if (row >= ROWS) { // in another part; below FIRST_ROW it wrapped round
    return;
  }
  let w = unpack_row(row, group);
  let at = (token * GROUPS + group) * 8u;
  let scale = w.scales.scale;
  let minimum = w.scales.minimum;
  write(at, group * 8u, w.v0 * scale.x + minimum.x);
  write(at + 1u, group * 8u + 1u, w.v1 * scale.x + minimum.x);
  write(at + 2u, group * 8u + 2u, w.v2 * scale.x + minimum.x);
  write(at + 3u, group * 8u + 3u, w.v3 * scale.x + minimum.x);
  write(at + 4u, group * 8u + 4u, w.v4 * scale.y + minimum.y);
  write(at + 5u, group * 8u + 5u, w.v5 * scale.y + minimum.y);
  write(at + 6u, group * 8u + 6u, w.v6 * scale.y + minimum.y);
  write(at + 7u, group * 8u + 7u, w.v7 * scale.y + minimum.y);
}

fn write(at: u32, norm_at: u32, value: vec4<f32>) {
  residual[at] = value;
  normed[at] = value * next_norm[norm_at];
  squares_out[at] = dot(value, value);
}
