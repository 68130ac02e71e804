// Eight independent chains of fused multiply-adds a thread, four lanes each, so that latency is hidden.
// The prelude gives `alias Real = f32` or `f16`.

const CHAINS: u32 = 8u;
const STEPS: u32 = 256u;

@group(0) @binding(0) var<storage, read> seed: array<f32>; // [2] factor, summand
@group(0) @binding(1) var<storage, read_write> sink: array<f32>; // [1]

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
  let factor = vec4<Real>(Real(seed[0]));
  let summand = vec4<Real>(Real(seed[1]));
  var a = vec4<Real>(Real(thread)) * factor;
  var b = a + summand;
  var c = b + summand;
  var d = c + summand;
  var e = d + summand;
  var f = e + summand;
  var g = f + summand;
  var h = g + summand;
  for (var step = 0u; step < STEPS; step++) {
    a = fma(a, factor, summand);
    b = fma(b, factor, summand);
    c = fma(c, factor, summand);
    d = fma(d, factor, summand);
    e = fma(e, factor, summand);
    f = fma(f, factor, summand);
    g = fma(g, factor, summand);
    h = fma(h, factor, summand);
  }
  let sum = a + b + c + d + e + f + g + h;
  // The chains settle at summand / (1 − factor), far from this: never true, but the compiler can't know.
  if (sum.x + sum.y + sum.z + sum.w == Real(-1.0)) {
    sink[0] = f32(sum.x);
  }
}
