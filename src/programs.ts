/**
 * What programs that drive the page use: `npm run ask`, `npm run bench`, the end-to-end tests. A chunk of its own that
 * the page itself never loads.
 */
import { WorkerClient } from "./worker/client";
import { ModelClient } from "./worker/model-client";

/** A worker of its own, with no model yet. */
export function startModelClient(): ModelClient {
  return new ModelClient(new WorkerClient());
}
