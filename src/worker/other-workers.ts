/** Page side: asks a shared and the service worker whether WebGPU works in them. Rejections become reasons upstream. */
import { unknown, type Fact } from "../probe/report";
import { withDeadline } from "../shared/deadline";
import { milliseconds } from "../shared/units";
import { blobModule } from "./blob-module";
import { PROBE_DEVICE, type DeviceProbeAnswer } from "./protocol";
import sharedEntryUrl from "./shared-entry?sharedworker&url";

const ANSWER_LIMIT = milliseconds(2500);

export async function probeSharedWorker(): Promise<Fact<true>> {
  if (typeof SharedWorker === "undefined") return unknown("no-worker", "This browser has no shared workers.");
  const script = blobModule(new URL(sharedEntryUrl, import.meta.url));
  try {
    const worker = new SharedWorker(script.url, { type: "module", name: "ingle-probe" });
    const failed = new Promise<never>((_resolve, reject) => {
      worker.onerror = (event) => {
        const { message } = event as Partial<ErrorEvent>;
        reject(new Error(`The shared worker could not be started. ${message ?? ""}`.trim()));
      };
    });
    worker.port.start();
    const answer = await Promise.race([ask((message, port) => worker.port.postMessage(message, [port])), failed]);
    worker.port.close();
    return answer;
  } finally {
    script.revoke();
  }
}

/** @param container `navigator.serviceWorker`, undefined in insecure contexts and some private windows. */
export async function probeServiceWorker(container: ServiceWorkerContainer | undefined): Promise<Fact<true>> {
  if (container === undefined) return unknown("no-worker", "This page has no service workers here.");
  const worker = await withDeadline(anyServiceWorker(container), ANSWER_LIMIT, "The service worker");
  return ask((message, port) => worker.postMessage(message, [port]));
}

/** A service worker answers while it still installs, so a first visit need not wait for it to be active. */
async function anyServiceWorker(container: ServiceWorkerContainer): Promise<ServiceWorker> {
  for (;;) {
    const registration = await container.getRegistration();
    const worker = registration?.active ?? registration?.waiting ?? registration?.installing;
    if (worker) return worker;
    // The registration is made at the page's start; until it is known there is no event to wait for.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function ask(post: (message: typeof PROBE_DEVICE, port: MessagePort) => void): Promise<DeviceProbeAnswer> {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<DeviceProbeAnswer>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<DeviceProbeAnswer>) => resolve(data);
  });
  post(PROBE_DEVICE, port2);
  return withDeadline(answer, ANSWER_LIMIT, "The worker").finally(() => port1.close());
}
