import { bind, compile, storageBuffer, submit, withBuffers, type Gpu } from "../../engine/wgsl/gpu/gpu";
import type { Measurement } from "../../probe/report";
import kernelSource from "./count.wgsl?raw";
import { mapSpread, sampleRate, timed, type MeasureOptions } from "./sample";

/** µs for each of many dispatches in one pass, every one waiting for the one before. */
export async function measureDispatchCost({ device }: Gpu, options: MeasureOptions): Promise<Measurement> {
  const pipeline = await compile(device, "count", kernelSource);
  return withBuffers(async (keep) => {
    const counter = keep(storageBuffer(device, "dispatch counter", 4));
    const group = bind(device, pipeline, [counter]);
    const dispatchesPerMillisecond = await sampleRate({
      ...options,
      firstAmount: 16,
      maxAmount: 16_384,
      run: (dispatches) =>
        timed(() => {
          submit(device, (pass) => {
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, group);
            for (let i = 0; i < dispatches; i++) pass.dispatchWorkgroups(1);
          });
          return device.queue.onSubmittedWorkDone();
        }),
    });
    return mapSpread(dispatchesPerMillisecond, (dispatches) => 1000 / dispatches);
  });
}
