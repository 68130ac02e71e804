// The rows of a thread's quads in one flat loop: loops in loops, and divisions, cost more than the products.
// Prelude: QUADS_PER_THREAD, which divides a head's quads. Parts: a finish (quad_row, IS_CONSECUTIVE).

const ROWS_PER_THREAD = 4u * QUADS_PER_THREAD;

struct Runs {
  first: u32,
  second: u32, // less half of ROWS_PER_THREAD, which is where it begins in the loop
}

fn runs_of(first_quad: u32) -> Runs {
  let first = quad_row(first_quad, 0u);
  if (IS_CONSECUTIVE) {
    return Runs(first, first);
  }
  return Runs(first, quad_row(first_quad, 2u) - ROWS_PER_THREAD / 2u);
}

// Row i of the loop.
fn row_in(runs: Runs, i: u32) -> u32 {
  return select(runs.first, runs.second, i >= ROWS_PER_THREAD / 2u) + i;
}

// Where in the loop row i of the thread's quad q came.
fn place_of(q: u32, i: u32) -> u32 {
  if (IS_CONSECUTIVE) {
    return 4u * q + i;
  }
  return 2u * q + select(i, i - 2u + ROWS_PER_THREAD / 2u, i >= 2u);
}
