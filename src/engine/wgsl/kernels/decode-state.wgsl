// Where decoding stands. Kernels read and advance it, so that no token waits for the CPU. Twin: decode-state.ts.

struct DecodeState {
  position: u32, // of the token to decode next: its slot in the KV cache
  token: u32, // the token at that position
  produced: u32, // tokens sampled since the request began
  count: u32, // tokens in this step: 1 when decoding, a part of the prompt when prefilling
}
