/** The entry: puts the parts together, defines the elements, registers the service worker; nothing else. */
import { makeIngle } from "./api/ingle";
import { App } from "./app";
import type { ProbeInputs } from "./probe/probe";
import { loadHosts } from "./shared/hosts";
import { GATE_ID } from "./shared/policy";
import { milliseconds } from "./shared/units";
import { watchDownloads } from "./store/announce";
import { noticeDownloads } from "./ui/download-notice";
import { IngleApp } from "./ui/ingle-app";
import { WorkerClient } from "./worker/client";
import { probeServiceWorker, probeSharedWorker } from "./worker/other-workers";
import { registerServiceWorker } from "./worker/service-worker-client";

function start(page: IngleApp): void {
  const worker = new WorkerClient();
  const serviceWorkers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  const shell =
    import.meta.env.PROD && serviceWorkers !== undefined
      ? registerServiceWorker(
          new URL("./sw.js", document.baseURI),
          loadHosts(() => localStorage),
        )
      : undefined;
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
        serviceWorker: () => probeServiceWorker(shell?.registration),
      },
      indexedDb: () => worker.call("probeIndexedDb", null, PROBE_LIMIT),
      opfs: () => worker.call("probeOpfs", null, PROBE_LIMIT),
    },
    now: () => new Date(),
  };
  const app = new App(inputs, worker);
  page.app = app;
  const openDesk = once(async () => (await import("./desk/open-desk")).openDesk(app, worker));
  page.openDesk = openDesk;
  const openTalk = once(async () => {
    const [desk, { openTalk }, report] = await Promise.all([openDesk(), import("./talk/open-talk"), app.probe()]);
    return openTalk(desk, report);
  });
  page.openTalk = openTalk;
  globalThis.ingle = makeIngle({ openDesk, openTalk, capabilities: () => page.report() });
  noticeDownloads(watchDownloads);
  page.shell = shell;
}

/** One for as long as the page lives: what it does goes on while another page is shown. What failed is tried again. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () =>
    (opened ??= open().catch((thrown: unknown) => {
      opened = undefined;
      throw thrown;
    }));
}

const PROBE_LIMIT = { limit: milliseconds(5000) };

customElements.define("ingle-app", IngleApp);
const page = document.querySelector<IngleApp>("ingle-app");
if (page !== null) {
  // A blocked or missing gate.js would leave connect-src wide open: then nothing is started.
  if (document.getElementById(GATE_ID) !== null) start(page);
  else page.ungated = true;
}
