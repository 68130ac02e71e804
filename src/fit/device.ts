/** What fit needs to know of a device, out of its capability report. What a report does not say stays unknown. */
import { isKnown, valueOf, type CapabilityReport, type Fact } from "../probe/report";

/** WebGPU's own, which every adapter has at least: https://www.w3.org/TR/webgpu/#limits */
export const DEFAULT_LIMITS = {
  maxBufferSize: 268_435_456,
  maxStorageBufferBindingSize: 134_217_728,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16_384,
} as const;

export type FitLimit = keyof typeof DEFAULT_LIMITS;

export interface FitDevice {
  readonly hasWebGpu: boolean;
  readonly hasF16: boolean;
  /** Whether the adapter is computed on the processor. */
  readonly isSoftware: boolean;
  /** The default where the report does not say. */
  readonly limits: Readonly<Record<FitLimit, number>>;
  /** [bytes/s] Undefined until it was measured. */
  readonly bandwidth: number | undefined;
  /** [s] of one dispatch. */
  readonly dispatchCost: number | undefined;
  /** [bytes] that the browser would still let this site keep. */
  readonly diskLeft: number | undefined;
}

export function deviceOf({ webgpu, adapters, measurements, storage }: CapabilityReport): FitDevice {
  const adapter = valueOf(adapters.highPerformance);
  const limits = (adapter && valueOf(adapter.limits)) ?? {};
  const features = (adapter && valueOf(adapter.features)) ?? [];
  const medianOf = (fact: Fact<{ readonly median: number }>) => valueOf(fact)?.median;
  const [bandwidth, dispatchCost] = [medianOf(measurements.readBandwidth), medianOf(measurements.dispatchCost)];
  const [quota, usage] = [valueOf(storage.quotaBytes), valueOf(storage.usageBytes)];
  const names = Object.keys(DEFAULT_LIMITS) as FitLimit[];
  return {
    // A report that does not say is of a device that may have it.
    hasWebGpu: isKnown(webgpu) || webgpu.reason.code === "not-recorded",
    hasF16: features.includes("shader-f16"),
    isSoftware: (adapter && valueOf(adapter.info))?.isFallbackAdapter ?? false,
    limits: Object.fromEntries(
      names.map((name) => [name, limits[name] ?? DEFAULT_LIMITS[name]]),
    ) as FitDevice["limits"],
    bandwidth: bandwidth === undefined ? undefined : bandwidth * 1e9,
    dispatchCost: dispatchCost === undefined ? undefined : dispatchCost / 1e6,
    diskLeft: quota === undefined || usage === undefined ? undefined : Math.max(quota - usage, 0),
  };
}
