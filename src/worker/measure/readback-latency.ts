import { bind, compile, readBack, storageBuffer, submit, type Gpu } from "../../engine/wgsl/gpu/gpu";
import type { Measurement } from "../../probe/report";
import kernelSource from "./count.wgsl?raw";
import { sampleDuration, timed, type MeasureOptions } from "./sample";

/** ms from submitting a tiny dispatch until its result lies in JavaScript's memory. */
export async function measureReadbackLatency({ device }: Gpu, options: MeasureOptions): Promise<Measurement> {
  const pipeline = await compile(device, "count", kernelSource);
  const counter = storageBuffer(device, "latency counter", 4);
  try {
    const group = bind(device, pipeline, [counter]);
    return await sampleDuration(
      () =>
        timed(() => {
          submit(device, (pass) => {
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, group);
            pass.dispatchWorkgroups(1);
          });
          return readBack(device, counter);
        }),
      { ...options, samples: 25 },
    );
  } finally {
    counter.destroy();
  }
}
