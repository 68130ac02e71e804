// How many tokens this dispatch is for. Part: decode-state.

@group(0) @binding(7) var<uniform> state: DecodeState;

fn token_count() -> u32 {
  return state.count;
}
