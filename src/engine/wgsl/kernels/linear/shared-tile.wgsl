// Y = W·X for many tokens, a workgroup a tile of 64 rows × 32 tokens, both staged in workgroup memory a group of 32
// columns at a time; a thread makes a quad of rows × 4 tokens. The classic form for discrete GPUs.
// Prelude: GROUPS, QUADS. Parts as in rows.wgsl, and token_count().

const TILE_ROWS = 64u;
const TILE_TOKENS = 32u;
const THREADS = 128u; // TILE_ROWS / 4 × TILE_TOKENS / 4

// One vec4 more a row than it holds, so that the rows that neighbouring threads read lie in different banks.
const STRIDE = 9u;
var<workgroup> tile_weights: array<vec4<f32>, TILE_ROWS * STRIDE>; // [rows, 8] of four columns
var<workgroup> tile_x: array<vec4<f32>, TILE_TOKENS * STRIDE>; // [tokens, 8] of four columns

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let first_quad = workgroup.x * (TILE_ROWS / 4u);
  let first_token = workgroup.y * TILE_TOKENS;
  let own_quad = thread % (TILE_ROWS / 4u);
  let own_token = thread / (TILE_ROWS / 4u) * 4u;
  var sum0 = vec4<f32>(0.0); // of token 0, four rows
  var sum1 = vec4<f32>(0.0);
  var sum2 = vec4<f32>(0.0);
  var sum3 = vec4<f32>(0.0);
  for (var group = 0u; group < GROUPS; group++) {
    if (thread < TILE_ROWS) {
      let quad = min(first_quad + thread / 4u, QUADS - 1u);
      stage_weights(thread * STRIDE, unpack_row(quad_row(quad, thread % 4u), group));
    } else if (thread < TILE_ROWS + TILE_TOKENS) {
      stage_activations(first_token, thread - TILE_ROWS, group);
    }
    workgroupBarrier();
    for (var k = 0u; k < 8u; k++) {
      let at = own_quad * 4u * STRIDE + k;
      let w = mat4x4<f32>(
        tile_weights[at], tile_weights[at + STRIDE], tile_weights[at + 2u * STRIDE], tile_weights[at + 3u * STRIDE],
      );
      let x_at = own_token * STRIDE + k;
      sum0 += tile_x[x_at] * w;
      sum1 += tile_x[x_at + STRIDE] * w;
      sum2 += tile_x[x_at + 2u * STRIDE] * w;
      sum3 += tile_x[x_at + 3u * STRIDE] * w;
    }
    workgroupBarrier();
  }
  let quad = first_quad + own_quad;
  if (quad < QUADS) {
    finish_token(quad, first_token + own_token, sum0);
    finish_token(quad, first_token + own_token + 1u, sum1);
    finish_token(quad, first_token + own_token + 2u, sum2);
    finish_token(quad, first_token + own_token + 3u, sum3);
  }
}

fn stage_weights(at: u32, w: Weights) {
  let s = w.scales;
  tile_weights[at] = w.v0 * s.scale.x + s.minimum.x;
  tile_weights[at + 1u] = w.v1 * s.scale.x + s.minimum.x;
  tile_weights[at + 2u] = w.v2 * s.scale.x + s.minimum.x;
  tile_weights[at + 3u] = w.v3 * s.scale.x + s.minimum.x;
  tile_weights[at + 4u] = w.v4 * s.scale.y + s.minimum.y;
  tile_weights[at + 5u] = w.v5 * s.scale.y + s.minimum.y;
  tile_weights[at + 6u] = w.v6 * s.scale.y + s.minimum.y;
  tile_weights[at + 7u] = w.v7 * s.scale.y + s.minimum.y;
}

fn stage_activations(first_token: u32, token: u32, group: u32) {
  let first = ((first_token + token) * GROUPS + group) * 8u;
  for (var k = 0u; k < 8u; k++) {
    tile_x[token * STRIDE + k] = x[first + k];
  }
}

fn finish_token(quad: u32, token: u32, sum: vec4<f32>) {
  if (token >= token_count()) {
    return;
  }
  var square_sum = 0.0;
  for (var i = 0u; i < INPUT_SQUARES; i++) {
    square_sum += input_square(token * INPUT_SQUARES + i);
  }
  finish(quad, token, input_scale(square_sum) * sum);
}
