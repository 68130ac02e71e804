/** What a worker asks of its GPU, noted by wrapping WebGPU's prototypes there. */
import type { Worker } from "playwright";

export interface GpuCounts {
  dispatches: number;
  submits: number;
  buffers: number;
  bindGroups: number;
  pipelines: number;
  /** [bytes] mapped for reading. */
  bytesRead: number;
}

/** Enough to make a pipeline of "auto" layout again. */
export interface PipelineSource {
  readonly label: string;
  /** WGSL */
  readonly code: string;
  readonly entryPoint: string;
}

interface Compiled extends PipelineSource {
  /** [ms since 1970], with fractions */
  readonly begun: number;
  ended: number;
  /** Made while kernels were being chosen, to be timed or proven and thrown away. */
  readonly isCandidate: boolean;
}

export interface GpuLog {
  readonly counts: GpuCounts;
  /** [bytes] of the buffers there are, by label. */
  readonly bytes: Readonly<Record<string, number>>;
  /** [bytes] at once at most. */
  readonly peakBytes: number;
  readonly compiled: readonly Compiled[];
  /** From the first buffer that is there for timing kernels until the last is gone; undefined when nothing was timed. */
  readonly timing: { readonly begun: number; readonly ended: number } | undefined;
  /** When each stage of loading was told, [ms since 1970]. */
  readonly stages: Readonly<Record<string, number>>;
}

/** Everything the engine makes to time kernels with is labelled so. */
const TIMING_LABEL = "timing:";

export async function startGpuLog(worker: Worker): Promise<void> {
  await worker.evaluate(wrapPrototypes, TIMING_LABEL);
}

/** @returns what was noted since the start; counts and compiling since the last reading. */
export function readGpuLog(worker: Worker): Promise<GpuLog> {
  return worker.evaluate(() => (globalThis as unknown as { takeGpuLog: () => GpuLog }).takeGpuLog());
}

/** Runs in the worker: it can use nothing of this module. */
function wrapPrototypes(timingLabel: string): void {
  const now = () => performance.timeOrigin + performance.now();
  const none = (): GpuCounts => ({
    dispatches: 0,
    submits: 0,
    buffers: 0,
    bindGroups: 0,
    pipelines: 0,
    bytesRead: 0,
  });
  let counts = none();
  let compiled: Compiled[] = [];
  let timing: { begun: number; ended: number } | undefined;
  let stages: Record<string, number> = {};
  const living = new Map<GPUBuffer, { readonly label: string; readonly size: number }>();
  const codes = new WeakMap<GPUShaderModule, string>();
  let liveBytes = 0;
  let peakBytes = 0;
  interface Compiling {
    readonly args: [GPUComputePipelineDescriptor];
  }
  const isTiming = ({ label }: { readonly label: string }) => label.startsWith(timingLabel);

  const after = <T extends object>(prototype: T, name: keyof T & string, tell: (a: never, result: never) => void) => {
    const original = prototype[name] as (...args: unknown[]) => unknown;
    const wrapped = function (this: unknown, ...args: unknown[]) {
      const result = original.apply(this, args);
      tell({ args, self: this } as never, result as never);
      return result;
    };
    Object.defineProperty(prototype, name, { value: wrapped, configurable: true, writable: true });
  };

  after(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => counts.dispatches++);
  after(GPUComputePassEncoder.prototype, "dispatchWorkgroupsIndirect", () => counts.dispatches++);
  after(GPUQueue.prototype, "submit", () => counts.submits++);
  after(GPUDevice.prototype, "createBindGroup", () => counts.bindGroups++);
  after(GPUDevice.prototype, "createBuffer", (_call, buffer: GPUBuffer) => {
    counts.buffers++;
    const { label, size } = buffer;
    living.set(buffer, { label, size });
    liveBytes += size;
    peakBytes = Math.max(peakBytes, liveBytes);
    if (isTiming(buffer)) timing ??= { begun: now(), ended: NaN };
  });
  after(GPUBuffer.prototype, "destroy", ({ self }: { self: GPUBuffer }) => {
    liveBytes -= living.get(self)?.size ?? 0;
    living.delete(self);
    if (timing !== undefined && isTiming(self)) timing.ended = now();
  });
  after(GPUBuffer.prototype, "mapAsync", ({ args, self }: { args: [number, number?, number?]; self: GPUBuffer }) => {
    const [mode, offset = 0, size = self.size - offset] = args;
    if (mode === GPUMapMode.READ) counts.bytesRead += size;
  });
  after(
    GPUDevice.prototype,
    "createShaderModule",
    ({ args }: { args: [{ code: string }] }, module: GPUShaderModule) => {
      codes.set(module, args[0].code);
    },
  );
  after(GPUDevice.prototype, "createComputePipeline", () => counts.pipelines++);
  after(GPUDevice.prototype, "createComputePipelineAsync", ({ args }: Compiling, result: Promise<unknown>) => {
    counts.pipelines++;
    const { label = "", compute } = args[0];
    const code = codes.get(compute.module) ?? "";
    const isCandidate = stages["loading"] === undefined;
    const one = { label, code, entryPoint: compute.entryPoint ?? "main", begun: now(), ended: NaN, isCandidate };
    compiled.push(one);
    const end = () => (one.ended = now());
    result.then(end, end);
  });

  const post = self.postMessage.bind(self) as (message: unknown) => void;
  self.postMessage = (message: unknown) => {
    const { event } = message as { readonly event?: { readonly stage?: string } };
    if (event?.stage !== undefined) stages[event.stage] ??= now();
    post(message);
  };

  Object.assign(globalThis, {
    takeGpuLog(): GpuLog {
      const bytes: Record<string, number> = {};
      for (const { label, size } of living.values()) bytes[label] = (bytes[label] ?? 0) + size;
      const log = { counts, bytes, peakBytes, compiled, timing, stages };
      [counts, compiled, timing, stages, peakBytes] = [none(), [], undefined, {}, liveBytes];
      return log;
    },
  });
}
