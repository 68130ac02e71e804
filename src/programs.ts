/**
 * What programs that drive the page use: `npm run ask`, `npm run bench`, the end-to-end tests. A chunk of its own that
 * the page itself never loads.
 */
import { WorkerClient } from "./worker/client";
import { ModelClient } from "./worker/model-client";
import { StoreClient } from "./worker/store-client";

export interface Clients {
  readonly model: ModelClient;
  readonly store: StoreClient;
}

/** A worker of their own, with no model yet. */
export function startClients(): Clients {
  const worker = new WorkerClient();
  return { model: new ModelClient(worker), store: new StoreClient(worker) };
}
