/** Counts what a device is asked for, by wrapping WebGPU's prototypes. */

export interface Counts {
  dispatches: number;
  submits: number;
  buffers: number;
  bindGroups: number;
  pipelines: number;
  shaderModules: number;
  destroyed: number;
  /** [bytes] mapped for reading. */
  bytesRead: number;
}

const none = (): Counts => ({
  dispatches: 0,
  submits: 0,
  buffers: 0,
  bindGroups: 0,
  pipelines: 0,
  shaderModules: 0,
  destroyed: 0,
  bytesRead: 0,
});

/** What happens from now until `stop`. */
export function countGpuCalls(): { readonly counts: Counts; stop(): void } {
  const counts = none();
  const restore = [
    wrap(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => counts.dispatches++),
    wrap(GPUQueue.prototype, "submit", () => counts.submits++),
    wrap(GPUDevice.prototype, "createBuffer", () => counts.buffers++),
    wrap(GPUDevice.prototype, "createBindGroup", () => counts.bindGroups++),
    wrap(GPUDevice.prototype, "createComputePipeline", () => counts.pipelines++),
    wrap(GPUDevice.prototype, "createComputePipelineAsync", () => counts.pipelines++),
    wrap(GPUDevice.prototype, "createShaderModule", () => counts.shaderModules++),
    wrap(GPUBuffer.prototype, "destroy", () => counts.destroyed++),
    wrap(GPUBuffer.prototype, "mapAsync", ([, , size]) => (counts.bytesRead += (size as number | undefined) ?? NaN)),
  ];
  return { counts, stop: () => restore.forEach((undo) => undo()) };
}

function wrap<T extends object>(prototype: T, name: keyof T & string, tell: (args: unknown[]) => void): () => void {
  const original = prototype[name] as (...args: unknown[]) => unknown;
  const wrapped = function (this: unknown, ...args: unknown[]) {
    tell(args);
    return original.apply(this, args);
  };
  Object.defineProperty(prototype, name, { value: wrapped, configurable: true, writable: true });
  return () => Object.defineProperty(prototype, name, { value: original, configurable: true, writable: true });
}
