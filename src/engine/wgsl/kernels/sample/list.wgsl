// The last part of a search: few tokens, in a list, where each adds up for itself what comes before it.

var<workgroup> list_length: atomic<u32>;
var<workgroup> list_floor: atomic<u32>; // key of the least that list_likeliest lists
var<workgroup> last_place: atomic<u32>; // what search_list finds; 0 before

/**
 * Lists the k likeliest tokens and a few more, in one pass: none of them can be less than the k-th of the largest that
 * each thread has. For a k of at most THREADS; where more are listed than fit, there is no list.
 */
fn list_likeliest(thread: u32, own_largest: u32) {
  atomicStore(&bin_count[thread], own_largest);
  if (thread == 0u) {
    atomicStore(&list_floor, FAILED);
  }
  let threshold = workgroupUniformLoad(&search).threshold;
  var larger = 0u;
  for (var other = 0u; other < THREADS; other++) {
    larger += u32(atomicLoad(&bin_count[other]) > own_largest);
  }
  if (larger < params.top_k) {
    atomicMin(&list_floor, own_largest);
  }
  workgroupBarrier();
  let floor_key = max(threshold, atomicLoad(&list_floor));
  for (var id = thread; id < VOCABULARY; id += THREADS) {
    let key = order_key(logits[id]);
    if (key >= floor_key) {
      let at = atomicAdd(&list_length, 1u);
      if (at < LISTED) {
        list[at] = vec2<u32>(id, key);
      }
    }
  }
  storageBarrier();
  workgroupBarrier();
  if (thread == 0u) {
    let length = atomicLoad(&list_length);
    search.listed = select(0u, length, length <= LISTED);
    search.lists_all = u32(length <= LISTED);
    atomicStore(&list_length, 0u);
  }
}

/** Lists the tokens that have the digits found; if for later searches too, all down to the bucket found. */
fn gather(thread: u32, order: u32, next_shift: u32, found: Search, scale: Scale) {
  for (var id = thread; id < VOCABULARY; id += THREADS) {
    let logit = logits[id];
    let key = order_key(logit);
    if (key >= found.threshold) {
      let bucket = bucket_of(nats_below(logit, scale));
      let has_digits = bin_of(order, next_shift, found, id, key, bucket) < BINS;
      if (select(has_digits, bucket <= found.bucket, found.lists_all == 1u)) {
        list[atomicAdd(&list_length, 1u)] = vec2<u32>(id, key);
      }
    }
  }
}

/** Finds the last place before which the listed weights do not reach the aim. */
fn search_list(thread: u32, order: u32, found: Search, has_aim: bool, scale: Scale) {
  if (thread < found.listed) {
    let own = list[thread];
    let place = place_of(order, own.x, own.y);
    var before = vec2<u32>(0u);
    var total = vec2<u32>(0u);
    for (var i = 0u; i < found.listed; i++) {
      let other = list[i];
      if (other.y >= found.threshold) {
        var weight = vec2<u32>(1u, 0u);
        if (order != TOP_K) {
          weight = mass(nats_below(value_of_key(other.y), scale));
        }
        total = add64(total, weight);
        if (place_of(order, other.x, other.y) < place) {
          before = add64(before, weight);
        }
      }
    }
    var aim = found.aim;
    if (!has_aim) {
      aim = aim_of(order, total);
    }
    if (own.y >= found.threshold && less64(before, aim)) {
      atomicMax(&last_place, place);
    }
  }
}

fn finish_list(order: u32) {
  search.prefix = atomicExchange(&last_place, 0u);
  if (order != DRAW) {
    search.threshold = ~search.prefix;
  }
  if (search.lists_all == 0u) {
    search.listed = 0u;
    atomicStore(&list_length, 0u);
  }
}
