import { bind, compile, storageBuffer, submit, withBuffers, type Gpu } from "../../engine/wgsl/gpu/gpu";
import type { Measurement } from "../../probe/report";
import { mapSpread, sampleRate, timed, type MeasureOptions } from "./sample";
import kernelSource from "./throughput.wgsl?raw";

/** 256 threads × 8 chains × 256 steps × 4 lanes × 2 operations, as in throughput.wgsl. */
const OPERATIONS_PER_WORKGROUP = 256 * 8 * 256 * 4 * 2;
/** What one dispatch holds at most. On a slow GPU it is the growth from one workgroup that keeps samples short. */
const WORKGROUPS_PER_DISPATCH = 8192;

const PRELUDES = { f32: "alias Real = f32;", f16: "enable f16;\nalias Real = f16;" } as const;

/** GFLOP/s (10⁹ operations, a fused multiply-add being two) in the given precision. */
export async function measureThroughput(
  { device }: Gpu,
  precision: keyof typeof PRELUDES,
  options: MeasureOptions,
): Promise<Measurement> {
  const pipeline = await compile(device, `throughput ${precision}`, PRELUDES[precision], kernelSource);
  return withBuffers(async (keep) => {
    const seed = keep(storageBuffer(device, "throughput seed", new Float32Array([0.5, 0.25])));
    const sink = keep(storageBuffer(device, "throughput sink", 4));
    const group = bind(device, pipeline, [seed, sink]);
    const workgroupsPerMillisecond = await sampleRate({
      ...options,
      firstAmount: 1,
      maxAmount: WORKGROUPS_PER_DISPATCH * 256,
      run: (workgroups) =>
        timed(() => {
          submit(device, (pass) => {
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, group);
            for (let done = 0; done < workgroups; done += WORKGROUPS_PER_DISPATCH) {
              pass.dispatchWorkgroups(Math.min(WORKGROUPS_PER_DISPATCH, workgroups - done));
            }
          });
          return device.queue.onSubmittedWorkDone();
        }),
    });
    return mapSpread(workgroupsPerMillisecond, (workgroups) => (workgroups * OPERATIONS_PER_WORKGROUP) / 1e6);
  });
}
