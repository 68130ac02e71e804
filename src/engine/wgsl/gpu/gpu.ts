/** The device and what every kernel needs of it: pipelines, buffers, waiting. Knows nothing of models. */
import { withDeadline } from "../../../shared/deadline";
import { IngleError, messageOf } from "../../../shared/errors";
import { milliseconds } from "../../../shared/units";

/** How long after its first signs the browser may take to say that the device is lost. */
const LOSS_LIMIT = milliseconds(1000);

export interface Gpu {
  readonly device: GPUDevice;
  /** Whether kernels may use f16 arithmetic ("shader-f16"). */
  readonly hasF16: boolean;
  /** Whether kernels may use subgroup operations ("subgroups"). */
  readonly hasSubgroups: boolean;
  /** What the browser tells of the adapter, as one text: what was measured on one holds for another of the same. */
  readonly adapterName: string;
  /** Resolves when the device is lost, with the error that whatever waits for it should end with. */
  readonly lost: Promise<IngleError>;
  /** What went wrong outside any error scope since this was last asked, if anything. */
  takeFault?(): IngleError | undefined;
}

/**
 * Opens the high-performance adapter's device at WebGPU's default limits.
 *
 * @throws IngleError "device-unavailable"
 */
export async function openGpu(api: GPU | undefined): Promise<Gpu> {
  if (api === undefined) throw new IngleError("device-unavailable", "WebGPU is not offered in this worker.");
  try {
    const adapter = await api.requestAdapter({ powerPreference: "high-performance" });
    if (adapter === null) throw new IngleError("device-unavailable", "This browser offers no GPU.");
    const hasF16 = adapter.features.has("shader-f16");
    const hasSubgroups = adapter.features.has("subgroups");
    const device = await adapter.requestDevice({
      requiredFeatures: [...(hasF16 ? ["shader-f16" as const] : []), ...(hasSubgroups ? ["subgroups" as const] : [])],
    });
    const lost = device.lost.then(
      ({ message }) => new IngleError("device-lost", `The GPU was lost: ${message || "the browser gave no reason"}`),
    );
    let fault: IngleError | undefined;
    device.onuncapturederror = ({ error }) => {
      fault ??= new IngleError("gpu-validation", `The GPU refused its work: ${error.message}`);
    };
    const takeFault = () => {
      const taken = fault;
      fault = undefined;
      return taken;
    };
    return { device, hasF16, hasSubgroups, adapterName: nameOf(adapter), lost, takeFault };
  } catch (cause) {
    if (cause instanceof IngleError) throw cause;
    throw new IngleError("device-unavailable", `The GPU could not be opened: ${messageOf(cause)}`, { cause });
  }
}

function nameOf({ info }: { readonly info?: GPUAdapterInfo }): string {
  const { vendor = "", architecture = "", device = "", description = "" } = info ?? {};
  return [vendor, architecture, device, description].join("/");
}

/**
 * Runs GPU work and waits for it, so that nothing hangs and no error is lost: validation errors, out of memory and
 * a lost device all reject.
 */
export async function guarded<T>(gpu: Gpu, what: string, work: () => Promise<T>): Promise<T> {
  const { device, lost } = gpu;
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const outcome = await untilLost(lost, settle(work)).then(
    (value) => ({ value }),
    (thrown: unknown) => ({ thrown }),
  );
  const [validation, memory] = await popErrorScopes(gpu);
  // What the GPU says comes first: what was thrown is often only its consequence.
  if (memory) throw new IngleError("gpu-out-of-memory", `${what}: the GPU has too little memory. ${memory.message}`);
  if (validation) throw new IngleError("gpu-validation", `${what}: ${validation.message}`);
  if ("thrown" in outcome) throw outcome.thrown;
  return outcome.value;
}

interface Waits {
  readonly rejects: Set<(error: IngleError) => void>;
  /** Once it is lost. */
  error: IngleError | undefined;
}

/** Who waits for what a device does, by its `lost`. */
const waiting = new WeakMap<Promise<IngleError>, Waits>();

function waitsOf(lost: Promise<IngleError>): Waits {
  const known = waiting.get(lost);
  if (known !== undefined) return known;
  const waits: Waits = { rejects: new Set(), error: undefined };
  void lost.then((error) => {
    waits.error = error;
    waits.rejects.forEach((reject) => reject(error));
  });
  waiting.set(lost, waits);
  return waits;
}

/**
 * `Promise.race` with a promise that lives as long as the device would keep every result until then: so waits are
 * entered here, and taken out when they end.
 */
function untilLost<T>(lost: Promise<IngleError>, work: Promise<T>): Promise<T> {
  const { rejects, error } = waitsOf(lost);
  return new Promise((resolve, reject) => {
    if (error !== undefined) reject(error);
    rejects.add(reject);
    work.then(resolve, reject).finally(() => rejects.delete(reject));
  });
}

/** Work that is given to a lost device neither fails nor ends. @throws IngleError "device-lost", where that is known. */
export function throwIfLost({ lost }: Pick<Gpu, "lost">): void {
  const { error } = waitsOf(lost);
  if (error !== undefined) throw error;
}

/** So that work which throws at once rejects like any other, and the scopes are popped. */
async function settle<T>(work: () => Promise<T>): Promise<T> {
  return work();
}

/** The inner scope, then the outer. @throws IngleError "device-lost" */
async function popErrorScopes({ device, lost }: Gpu): Promise<[GPUError | null, GPUError | null]> {
  try {
    const popped = Promise.all([device.popErrorScope(), device.popErrorScope()]);
    return await untilLost(lost, popped);
  } catch (cause) {
    // Scopes reject when the GPU process died, a moment before `lost` tells.
    throw await withDeadline(lost, LOSS_LIMIT, "The GPU").catch(
      () => new IngleError("device-lost", "The GPU was lost.", { cause }),
    );
  }
}

/**
 * Joins the parts of a WGSL module and compiles its entry point `main`. WGSL is order-independent, so the parts
 * (a prelude of `const` and `alias` lines, decoders, the kernel) need no preprocessor.
 *
 * @throws IngleError "gpu-validation" with the compiler's messages.
 */
export async function compile(device: GPUDevice, label: string, ...parts: string[]): Promise<GPUComputePipeline> {
  // In a scope of its own: a kernel that does not compile is this function's to tell, not the work's around it.
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ label, code: parts.join("\n") });
  void device.popErrorScope().catch(() => null);
  try {
    return await device.createComputePipelineAsync({ label, layout: "auto", compute: { module, entryPoint: "main" } });
  } catch (cause) {
    const { messages } = await module.getCompilationInfo().catch(() => ({ messages: [] }));
    const said = messages.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join("; ");
    throw new IngleError("gpu-validation", `The kernel ${label} does not compile here. ${said || messageOf(cause)}`, {
      cause,
    });
  }
}

/** A storage buffer, filled from `data` or empty. Sizes are multiples of 4 bytes, as WebGPU wants them. */
export function storageBuffer(device: GPUDevice, label: string, data: ArrayBufferView | number): GPUBuffer {
  const size = typeof data === "number" ? data : data.byteLength;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
  if (typeof data === "number") return device.createBuffer({ label, size, usage });
  const buffer = device.createBuffer({ label, size, usage, mappedAtCreation: true });
  new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  buffer.unmap();
  return buffer;
}

/** Runs work with buffers that are destroyed when it ends, whichever way: each is handed to `keep` once made. */
export async function withBuffers<T>(work: (keep: (buffer: GPUBuffer) => GPUBuffer) => Promise<T>): Promise<T> {
  const kept: GPUBuffer[] = [];
  try {
    return await work((buffer) => {
      kept.push(buffer);
      return buffer;
    });
  } finally {
    for (const buffer of kept) buffer.destroy();
  }
}

export function bind(device: GPUDevice, pipeline: GPUComputePipeline, buffers: readonly GPUBuffer[]): GPUBindGroup {
  return device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
}

/** Encodes one compute pass and submits it. */
export function submit(device: GPUDevice, encode: (pass: GPUComputePassEncoder) => void): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  encode(pass);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

/** Reads a buffer's content back, [bytes]. */
export async function readBack(device: GPUDevice, buffer: GPUBuffer): Promise<ArrayBuffer> {
  const staging = device.createBuffer({
    label: `${buffer.label} read back`,
    size: buffer.size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}

/**
 * Waits for something the GPU is to do: a lost device ends the wait within a second, with its error.
 *
 * @throws IngleError "device-lost"; whatever `work` rejects with.
 */
export async function waitForGpu<T>({ lost }: Pick<Gpu, "lost">, work: Promise<T>): Promise<T> {
  try {
    return await untilLost(lost, work);
  } catch (thrown) {
    if (thrown instanceof IngleError) throw thrown;
    // A mapping is aborted a moment before `lost` tells why.
    throw await withDeadline(lost, LOSS_LIMIT, "The GPU").catch(() => thrown);
  }
}

/** Ends what the GPU refused outside any error scope. @throws IngleError "gpu-validation" */
export function throwFault({ takeFault }: Gpu): void {
  const fault = takeFault?.();
  if (fault) throw fault;
}
