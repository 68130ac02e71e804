/** Puts a desk together: of the page's report, its worker, the catalogue and what the user set. */
import type { App } from "../app";
import { CATALOGUE } from "../catalogue/catalogue";
import type { WorkerClient } from "../worker/client";
import { ModelClient } from "../worker/model-client";
import { StoreClient } from "../worker/store-client";
import { ModelDesk } from "./desk";
import { loadSettings, saveSettings } from "./settings";
import { adapterKey, SpeedMemory } from "./speeds";

export async function openDesk(app: App, worker: WorkerClient): Promise<ModelDesk> {
  const facts = await app.probe();
  // With what was measured meanwhile.
  const report = app.state.phase === "probing" ? facts : app.state.report;
  const desk = new ModelDesk({
    report,
    catalogue: CATALOGUE,
    store: new StoreClient(worker),
    model: new ModelClient(worker),
    tabs: tabs(),
    settings: loadSettings(() => localStorage),
    speeds: new SpeedMemory(() => localStorage, adapterKey(report)),
    canReach,
    save: (settings) => saveSettings(() => localStorage, settings),
    measure: () => app.measure(),
    deviceMemory: (navigator as { readonly deviceMemory?: number }).deviceMemory,
    page: document.baseURI,
  });
  // Another tab may have removed something meanwhile, or have taken it in.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void desk.refresh().catch(() => undefined);
  });
  await desk.open();
  await desk.refresh().catch(() => undefined); // whoever shows what is kept asks again, and says what is wrong
  return desk;
}

/** No page without https has locks, nor a GPU. */
function tabs() {
  const { locks } = navigator as { readonly locks?: LockManager };
  return locks && { locks, channel: new BroadcastChannel("ingle gpu") };
}

const REACH_LIMIT_MS = 8000;

async function canReach(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const limit = AbortSignal.timeout(REACH_LIMIT_MS);
    return (await fetch(url, { method: "HEAD", signal: AbortSignal.any([signal, limit]) })).ok;
  } catch {
    return false;
  }
}
