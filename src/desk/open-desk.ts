/** Puts a desk together: of the page's report, its worker, the catalogue and what the user set. */
import type { App } from "../app";
import { CATALOGUE } from "../catalogue/catalogue";
import type { WorkerClient } from "../worker/client";
import { ModelClient } from "../worker/model-client";
import { StoreClient } from "../worker/store-client";
import { ModelDesk } from "./desk";
import { loadSettings, saveSettings } from "./settings";

export async function openDesk(app: App, worker: WorkerClient): Promise<ModelDesk> {
  const facts = await app.probe();
  const desk = new ModelDesk({
    // With what was measured meanwhile.
    report: app.state.phase === "probing" ? facts : app.state.report,
    catalogue: CATALOGUE,
    store: new StoreClient(worker),
    model: new ModelClient(worker),
    settings: loadSettings(() => localStorage),
    deviceMemory: (navigator as { readonly deviceMemory?: number }).deviceMemory,
  });
  desk.subscribe(() => saveSettings(() => localStorage, desk.state.settings));
  await desk.refresh();
  return desk;
}
