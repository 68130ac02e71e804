// Where decoding stands. Kernels read and advance it, so that no token waits for the CPU. Twin: decode-state.ts.

struct DecodeState {
  token: u32, // the token to decode next; first, so that the state can be read as a list of tokens
  position: u32, // that token's: its slot in the KV cache
  produced: u32, // tokens sampled since the request began
  count: u32, // tokens in this step: 1 when decoding, a part of the prompt when prefilling
}
