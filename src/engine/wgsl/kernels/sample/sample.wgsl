// Samples a token: one workgroup, exact, without a sort. What it means: sample.ts. CPU twin: sample.ref.ts.
// Prelude: const VOCABULARY (≤ 2^18), const RING. Other parts: decode-state.wgsl, arithmetic.wgsl, search.wgsl,
// list.wgsl.

struct SamplingParams {
  inverse_temperature: f32,
  reach: f32, // [logits] a token further below the largest weighs nothing
  min_p_reach: f32, // [logits] a token further below the largest is less than minP as likely; at most `reach`
  repetition: f32,
  frequency: f32,
  presence: f32,
  top_k: u32,
  top_p: u32, // [2^-32]
  seed: u32,
  flags: u32, // of USES_…
}
const USES_GREEDY = 1u;
const USES_BIAS = 2u;
const USES_PENALTIES = 4u;
const USES_TOP_K = 8u;
const USES_TOP_P = 16u;
const USES_MASK = 32u;

@group(0) @binding(0) var<storage, read_write> logits: array<f32>; // [VOCABULARY]
@group(0) @binding(1) var<storage, read_write> seen: array<u32>; // [VOCABULARY] bit 31: in the prompt; rest: times in reply
@group(0) @binding(2) var<storage, read> bias: array<f32>; // [VOCABULARY], or anything where USES_BIAS is off
@group(0) @binding(3) var<storage, read_write> state: DecodeState;
@group(0) @binding(4) var<storage, read_write> ring: array<u32>; // [RING] token i of the reply in slot i mod RING
@group(0) @binding(5) var<uniform> params: SamplingParams;
// Not in workgroup memory, of which SwiftShader compiles a store for each number, to zero it.
@group(0) @binding(6) var<storage, read_write> list: array<vec2<u32>, LISTED>; // (id, key), in no order
@group(0) @binding(7) var<storage, read> mask: array<u32>; // a bit for each token, or anything where USES_MASK is off

const THREADS = 256u;
const BINS = 256u;
const LISTED = THREADS; // tokens, at most, in the list: one a thread, as a loop over more takes SwiftShader long to compile
const FORBIDDEN = -1e30; // added to what the mask forbids: see sample.ts
const FAILED = 0xffffffffu; // in the ring: the logits were no numbers

// The searches, in this order.
const TOP_K = 0u; // counts, from the likeliest token down
const TOP_P = 1u; // masses, likewise
const DRAW = 2u; // masses, in the order of draw_place

// A digit is named by its shift within 32 bits; the first of TOP_K and TOP_P is the bucket instead, an eighth of a
// nat wide: unlike the digits of a float, it spreads the likely tokens.
const BUCKET = 32u;

struct Choice {
  token: u32, // or FAILED
  threshold: u32, // key of the least logit that could have been drawn
}

var<workgroup> largest_key: atomic<u32>;
var<workgroup> lowest_id: atomic<u32>;
var<workgroup> first: vec2<u32>; // key and lowest id of the largest logit

fn uses(flag: u32) -> bool {
  return (params.flags & flag) != 0u;
}

/** Bias, mask and penalties, in place. */
fn adjust(thread: u32) {
  let has_bias = uses(USES_BIAS);
  let has_mask = uses(USES_MASK);
  for (var id = thread; id < VOCABULARY; id += THREADS) {
    var logit = logits[id];
    if (has_bias) {
      logit += bias[id];
    }
    if (has_mask && ((mask[id >> 5u] >> (id & 31u)) & 1u) == 0u) {
      logit += FORBIDDEN;
    }
    let occurrence = seen[id];
    if (occurrence != 0u && uses(USES_PENALTIES)) {
      logit = select(logit * params.repetition, logit / params.repetition, logit > 0.0);
      let times = occurrence & 0x7fffffffu;
      if (times > 0u) {
        logit -= params.frequency * f32(times) + params.presence;
      }
    }
    logits[id] = logit;
  }
}

/**
 * Fills `first`. Its key is INFINITE_KEY or above where a logit is NaN or +inf.
 * @returns the key of the thread's own largest
 */
fn find_first(thread: u32) -> u32 {
  var best = 0u;
  var best_id = thread;
  for (var id = thread; id < VOCABULARY; id += THREADS) {
    let key = order_key(logits[id]);
    let checked = select(key, FAILED, key < LOWEST_KEY);
    best_id = select(best_id, id, checked > best);
    best = max(best, checked);
  }
  if (thread == 0u) {
    atomicStore(&lowest_id, FAILED);
  }
  atomicMax(&largest_key, best);
  workgroupBarrier();
  if (best == atomicLoad(&largest_key)) {
    atomicMin(&lowest_id, best_id);
  }
  workgroupBarrier();
  if (thread == 0u) {
    first = vec2<u32>(atomicLoad(&largest_key), atomicLoad(&lowest_id));
  }
  return best;
}

/** The weight at which a search ends: the token that brings the sum to it is the one sought. At least 1. */
fn aim_of(order: u32, total: vec2<u32>) -> vec2<u32> {
  if (order == TOP_K) {
    return vec2<u32>(params.top_k, 0u);
  }
  if (order == TOP_P) {
    let aim = share_of(total, params.top_p);
    return select(aim, vec2<u32>(1u, 0u), all(aim == vec2<u32>(0u)));
  }
  return add64(share_of(total, random_bits(params.seed, state.position)), vec2<u32>(1u, 0u));
}

fn is_needed(order: u32) -> bool {
  return (order == DRAW) || (order == TOP_K && uses(USES_TOP_K)) || (order == TOP_P && uses(USES_TOP_P));
}

/** The whole workgroup calls this, and gets the same. */
fn choose(thread: u32) -> Choice {
  if (uses(USES_BIAS | USES_MASK | USES_PENALTIES)) {
    adjust(thread);
    storageBarrier(); // the draw reads what other threads have written
  }
  let own_largest = find_first(thread);
  let top = workgroupUniformLoad(&first);
  if (top.x >= INFINITE_KEY || top.x == LOWEST_KEY) {
    return Choice(FAILED, FAILED);
  }
  if (uses(USES_GREEDY)) {
    return Choice(top.y, top.x);
  }
  let scale = Scale(value_of_key(top.x), params.inverse_temperature);
  if (thread == 0u) {
    search.threshold = order_key(scale.largest - params.reach);
  }
  if (uses(USES_TOP_K) && params.top_k <= THREADS) {
    list_likeliest(thread, own_largest);
  }
  // One call, three times: compilers copy what is called into every place that calls it.
  for (var order = TOP_K; order <= DRAW; order++) {
    if (is_needed(order)) {
      if (thread == 0u && order == DRAW) {
        search.threshold = max(search.threshold, order_key(scale.largest - params.min_p_reach));
      }
      run_search(thread, order, scale);
    }
  }
  let found = workgroupUniformLoad(&search);
  return Choice(draw_place(found.prefix), found.threshold);
}

fn finish(token: u32) {
  let is_token = token != FAILED;
  state.token = select(0u, token, is_token); // later kernels stay in bounds
  ring[state.produced % RING] = token;
  state.produced += 1u;
  state.position += 1u;
  if (is_token) {
    seen[token] += 1u;
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  let chosen = choose(thread);
  if (thread == 0u) {
    finish(chosen.token);
  }
}
