// Logits of one token. Prelude: QUADS, FIRST_QUAD, VOCABULARY.

@group(0) @binding(3) var<storage, read_write> logits: array<f32>; // [VOCABULARY]

// Whether quads follow each other row by row; else the first two rows of neighbouring quads do, and the last two.
const IS_CONSECUTIVE = true;

fn quad_row(quad: u32, i: u32) -> u32 {
  return 4u * quad + i;
}

fn finish(quad: u32, token: u32, sum: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) {
    let id = 4u * (FIRST_QUAD + quad) + i;
    if (id < VOCABULARY) {
      logits[id] = sum[i];
    }
  }
}
