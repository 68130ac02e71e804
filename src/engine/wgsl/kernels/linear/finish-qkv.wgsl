// q, k, v of one token: bias, RoPE, 1 / √headDim into q, k and v appended to the cache.
// A quad is two pairs of dimensions that turn together, chosen so that its rows lie in neighbouring twos: in "halves"
// rows 2p, 2p + 1 and, half a head on, their partners; in "adjacent" four in a row.
// Prelude: HEADS, KV_HEADS, HEAD_DIM, CONTEXT, ROPE_ADJACENT. Parts: decode-state, a kv store.

@group(0) @binding(3) var<storage, read> bias: array<f32>; // [(HEADS + 2 × KV_HEADS) × HEAD_DIM]
@group(0) @binding(4) var<storage, read> rope: array<vec4<f32>>; // [CONTEXT, HEAD_DIM / 4]: cos, cos, sin, sin of two pairs
@group(0) @binding(5) var<uniform> state: DecodeState;
@group(0) @binding(6) var<storage, read_write> q: array<vec2<f32>>; // [tokens, HEADS × HEAD_DIM / 2]

const QUADS_PER_HEAD = HEAD_DIM / 4u;

fn token_count() -> u32 {
  return state.count;
}

// Whether quads follow each other row by row; else the first two rows of neighbouring quads do, and the last two.
const IS_CONSECUTIVE = ROPE_ADJACENT;

fn quad_row(quad: u32, i: u32) -> u32 {
  if (ROPE_ADJACENT) {
    return 4u * quad + i;
  }
  // Of head h and its quad p, quad = QUADS_PER_HEAD × h + p: row HEAD_DIM × h + 2p, and half a head on.
  return 4u * quad - 2u * in_head(quad) + select(i, i - 2u + HEAD_DIM / 2u, i >= 2u);
}

// A quad's number within its head. A division in a kernel's inner loop costs more than the loop.
fn in_head(quad: u32) -> u32 {
  if ((QUADS_PER_HEAD & (QUADS_PER_HEAD - 1u)) == 0u) {
    return quad & (QUADS_PER_HEAD - 1u);
  }
  return quad % QUADS_PER_HEAD;
}

fn finish(quad: u32, token: u32, sum: vec4<f32>) {
  let head = quad / QUADS_PER_HEAD;
  let row = quad_row(quad, 0u);
  let other = quad_row(quad, 2u);
  let value = sum + vec4<f32>(bias[row], bias[row + 1u], bias[other], bias[other + 1u]);
  let position = state.position + token;
  if (head < HEADS) {
    let turned = turn(value, quad % QUADS_PER_HEAD, position) * inverseSqrt(f32(HEAD_DIM));
    let at = token * (HEADS * HEAD_DIM / 2u);
    q[at + row / 2u] = turned.xy;
    q[at + other / 2u] = turned.zw;
    return;
  }
  let is_value = head >= HEADS + KV_HEADS;
  // Keys of all heads, then values of all heads: [2, KV_HEADS, CONTEXT, HEAD_DIM].
  let at = ((head - HEADS) * CONTEXT + position) * HEAD_DIM;
  var stored = value;
  if (!is_value) {
    stored = turn(value, quad % QUADS_PER_HEAD, position);
  }
  store_pair((at + row % HEAD_DIM) / 2u, stored.xy);
  store_pair((at + other % HEAD_DIM) / 2u, stored.zw);
}

fn turn(value: vec4<f32>, p: u32, position: u32) -> vec4<f32> {
  let angles = rope[position * QUADS_PER_HEAD + p];
  let a = select(value.xy, value.xz, ROPE_ADJACENT);
  let b = select(value.zw, value.yw, ROPE_ADJACENT);
  let turned_a = a * angles.xy - b * angles.zw;
  let turned_b = a * angles.zw + b * angles.xy;
  return select(
    vec4<f32>(turned_a, turned_b), vec4<f32>(turned_a.x, turned_b.x, turned_a.y, turned_b.y), ROPE_ADJACENT,
  );
}
