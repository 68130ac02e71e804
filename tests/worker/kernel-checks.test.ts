import { beforeEach, describe, expect, it, vi } from "vitest";
import { known, unknown } from "../../src/probe/report";
import { checkKernels } from "../../src/worker/kernel-checks";
import { fakeGpu, type FakeGpu } from "../engine/fake-device";

const PASSED = { maxError: 0, maxErrorOverBound: 0.1, outputs: 3, verdict: "pass" as const };

// In the place of the engine's own list, so that a test can say how each kernel fares.
const kernels = vi.hoisted(() => ({ first: vi.fn(), second: vi.fn(), third: vi.fn() }));
vi.mock("../../src/engine/wgsl/kernels/checks", () => ({ KERNEL_CHECKS: kernels }));

let gpu: FakeGpu;
const neverStopped = new AbortController().signal;

beforeEach(() => {
  gpu = fakeGpu();
  for (const kernel of Object.values(kernels)) kernel.mockReset().mockResolvedValue(PASSED);
});

describe("checkKernels", () => {
  it("runs every kernel on this GPU, and reports them in order", async () => {
    expect(await checkKernels(gpu, neverStopped)).toEqual(
      ["first", "second", "third"].map((kernel) => ({ kernel, result: known(PASSED) })),
    );
    for (const kernel of Object.values(kernels)) expect(kernel.mock.calls).toEqual([[gpu]]);
  });

  it("reports what can't run as failed, and runs the next", async () => {
    kernels.first.mockRejectedValue(new TypeError("no buffer"));
    kernels.second.mockImplementation(() => {
      gpu.raise("validation", "The binding is too small.");
      return Promise.resolve(PASSED);
    });
    expect(await checkKernels(gpu, neverStopped)).toEqual([
      { kernel: "first", result: unknown("failed", "no buffer") },
      { kernel: "second", result: unknown("failed", "second: The binding is too small.") },
      { kernel: "third", result: known(PASSED) },
    ]);
    expect(gpu.scopes).toEqual([]);
  });

  it("runs one at a time, each within scopes of its own", async () => {
    const depths: number[] = [];
    for (const kernel of Object.values(kernels)) {
      kernel.mockImplementation(async () => {
        await new Promise((resolve) => setTimeout(resolve));
        depths.push(gpu.scopes.length);
        return PASSED;
      });
    }
    await checkKernels(gpu, neverStopped);
    expect(depths).toEqual([2, 2, 2]);
  });

  it("stops between kernels", async () => {
    const controller = new AbortController();
    kernels.first.mockImplementation(() => {
      controller.abort();
      return Promise.resolve(PASSED);
    });
    await expect(checkKernels(gpu, controller.signal)).rejects.toMatchObject({ name: "IngleError", code: "aborted" });
    expect(kernels.second).not.toHaveBeenCalled();
    expect(gpu.scopes).toEqual([]);
  });

  it("runs none where the stop came first", async () => {
    await expect(checkKernels(gpu, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
    expect(kernels.first).not.toHaveBeenCalled();
  });
});
