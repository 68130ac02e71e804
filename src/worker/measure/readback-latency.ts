import { bind, compile, readBack, storageBuffer, submit, withBuffers, type Gpu } from "../../engine/wgsl/gpu/gpu";
import type { Measurement } from "../../probe/report";
import kernelSource from "./count.wgsl?raw";
import { mapSpread, sampleRate, timed, type MeasureOptions } from "./sample";

/** A sample of many round trips, because a browser's clock may step by a whole millisecond. */
const MAX_ROUND_TRIPS = 256;

/** ms from submitting a tiny dispatch until its result lies in JavaScript's memory. */
export async function measureReadbackLatency({ device }: Gpu, options: MeasureOptions): Promise<Measurement> {
  const pipeline = await compile(device, "count", kernelSource);
  return withBuffers(async (keep) => {
    const counter = keep(storageBuffer(device, "latency counter", 4));
    const group = bind(device, pipeline, [counter]);
    const roundTripsPerMillisecond = await sampleRate({
      ...options,
      firstAmount: 1,
      maxAmount: MAX_ROUND_TRIPS,
      run: (roundTrips) =>
        timed(async () => {
          for (let i = 0; i < roundTrips; i++) {
            submit(device, (pass) => {
              pass.setPipeline(pipeline);
              pass.setBindGroup(0, group);
              pass.dispatchWorkgroups(1);
            });
            await readBack(device, counter);
          }
        }),
    });
    return mapSpread(roundTripsPerMillisecond, (roundTrips) => 1 / roundTrips);
  });
}
