/** Page side: asks a shared and the service worker whether WebGPU works in them. Rejections become reasons upstream. */
import { unknown, type Fact } from "../probe/report";
import { withDeadline } from "../shared/deadline";
import { messageOf } from "../shared/errors";
import { milliseconds } from "../shared/units";
import { blobModule } from "../shared/blob-module";
import { PROBE_DEVICE, type DeviceProbeAnswer } from "./protocol";
import sharedEntryUrl from "./shared-entry?sharedworker&url";

const ANSWER_LIMIT = milliseconds(2500);

export async function probeSharedWorker(): Promise<Fact<true>> {
  if (typeof SharedWorker === "undefined") return unknown("no-worker", "This browser has no shared workers.");
  const script = blobModule(new URL(sharedEntryUrl, import.meta.url));
  let port: MessagePort | undefined;
  try {
    const worker = new SharedWorker(script.url, { type: "module", name: "ingle-probe" });
    ({ port } = worker);
    const failed = new Promise<never>((_resolve, reject) => {
      worker.onerror = (event) => {
        const { message } = event as Partial<ErrorEvent>;
        reject(new Error(`The shared worker could not be started. ${message ?? ""}`.trim()));
      };
    });
    port.start();
    const answer = ask((message, answerPort) => worker.port.postMessage(message, [answerPort]));
    return await Promise.race([answer, failed]);
  } finally {
    port?.close();
    script.revoke();
  }
}

/** @param registration undefined where the page has no service workers: plain http, some private windows. */
export async function probeServiceWorker(
  registration: Promise<ServiceWorkerRegistration> | undefined,
): Promise<Fact<true>> {
  if (registration === undefined) return unknown("no-worker", "This page has no service worker here.");
  let worker: ServiceWorker | null;
  try {
    const { active, waiting, installing } = await registration;
    worker = active ?? waiting ?? installing; // one that still installs answers, too: a first visit need not wait
  } catch (thrown) {
    return unknown("no-worker", `The service worker could not be registered: ${messageOf(thrown)}`);
  }
  if (worker === null) return unknown("no-worker", "The service worker is gone.");
  const found = worker;
  return ask((message, port) => found.postMessage(message, [port]));
}

function ask(post: (message: typeof PROBE_DEVICE, port: MessagePort) => void): Promise<DeviceProbeAnswer> {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<DeviceProbeAnswer>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<DeviceProbeAnswer>) => resolve(data);
  });
  post(PROBE_DEVICE, port2);
  return withDeadline(answer, ANSWER_LIMIT, "The worker").finally(() => port1.close());
}
