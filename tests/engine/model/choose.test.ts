import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ModelFile } from "../../../src/engine/wgsl/formats/model-file";
import type { Gpu } from "../../../src/engine/wgsl/gpu/gpu";
import { PLAIN_CHOICE, type KernelChoice } from "../../../src/engine/wgsl/model/choice";
import { chooseKernels, type ChoiceMemory } from "../../../src/engine/wgsl/model/choose";
import { fakeGpu } from "../fake-device";
import { modelOf } from "./tensors";

interface Shaped {
  readonly shape: { readonly kind?: string; readonly queries?: number; readonly workgroup?: number };
}

interface Kernels {
  compiled: Shaped["shape"][];
  ms: (shape: Shaped["shape"], tokens: number) => number;
  compiles: (shape: Shaped["shape"]) => boolean;
  /** Whether it agrees with its CPU twin. */
  isRight: (shape: Shaped["shape"]) => boolean;
  compileMs: number;
  now: number;
  owed: number;
}

const defaults = vi.hoisted(() => (): Kernels => ({
  compiled: [],
  ms: () => 10,
  compiles: () => true,
  isRight: () => true,
  compileMs: 0,
  now: 0,
  owed: 0,
}));

/** What kernels take and whether they compile, as the test says; the clock moves by nothing else. */
const kernels = vi.hoisted(() => defaults());

const compileFake = vi.hoisted(() => (_device: unknown, { shape, quads = 1 }: Shaped & { quads?: number }) => {
  kernels.now += kernels.compileMs;
  if (!kernels.compiles(shape)) return Promise.reject(new Error("It does not compile here."));
  kernels.compiled.push(shape);
  const encode = (_pass: unknown, _group: unknown, tokens: number, own = quads) => {
    kernels.owed += kernels.ms(shape, tokens) * (own / quads);
  };
  return Promise.resolve({ bind: () => ({}), encode });
});

vi.mock("../../../src/engine/wgsl/kernels/linear/linear", () => ({ compileLinear: compileFake }));
vi.mock("../../../src/engine/wgsl/kernels/attention/attention", () => ({ compileAttention: compileFake }));
vi.mock("../../../src/engine/wgsl/model/kernel-proof", () => ({
  KernelProof: class {
    readonly decode = (shape: Shaped["shape"]) => Promise.resolve(kernels.isRight(shape));
    readonly prefill = this.decode;
    readonly attention = this.decode;
  },
}));

beforeEach(() => {
  Object.assign(kernels, defaults());
  vi.stubGlobal("GPUBufferUsage", { STORAGE: 128, UNIFORM: 64, COPY_DST: 8, COPY_SRC: 4 });
  vi.spyOn(performance, "now").mockImplementation(() => kernels.now);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function gpuOf(change: { hasSubgroups?: boolean; adapterName?: string } = {}) {
  const gpu = fakeGpu();
  const live = new Set<unknown>();
  const device = {
    pushErrorScope: (kind: GPUErrorFilter) => gpu.device.pushErrorScope(kind),
    popErrorScope: () => gpu.device.popErrorScope(),
    createBuffer() {
      const buffer = { destroy: () => live.delete(buffer) };
      live.add(buffer);
      return buffer;
    },
    createCommandEncoder: () => ({ beginComputePass: () => ({ end: () => undefined }), finish: () => ({}) }),
    queue: {
      submit: () => undefined,
      writeBuffer: () => undefined,
      onSubmittedWorkDone() {
        kernels.now += 0.1 + kernels.owed;
        kernels.owed = 0;
        return Promise.resolve();
      },
    },
  } as unknown as GPUDevice;
  return { ...gpu, ...change, device, live };
}

function memoryOf(content = new Map<string, unknown>()) {
  const get = vi.fn((key: string) => Promise.resolve(content.get(key)));
  const set = vi.fn((key: string, choice: KernelChoice) => Promise.resolve(void content.set(key, choice)));
  return { content, get, set } satisfies ChoiceMemory & { content: unknown };
}

const file = modelOf();
const never = new AbortController().signal;

function choose(gpu: Gpu, model: ModelFile, kv: "f16" | "f32", memory: ChoiceMemory, signal = never) {
  return chooseKernels(gpu, model, { kv, memory, signal });
}

describe("a choice", () => {
  it("is of the fastest of each kind, and gives back what it was timed with", async () => {
    kernels.ms = ({ kind, queries, workgroup }) =>
      kind === "tree" || kind === "shared" || (queries === 1 && workgroup === 64) ? 3 : 8;
    const gpu = gpuOf();
    const choice = await choose(gpu, file, "f16", memoryOf());
    expect(choice).toEqual({
      decode: { kind: "tree", lanes: 16, workgroup: 64 },
      prefill: { kind: "shared" },
      decodeAttention: { queries: 1, workgroup: 64 },
      prefillAttention: { queries: 1, workgroup: 64 },
    });
    expect(gpu.live.size).toBe(0);
    expect(gpu.scopes).toEqual([]);
  });

  it.each([
    ["takes the same attention for both where decoding's own is hardly faster", 1.8, 64],
    ["takes decoding's own where that is faster by more", 1.6, 16],
  ])("%s", async (_what, own, workgroup) => {
    kernels.ms = (shape, tokens) => {
      if (shape.kind !== undefined) return 1; // a product's
      const isPrefills = shape.queries === 4 && shape.workgroup === 64;
      if (tokens > 1) return (isPrefills ? 0.02 : 0.06) * tokens;
      if (shape.queries === 4 && shape.workgroup === 16) return own;
      return isPrefills ? 2 : 6;
    };
    const choice = await choose(gpuOf(), file, "f16", memoryOf());
    expect(choice.prefillAttention).toEqual({ queries: 4, workgroup: 64 });
    expect(choice.decodeAttention).toEqual({ queries: 4, workgroup });
  });

  it("leaves out what does not compile here, and subgroups where there are none", async () => {
    kernels.ms = ({ kind }) => (kind === "tree" || kind === "subgroup" ? 1 : 8);
    kernels.compiles = ({ kind }) => kind !== "tree";
    expect((await choose(gpuOf(), file, "f16", memoryOf())).decode.kind).toBe("rows");
    expect(kernels.compiled.map(({ kind }) => kind)).not.toContain("subgroup");
    const choice = await choose(gpuOf({ hasSubgroups: true }), file, "f16", memoryOf());
    expect(choice.decode.kind).toBe("subgroup");
  });

  it("is of the fastest that computes rightly here, and refused where none does", async () => {
    kernels.ms = ({ kind }) => (kind === "tree" ? 1 : 8);
    kernels.isRight = ({ kind }) => kind !== "tree";
    const memory = memoryOf();
    expect((await choose(gpuOf(), file, "f16", memory)).decode.kind).toBe("rows");
    kernels.isRight = ({ kind }) => kind !== "rows" && kind !== "tree";
    memory.content.clear();
    await expect(choose(gpuOf(), file, "f16", memory)).rejects.toMatchObject({ code: "gpu-wrong" });
    expect(memory.content.size).toBe(0);
  });

  it("that is stopped is not kept", async () => {
    const memory = memoryOf();
    const choosing = choose(gpuOf(), file, "f16", memory, AbortSignal.abort());
    await expect(choosing).rejects.toMatchObject({ code: "aborted" });
    expect(memory.content.size).toBe(0);
  });

  it("is refused where not even the plain form compiles", async () => {
    kernels.compiles = () => false;
    const gpu = gpuOf();
    await expect(choose(gpu, file, "f16", memoryOf())).rejects.toThrow("does not compile");
    expect(gpu.live.size).toBe(0);
  });

  it("is the plain one where compiling takes for ever: the first of each kind, and no more", async () => {
    kernels.compileMs = 10_000;
    expect(await choose(gpuOf(), file, "f16", memoryOf())).toEqual(PLAIN_CHOICE);
    expect(kernels.compiled).toHaveLength(3);
  });

  it("tries no shared tile where all trees were hopeless", async () => {
    kernels.ms = ({ kind }) => (kind === "tree" ? 4000 : kind === "shared" ? 0.1 : 20);
    const choice = await choose(gpuOf(), file, "f16", memoryOf());
    expect(choice.prefill).toEqual(PLAIN_CHOICE.prefill);
    expect(kernels.compiled.map(({ kind }) => kind)).not.toContain("shared");
  });
});

describe("memory", () => {
  it("of a choice saves timing, for the same adapter and the same kind of model", async () => {
    const memory = memoryOf();
    kernels.ms = ({ kind }) => (kind === "tree" ? 1 : 8);
    const choice = await choose(gpuOf(), file, "f16", memory);
    expect(memory.set).toHaveBeenCalledOnce();
    const before = kernels.compiled.length;
    expect(await choose(gpuOf(), modelOf({ layers: 5 }), "f16", memory)).toEqual(choice);
    expect(kernels.compiled).toHaveLength(before);
    expect(memory.set).toHaveBeenCalledOnce();
  });

  it("is of another adapter, type, shape or cache: not used", async () => {
    const memory = memoryOf();
    await choose(gpuOf(), file, "f16", memory);
    await choose(gpuOf({ adapterName: "another" }), file, "f16", memory);
    await choose(gpuOf(), modelOf({}, { type: "q4_0" }), "f16", memory);
    await choose(gpuOf(), modelOf({ width: 512 }), "f16", memory);
    await choose(gpuOf(), modelOf({ headDim: 32 }), "f16", memory);
    await choose(gpuOf(), file, "f32", memory);
    expect(memory.content.size).toBe(6);
  });

  it.each([
    undefined,
    null,
    "garbage",
    {},
    [],
    { ...PLAIN_CHOICE, decode: undefined },
    { ...PLAIN_CHOICE, decode: { kind: "rows", quadsPerThread: 1e9, workgroup: 64 } },
    { ...PLAIN_CHOICE, prefill: PLAIN_CHOICE.decode },
    { ...PLAIN_CHOICE, decodeAttention: { queries: 4, workgroup: -1 } },
    { ...PLAIN_CHOICE, prefillAttention: "shared" },
  ])("of %j is not used, and written over", async (garbage) => {
    const memory = memoryOf();
    memory.get.mockResolvedValue(garbage);
    const choice = await choose(gpuOf(), file, "f16", memory);
    expect(kernels.compiled.length).toBeGreaterThan(3);
    expect([...memory.content.values()]).toEqual([choice]);
  });

  it("that can't be had or kept is done without", async () => {
    const refuse = () => Promise.reject(new DOMException("No.", "SecurityError"));
    kernels.ms = ({ kind }) => (kind === "tree" ? 1 : 8);
    const choice = await choose(gpuOf(), file, "f16", { get: refuse, set: refuse });
    expect(choice.decode.kind).toBe("tree");
  });
});
