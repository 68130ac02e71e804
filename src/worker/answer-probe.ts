/** Shared and service workers: answers PROBE_DEVICE. */
import { probeDevice } from "../probe/worker-facts";
import type { DeviceProbeAnswer } from "./protocol";

export async function answerProbe(gpu: GPU | undefined, port: MessagePort): Promise<void> {
  const answer: DeviceProbeAnswer = await probeDevice(gpu);
  port.postMessage(answer);
}
