import { expect } from "vitest";
import { guarded, openGpu, type Gpu } from "../../../src/engine/wgsl/gpu/gpu";
import type { Comparison } from "../../../src/engine/wgsl/kernels/compare";

/** A device with what WebGPU promises everywhere, and no more. */
export async function openPlainGpu(): Promise<Gpu> {
  const gpu = await openGpu(navigator.gpu);
  const { maxStorageBuffersPerShaderStage, maxComputeWorkgroupStorageSize, maxStorageBufferBindingSize } =
    gpu.device.limits;
  expect(maxStorageBuffersPerShaderStage).toBe(8);
  expect(maxComputeWorkgroupStorageSize).toBe(16_384);
  expect(maxStorageBufferBindingSize).toBe(128 * 2 ** 20);
  return gpu;
}

export async function expectAgreement(gpu: Gpu, check: (gpu: Gpu) => Promise<Comparison>): Promise<void> {
  const result = await guarded(gpu, "check", () => check(gpu));
  console.log(`ratio ${result.maxErrorOverBound.toFixed(4)} ${expect.getState().currentTestName}`);
  expect(result, JSON.stringify(result)).toMatchObject({ verdict: "pass" });
  // f32 can't equal double everywhere, unless nothing was compared.
  expect(result.maxError).toBeGreaterThan(0);
}
