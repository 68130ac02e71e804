/** The page's end of the store in the worker: describes, downloads, verifies, lists and removes models. */
import { milliseconds } from "../shared/units";
import { watchDownloads } from "../store/announce";
import type {
  ChosenFile,
  DownloadProgress,
  ModelSpec,
  SourceName,
  StoredModel,
  StoreUsage,
  UnfinishedModel,
  Verification,
} from "../store/model-spec";
import type { WorkerClient } from "./client";
import { whileAwake } from "./stay-awake";

/** Even a request that has nothing to tell says every few seconds that its worker is there. */
const LIMIT = milliseconds(60_000);

export interface StoreCall {
  /** Stops it; what came stays. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

export interface DownloadCall extends StoreCall {
  /** Of files without a published sum: whether they may be others than the first time. */
  readonly acceptsChange?: boolean;
  /** Whether a person asked for it, who can then be asked whether this site may keep it for good; by default so. */
  readonly isAskedFor?: boolean;
}

export class StoreClient {
  readonly #worker: WorkerClient;

  constructor(worker: WorkerClient) {
    this.#worker = worker;
  }

  /** @throws IngleError "host-invalid"; "request-invalid"; "source-failed"; "starter-missing" */
  describe(source: SourceName, signal?: AbortSignal): Promise<ModelSpec> {
    return this.#worker.call("describeModel", source, { limit: LIMIT, signal });
  }

  /**
   * Goes on where an earlier download of the same model ended. Call it in a click: the browser is then asked not to clear
   * this site's storage by itself, and the screen stays awake.
   *
   * @throws IngleError as the store's `downloadModel`.
   */
  async download(
    spec: ModelSpec,
    { acceptsChange = false, isAskedFor = true, ...call }: DownloadCall = {},
  ): Promise<StoredModel> {
    // Refused or not, the download goes on: what it decides is whether the browser may clear the model later.
    if (isAskedFor) void navigator.storage.persist().catch(() => false);
    return whileAwake(() => this.#worker.call("downloadModel", { spec, acceptsChange }, options(call)));
  }

  /** @throws IngleError "not-stored"; as `download` where something has to be fetched again. */
  verify(id: string, call: StoreCall = {}): Promise<Verification> {
    return whileAwake(() => this.#worker.call("verifyModel", { id }, options(call)));
  }

  /** The commit that a stored model's repository is at now; undefined where it came from none. @throws IngleError */
  latestRevision(id: string, signal?: AbortSignal): Promise<string | undefined> {
    return this.#worker.call("latestRevision", { id }, { limit: LIMIT, signal });
  }

  list(): Promise<readonly StoredModel[]> {
    return this.#worker.call("listModels", null, { limit: LIMIT });
  }

  listUnfinished(): Promise<readonly UnfinishedModel[]> {
    return this.#worker.call("listUnfinished", null, { limit: LIMIT });
  }

  usage(): Promise<StoreUsage> {
    return this.#worker.call("storeUsage", null, { limit: LIMIT });
  }

  /**
   * Takes a model in from disk: a copy of it, or where it lies, if every file has a handle. With a spec of a published
   * model, its files are held to the published sums.
   *
   * @throws IngleError "request-invalid"; "checksum-mismatch"; "storage-full"; "source-failed"
   */
  import(
    spec: ModelSpec | { readonly id: string; readonly name: string },
    files: readonly ChosenFile[],
    { inPlace = false, ...call }: StoreCall & { readonly inPlace?: boolean } = {},
  ): Promise<StoredModel> {
    if (!inPlace) void navigator.storage.persist().catch(() => false);
    return whileAwake(() => this.#worker.call("importModel", { spec, files, inPlace }, options(call)));
  }

  /** A stored file, to be saved to disk; its bytes stay where they are until they are. @throws IngleError "not-stored" */
  exportFile(id: string, file: string): Promise<Blob> {
    return this.#worker.call("exportFile", { id, file }, { limit: LIMIT });
  }

  /**
   * Asks the user, in a click, to allow reading the files of a model that is used where it lies.
   *
   * @returns whether all may be read now.
   */
  async allowReading(id: string): Promise<boolean> {
    const handles: readonly (FileSystemFileHandle & WithRequest)[] = await this.#worker.call(
      "handlesOf",
      { id },
      { limit: LIMIT },
    );
    for (const handle of handles) {
      if ((await handle.requestPermission?.({ mode: "read" })) === "denied") return false;
    }
    return true;
  }

  /** @throws IngleError "model-busy" */
  async remove(id: string): Promise<void> {
    await this.#worker.call("removeModel", { id }, { limit: LIMIT });
  }

  /** @throws IngleError "model-busy" */
  async removeAll(): Promise<void> {
    await this.#worker.call("removeAllModels", null, { limit: LIMIT });
  }

  /** Tells how downloads go in every tab of the site. @returns ends it. */
  readonly watch = watchDownloads;
}

/** Not in TypeScript's library: https://wicg.github.io/file-system-access/#api-filesystemhandle-requestpermission */
interface WithRequest {
  requestPermission?(descriptor: { readonly mode: "read" }): Promise<PermissionState>;
}

function options({ signal, onProgress }: StoreCall) {
  return { limit: LIMIT, ...(signal && { signal }), ...(onProgress && { onEvent: onProgress }) };
}
