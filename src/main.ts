/** The entry: puts the parts together, defines the elements, registers the service worker; nothing else. */
import { makeIngle } from "./api/ingle";
import { App } from "./app";
import type { ProbeInputs } from "./probe/probe";
import { isErasing, leaveWhenErased, startAnew } from "./shared/erasure";
import { withDeadline } from "./shared/deadline";
import { asIngleError } from "./shared/errors";
import { loadHosts } from "./shared/hosts";
import { GATE_ID } from "./shared/policy";
import { watchTheme } from "./shared/theme";
import { milliseconds } from "./shared/units";
import { watchDownloads } from "./store/announce";
import type { OpenTalk } from "./talk/open-talk";
import { noticeDownloads } from "./ui/download-notice";
import { IngleApp } from "./ui/ingle-app";
import { language, messages, translation } from "./ui/messages";
import { TAGS } from "./ui/language";
import { sayReport } from "./ui/said";
import { WorkerClient } from "./worker/client";
import { probeServiceWorker, probeSharedWorker } from "./worker/other-workers";
import { registerServiceWorker } from "./worker/service-worker-client";

/** A reply that does not end when it is stopped is cut off as the page is left; it has been kept with every second. */
const SETTLING = milliseconds(3000);

function start(page: IngleApp): void {
  leaveWhenErased();
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
  const openDesk = once(async () => (await import("./desk/open-desk")).openDesk(app, worker, translation?.fit));
  page.openDesk = openDesk;
  let opened: OpenTalk | undefined;
  const openTalk = once(async () => {
    const [desk, { openTalk }, report] = await Promise.all([openDesk(), import("./talk/open-talk"), app.probe()]);
    return (opened = openTalk(desk, sayReport(report)));
  });
  page.openTalk = openTalk;
  globalThis.ingle = makeIngle({ openDesk, openTalk, capabilities: () => page.report() });
  page.settle = () =>
    withDeadline(opened?.talk.settle() ?? Promise.resolve(), SETTLING, "The reply").catch(() => undefined);
  noticeDownloads(watchDownloads);
  page.shell = shell;
}

/** Deletes everything in place of starting anything. */
async function eraseAll(page: IngleApp): Promise<void> {
  addEventListener("hashchange", () => location.reload()); // a link to another page starts that
  page.erasure = { phase: "erasing" };
  try {
    const { erase } = await import("./erase");
    const phase = await erase();
    if (phase === "kept") startAnew(() => localStorage);
    else page.erasure = { phase };
  } catch (thrown) {
    page.erasure = { phase: "failed", error: asIngleError(thrown) };
  }
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

const root = document.documentElement;
root.lang = TAGS[language];
root.dir = messages.direction;
watchTheme(document, () => localStorage);

customElements.define("ingle-app", IngleApp);
const page = document.querySelector<IngleApp>("ingle-app");
if (page !== null) {
  // A blocked or missing gate.js would leave connect-src wide open: then nothing is started.
  if (document.getElementById(GATE_ID) === null) page.ungated = true;
  else if (isErasing(() => localStorage)) void eraseAll(page);
  else start(page);
}
