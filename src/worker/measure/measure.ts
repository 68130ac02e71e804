/** Takes one measurement by name, under its own cap, and turns whatever goes wrong into a reason. */
import { guarded, type Gpu } from "../../engine/wgsl/gpu/gpu";
import { known, unknown, unknownBecause, type Fact, type Measurement, type MeasurementName } from "../../probe/report";
import { throwIfAborted } from "../../shared/errors";
import { milliseconds } from "../../shared/units";
import { measureDispatchCost } from "./dispatch-cost";
import { measureReadBandwidth } from "./read-bandwidth";
import { measureReadbackLatency } from "./readback-latency";
import type { MeasureOptions } from "./sample";
import { measureThroughput } from "./throughput";
import { measureUploadRate } from "./upload-rate";

const CAP = milliseconds(1500);

const METHODS: Readonly<Record<MeasurementName, (gpu: Gpu, options: MeasureOptions) => Promise<Measurement>>> = {
  readBandwidth: measureReadBandwidth,
  f32Throughput: (gpu, options) => measureThroughput(gpu, "f32", options),
  f16Throughput: (gpu, options) => measureThroughput(gpu, "f16", options),
  uploadRate: measureUploadRate,
  dispatchCost: measureDispatchCost,
  readbackLatency: measureReadbackLatency,
};

export async function measure(name: MeasurementName, gpu: Gpu, signal: AbortSignal): Promise<Fact<Measurement>> {
  if (name === "f16Throughput" && !gpu.hasF16) {
    return unknown("unsupported", "This adapter does not offer shader-f16.");
  }
  try {
    throwIfAborted(signal); // it may have waited in the queue
    return known(await guarded(gpu, "The measurement", () => METHODS[name](gpu, { cap: CAP, signal })));
  } catch (thrown) {
    return unknownBecause(thrown);
  }
}
