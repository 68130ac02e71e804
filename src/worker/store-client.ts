/** The page's end of the store in the worker: downloads models, lists and removes them. */
import { milliseconds } from "../shared/units";
import type { DownloadProgress, ModelSpec, StoredModel } from "../store/model-spec";
import type { WorkerClient } from "./client";

/** A server may ask to be left alone for ten minutes; another tab may download the same for longer, and tells nothing. */
const DOWNLOAD_SILENCE_LIMIT = milliseconds(3_600_000);
const LIMIT = milliseconds(30_000);

export class StoreClient {
  readonly #worker: WorkerClient;

  constructor(worker: WorkerClient) {
    this.#worker = worker;
  }

  /** Goes on where an earlier download of the same model ended. @throws IngleError as the store's `downloadModel`. */
  download(
    spec: ModelSpec,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: DownloadProgress) => void } = {},
  ): Promise<StoredModel> {
    const { signal, onProgress } = options;
    const call = {
      limit: DOWNLOAD_SILENCE_LIMIT,
      ...(signal && { signal }),
      ...(onProgress && { onEvent: onProgress }),
    };
    return this.#worker.call("downloadModel", spec, call);
  }

  list(): Promise<readonly StoredModel[]> {
    return this.#worker.call("listModels", null, { limit: LIMIT });
  }

  async remove(id: string): Promise<void> {
    await this.#worker.call("removeModel", { id }, { limit: LIMIT });
  }
}
