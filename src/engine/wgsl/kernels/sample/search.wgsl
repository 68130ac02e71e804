// Top-k, top-p and the draw are each the same search: the last token, in some order, before which the weights do not
// reach an aim. It goes digit by digit through all tokens, by a histogram of weights over the next digit, until few
// enough are left in question for a list (list.wgsl). Weights are whole numbers, so that atomics give the same sums in
// any order. Bindings and constants: sample.wgsl.

struct Scale {
  largest: f32, // logit
  inverse_temperature: f32,
}

struct Search {
  threshold: u32, // key of the least logit still in
  aim: vec2<u32>, // what of the aim is left for the tokens in question
  prefix: u32, // digits found, the others 0
  bucket: u32,
  done: u32,
  listed: u32, // tokens in the list; 0: there is none
  lists_all: u32, // whether the list has whatever later searches may ask for, not only what this one does
}

var<workgroup> search: Search; // thread 0 writes it
var<workgroup> bin_count: array<atomic<u32>, BINS>;
var<workgroup> bin_low: array<atomic<u32>, BINS>; // of the sum of masses
var<workgroup> bin_high: array<atomic<u32>, BINS>;

fn nats_below(logit: f32, scale: Scale) -> f32 {
  return (scale.largest - logit) * scale.inverse_temperature;
}

fn bucket_of(nats: f32) -> u32 {
  return min(u32(nats * 8.0), BINS - 1u);
}

/** Where a token comes in the order of a search. */
fn place_of(order: u32, id: u32, key: u32) -> u32 {
  return select(~key, draw_place(id), order == DRAW);
}

/** The bin of a token's digit, or ≥ BINS if its digits before are not those found. */
fn bin_of(order: u32, shift: u32, found: Search, id: u32, key: u32, bucket: u32) -> u32 {
  if (shift == BUCKET) {
    return bucket;
  }
  let is_in = order == DRAW || bucket == found.bucket;
  return select(BINS, (place_of(order, id, key) ^ found.prefix) >> shift, is_in);
}

/** Adds each token's weight to the bin of its digit. */
fn fill_bins(thread: u32, order: u32, shift: u32, found: Search, scale: Scale) {
  var id = thread;
  var stride = THREADS;
  if (order == DRAW) {
    // Only tokens whose place begins with the digits found, by what draw_place means.
    id = select(id, (found.prefix >> 16u) | (thread << 8u), shift < 16u);
    id = select(id, (found.prefix >> 16u) | (found.prefix & 0xff00u) | (thread << 16u), shift < 8u);
    stride <<= 16u - shift;
  }
  for (; id < VOCABULARY; id += stride) {
    let logit = logits[id];
    let key = order_key(logit);
    if (key >= found.threshold) {
      let nats = nats_below(logit, scale);
      let bin = bin_of(order, shift, found, id, key, bucket_of(nats));
      if (bin < BINS) {
        add_to_bin(bin, order, nats);
      }
    }
  }
}

fn add_to_bin(bin: u32, order: u32, nats: f32) {
  atomicAdd(&bin_count[bin], 1u);
  if (order != TOP_K) {
    let weight = mass(nats);
    let before = atomicAdd(&bin_low[bin], weight.x);
    atomicAdd(&bin_high[bin], weight.y + select(0u, 1u, before + weight.x < before));
  }
}

fn weight_of_bin(order: u32, bin: u32) -> vec2<u32> {
  if (order == TOP_K) {
    return vec2<u32>(atomicLoad(&bin_count[bin]), 0u);
  }
  return vec2<u32>(atomicLoad(&bin_low[bin]), atomicLoad(&bin_high[bin]));
}

/** Thread 0, on full bins: finds the next digit, and before the first the aim. */
fn find_digit(order: u32, shift: u32, is_first: bool) {
  var found = search;
  if (is_first) {
    var total = vec2<u32>(0u);
    for (var bin = 0u; bin < BINS; bin++) {
      total = add64(total, weight_of_bin(order, bin));
    }
    found.aim = aim_of(order, total);
    found.prefix = 0u;
    found.done = u32(less64(total, found.aim)); // fewer than k: all stay
  }
  if (found.done == 0u) {
    found = with_digit(found, order, shift);
  }
  search = found;
}

fn with_digit(before: Search, order: u32, shift: u32) -> Search {
  var found = before;
  var bin = 0u;
  var through = atomicLoad(&bin_count[0]); // tokens in the bins up to this one
  while (bin < BINS - 1u && less64(weight_of_bin(order, bin), found.aim)) {
    found.aim = subtract64(found.aim, weight_of_bin(order, bin));
    bin++;
    through += atomicLoad(&bin_count[bin]);
  }
  if (shift == BUCKET) {
    found.bucket = bin;
    if (through <= LISTED) {
      found.listed = through;
      found.lists_all = 1u;
      found.aim = before.aim;
      return found;
    }
  } else {
    found.prefix |= bin << shift;
    found.done = u32(shift == 0u);
    found.threshold = select(found.threshold, ~found.prefix, found.done == 1u && order != DRAW);
  }
  let count = atomicLoad(&bin_count[bin]);
  found.listed = select(0u, count, order != DRAW && found.done == 0u && count <= LISTED);
  return found;
}

fn run_search(thread: u32, order: u32, scale: Scale) {
  var found = workgroupUniformLoad(&search);
  let has_list = found.listed > 0u;
  let first_shift = select(BUCKET, 16u, order == DRAW);
  var shift = first_shift;
  found.prefix = 0u;
  found.done = u32(has_list);
  while (found.done == 0u && found.listed == 0u) {
    atomicStore(&bin_count[thread], 0u);
    atomicStore(&bin_low[thread], 0u);
    atomicStore(&bin_high[thread], 0u);
    workgroupBarrier();
    fill_bins(thread, order, shift, found, scale);
    workgroupBarrier();
    if (thread == 0u) {
      find_digit(order, shift, shift == first_shift);
    }
    found = workgroupUniformLoad(&search);
    shift -= 8u;
  }
  if (found.listed == 0u) {
    return;
  }
  if (!has_list) {
    gather(thread, order, shift, found, scale);
    storageBarrier();
  }
  search_list(thread, order, found, !has_list, scale);
  workgroupBarrier();
  if (thread == 0u) {
    finish_list(order);
  }
}

