/** The entry: puts the parts together, defines the elements, registers the service worker; nothing else. */
import { App } from "./app";
import type { ProbeInputs } from "./probe/probe";
import { loadHosts } from "./shared/hosts";
import { milliseconds } from "./shared/units";
import { IngleApp } from "./ui/ingle-app";
import { WorkerClient } from "./worker/client";
import { probeServiceWorker, probeSharedWorker } from "./worker/other-workers";
import { registerServiceWorker } from "./worker/service-worker-client";

const worker = new WorkerClient();
const serviceWorkers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
const shell =
  import.meta.env.PROD && serviceWorkers !== undefined
    ? registerServiceWorker(
        new URL("./sw.js", document.baseURI),
        loadHosts(() => localStorage),
      )
    : undefined;

const PROBE_LIMIT = { limit: milliseconds(5000) };

const inputs: ProbeInputs = {
  gpu: navigator.gpu,
  storage: navigator.storage,
  secureContext: isSecureContext,
  crossOriginIsolated,
  userAgent: navigator.userAgent,
  workers: {
    device: {
      dedicatedWorker: () => worker.call("probeDevice", null, PROBE_LIMIT),
      sharedWorker: probeSharedWorker,
      serviceWorker: () => probeServiceWorker(shell === undefined ? undefined : serviceWorkers),
    },
    indexedDb: () => worker.call("probeIndexedDb", null, PROBE_LIMIT),
    opfs: () => worker.call("probeOpfs", null, PROBE_LIMIT),
  },
  now: () => new Date(),
};

const app = new App(inputs, worker);

customElements.define("ingle-app", IngleApp);
const page = document.querySelector<IngleApp>("ingle-app");
if (page) Object.assign(page, { app, shell });
