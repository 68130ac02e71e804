import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compile, openGpu, withBuffers } from "../../src/engine/wgsl/gpu/gpu";
import { fakeAdapter, fakeGpu } from "../fixtures/fake-browser";

/** An adapter whose device is lost when the test says so. */
function openable(features: readonly string[] = []) {
  let lose: (info: { message: string }) => void = () => undefined;
  const device = { lost: new Promise((resolve) => (lose = resolve)) };
  const requestDevice = vi.fn<(descriptor: GPUDeviceDescriptor) => Promise<object>>(() => Promise.resolve(device));
  const adapter = fakeAdapter({ features: new Set(features), ...{ requestDevice } });
  const requestAdapter = vi.fn<(options?: GPURequestAdapterOptions) => Promise<GPUAdapter>>(() =>
    Promise.resolve(adapter),
  );
  return {
    api: fakeGpu(requestAdapter),
    requestAdapter,
    requestDevice,
    device,
    lose: (info: { message: string }) => lose(info),
  };
}

describe("openGpu", () => {
  it("opens the high-performance adapter's device", async () => {
    const { api, device, requestAdapter } = openable();
    expect((await openGpu(api)).device).toBe(device);
    expect(requestAdapter.mock.calls).toEqual([[{ powerPreference: "high-performance" }]]);
  });

  it.each([
    { features: ["timestamp-query", "shader-f16"], hasF16: true, requiredFeatures: ["shader-f16"] },
    { features: ["timestamp-query"], hasF16: false, requiredFeatures: [] },
    { features: ["subgroups"], hasF16: false, requiredFeatures: ["subgroups"] },
  ])("asks an adapter with $features for $requiredFeatures", async ({ features, hasF16, requiredFeatures }) => {
    const { api, requestDevice } = openable(features);
    expect((await openGpu(api)).hasF16).toBe(hasF16);
    expect(requestDevice.mock.calls).toEqual([[{ requiredFeatures }]]);
  });

  it.each([
    ["The driver was reset.", "The GPU was lost: The driver was reset."],
    ["", "The GPU was lost: the browser gave no reason"],
  ])("says how the device was lost: %j", async (message, said) => {
    const { api, lose } = openable();
    const { lost } = await openGpu(api);
    lose({ message });
    expect(await lost).toMatchObject({ name: "IngleError", code: "device-lost", message: said });
  });

  it("rejects where there is no WebGPU", async () => {
    await expect(openGpu(undefined)).rejects.toMatchObject({ name: "IngleError", code: "device-unavailable" });
  });

  it("rejects where there is no adapter", async () => {
    const opening = openGpu(fakeGpu(() => Promise.resolve(null)));
    await expect(opening).rejects.toMatchObject({
      code: "device-unavailable",
      message: "This browser offers no GPU.",
    });
  });

  it("rejects where the adapter or the device is refused, with the browser's words", async () => {
    const cause = new DOMException("Out of adapters.", "OperationError");
    const refused = { name: "IngleError", code: "device-unavailable", cause };
    const message = "The GPU could not be opened: Out of adapters.";
    await expect(openGpu(fakeGpu(() => Promise.reject(cause)))).rejects.toMatchObject({ ...refused, message });

    const { api, requestDevice } = openable();
    requestDevice.mockRejectedValue(cause);
    await expect(openGpu(api)).rejects.toMatchObject({ ...refused, message });
  });
});

describe("withBuffers", () => {
  let destroyed: string[];
  const buffer = (label: string) => ({ label, destroy: () => void destroyed.push(label) }) as unknown as GPUBuffer;
  beforeEach(() => void (destroyed = []));

  it("gives what the work gives, and destroys the buffers only once it has ended", async () => {
    const given = await withBuffers(async (keep) => {
      const kept = keep(buffer("a"));
      keep(buffer("b"));
      await Promise.resolve();
      expect(destroyed).toEqual([]);
      return kept.label;
    });
    expect(given).toBe("a");
    expect(destroyed.sort()).toEqual(["a", "b"]);
  });

  it("destroys them when the work fails, and passes on what was thrown", async () => {
    const thrown = new Error("no");
    const work = withBuffers(async (keep) => {
      keep(buffer("a"));
      await Promise.resolve();
      keep(buffer("b"));
      throw thrown;
    });
    await expect(work).rejects.toBe(thrown);
    expect(destroyed.sort()).toEqual(["a", "b"]);
  });

  it("destroys those that were made when making the next one fails at once", async () => {
    const thrown = new RangeError("too large");
    const make = (label: string): GPUBuffer => {
      if (label === "b") throw thrown;
      return buffer(label);
    };
    const work = withBuffers((keep) => Promise.resolve(["a", "b", "c"].map((label) => keep(make(label)))));
    await expect(work).rejects.toBe(thrown);
    expect(destroyed).toEqual(["a"]);
  });
});

describe("compile", () => {
  const pipeline = { label: "sum" } as GPUComputePipeline;
  const createShaderModule = vi.fn<(descriptor: GPUShaderModuleDescriptor) => GPUShaderModule>(() => shaderModule);
  const createComputePipelineAsync = vi.fn<(descriptor: GPUComputePipelineDescriptor) => Promise<GPUComputePipeline>>(
    () => Promise.resolve(pipeline),
  );
  const scopes: string[] = [];
  const device = {
    createShaderModule,
    createComputePipelineAsync,
    pushErrorScope: (filter: string) => scopes.push(filter),
    popErrorScope: () => Promise.resolve(scopes.pop()),
  } as unknown as GPUDevice;
  let messages: { lineNum: number; message: string }[] = [];
  const shaderModule = { getCompilationInfo: () => Promise.resolve({ messages }) } as unknown as GPUShaderModule;
  afterEach(() => void vi.clearAllMocks());

  it("joins the parts, each on lines of its own, and compiles their main", async () => {
    expect(await compile(device, "sum", "const N = 4;", "@compute fn main() {}")).toBe(pipeline);
    expect(createShaderModule.mock.calls).toEqual([[{ label: "sum", code: "const N = 4;\n@compute fn main() {}" }]]);
    expect(createComputePipelineAsync.mock.calls[0]?.[0]).toMatchObject({
      compute: { module: shaderModule, entryPoint: "main" },
    });
  });

  it("rejects with the compiler's messages and their lines", async () => {
    const cause = new Error("Pipeline creation failed.");
    createComputePipelineAsync.mockRejectedValueOnce(cause);
    messages = [
      { lineNum: 3, message: "unresolved value 'n'" },
      { lineNum: 12, message: "expected ';'" },
    ];
    await expect(compile(device, "sum", "")).rejects.toMatchObject({
      name: "IngleError",
      code: "gpu-validation",
      message: "The kernel sum does not compile here. line 3: unresolved value 'n'; line 12: expected ';'",
      cause,
    });
  });

  it("rejects with the pipeline's words where the compiler has none", async () => {
    createComputePipelineAsync.mockRejectedValueOnce(new Error("Too many bindings."));
    messages = [];
    await expect(compile(device, "sum", "")).rejects.toMatchObject({
      code: "gpu-validation",
      message: "The kernel sum does not compile here. Too many bindings.",
    });
  });
});
