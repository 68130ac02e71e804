// Causal grouped-query attention over the KV cache, streaming: softmax is kept up as the keys pass by.
// A workgroup takes one key-value head and up to four queries that share it: heads of its group, tokens of a prompt,
// or both. Queries of a kv head are counted r = token × GROUP + head in group.
// Prelude: HEADS, KV_HEADS, HEAD_DIM, CONTEXT, QUERIES (1 … 4), WORKGROUP (≥ HEAD_DIM / 4). Parts: decode-state, a kv load.

@group(0) @binding(0) var<storage, read> q: array<vec4<f32>>; // [tokens, HEADS, HEAD_DIM / 4], scaled by 1 / √HEAD_DIM
@group(0) @binding(2) var<uniform> state: DecodeState;
@group(0) @binding(3) var<storage, read_write> attended: array<vec4<f32>>; // [tokens, HEADS, HEAD_DIM / 4]

const GROUP = HEADS / KV_HEADS;
const FOURS = HEAD_DIM / 4u;
const SLICES = WORKGROUP / FOURS; // threads that share a position's four dimensions take every SLICES-th position
const MASKED = -3.0e38;

var<workgroup> queries: array<vec4<f32>, 4u * FOURS>; // [FOURS, 4 queries]
// One array for all that threads tell each other: SwiftShader compiles a store for each number of workgroup memory.
// Scores of a position with 4 queries, then their exponentials; at the end [SLICES, FOURS] sums of the 4 queries, then
// [SLICES, FOURS] parts of one query's output.
var<workgroup> exchange: array<vec4<f32>, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let kv_head = workgroup.x;
  let first = workgroup.y * QUERIES;
  if (first >= state.count * GROUP) { // dispatched for more tokens than there are
    return;
  }
  let count = min(QUERIES, state.count * GROUP - first);
  for (var i = thread; i < 4u * FOURS; i += WORKGROUP) {
    queries[i] = select(vec4<f32>(0.0), q[query_at(kv_head, first + min(i % 4u, count - 1u)) + i / 4u], i % 4u < count);
  }
  // The last position each query may see.
  let r = vec4<u32>(first, first + 1u, first + 2u, first + 3u);
  let horizon = vec4<u32>(state.position) + r / vec4<u32>(GROUP);
  let end = state.position + (first + count - 1u) / GROUP + 1u;
  let keys = kv_head * CONTEXT * FOURS;
  let values = (KV_HEADS + kv_head) * CONTEXT * FOURS;
  let four = thread % FOURS;
  let slice = thread / FOURS;

  var largest = vec4<f32>(MASKED);
  var sum = vec4<f32>(0.0); // of this slice's exponentials
  var out0 = vec4<f32>(0.0); // query 0, this thread's four dimensions, this slice's positions
  var out1 = vec4<f32>(0.0);
  var out2 = vec4<f32>(0.0);
  var out3 = vec4<f32>(0.0);
  workgroupBarrier();
  for (var begin = 0u; begin < end; begin += WORKGROUP) {
    let position = begin + thread;
    var score = vec4<f32>(MASKED);
    if (position < end) {
      let product = key_products(keys + position * FOURS);
      score = select(vec4<f32>(MASKED), product, vec4<u32>(position) <= horizon);
    }
    exchange[thread] = score;
    workgroupBarrier();
    var top = largest;
    let filled = min(WORKGROUP, end - begin);
    for (var i = 0u; i < filled; i++) {
      top = max(top, exchange[i]);
    }
    workgroupBarrier();
    exchange[thread] = exp(score - top);
    workgroupBarrier();
    let shrink = exp(largest - top);
    largest = top;
    sum *= shrink;
    out0 *= shrink.x;
    out1 *= shrink.y;
    out2 *= shrink.z;
    out3 *= shrink.w;
    if (slice < SLICES) {
      for (var i = slice; i < filled; i += SLICES) {
        let weight = exchange[i];
        let value = load_four(values + (begin + i) * FOURS + four);
        sum += weight;
        out0 += weight.x * value;
        out1 += weight.y * value;
        out2 += weight.z * value;
        out3 += weight.w * value;
      }
    }
    workgroupBarrier();
  }

  exchange[thread] = sum;
  workgroupBarrier();
  var total = vec4<f32>(0.0);
  for (var s = 0u; s < SLICES; s++) {
    total += exchange[s * FOURS + four];
  }
  workgroupBarrier();
  // One copy of this, not four in a row: each would have barriers of its own, which take SwiftShader long to compile.
  for (var i = 0u; i < QUERIES; i++) {
    exchange[thread] = select(select(out0, out1, i == 1u), select(out2, out3, i == 3u), i >= 2u);
    workgroupBarrier();
    if (thread < FOURS && i < count) {
      var joined = vec4<f32>(0.0);
      for (var s = 0u; s < SLICES; s++) {
        joined += exchange[s * FOURS + thread];
      }
      attended[query_at(kv_head, first + i) + thread] = joined / total[i];
    }
    workgroupBarrier();
  }
}

// Where query r of a kv head begins, in fours.
fn query_at(kv_head: u32, r: u32) -> u32 {
  return ((r / GROUP) * HEADS + kv_head * GROUP + r % GROUP) * FOURS;
}

// The four queries with the key that begins at `at`.
fn key_products(at: u32) -> vec4<f32> {
  var products = vec4<f32>(0.0);
  for (var i = 0u; i < FOURS; i++) {
    let key = load_four(at + i);
    products += key * mat4x4<f32>(queries[4u * i], queries[4u * i + 1u], queries[4u * i + 2u], queries[4u * i + 3u]);
  }
  return products;
}
