// The tests' program takes in the engine's files by their imports, and declarations of globals have none.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- a file of globals is no module to import
/// <reference path="../../src/engine/wgsl/gpu/webgpu-flags.d.ts" />
