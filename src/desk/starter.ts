/** The model that comes with the page: brought from where its manifest says once, and kept where there is room. */
import type { ModelSource } from "../engine/engine";
import { asIngleError, type ErrorCode } from "../shared/errors";
import { STARTER_ID } from "../shared/starter";
import type { DownloadProgress, StoredModel } from "../store/model-spec";
import type { StoreClient } from "../worker/store-client";

/** Where nothing can be kept, it is loaded from there each time. */
const UNKEEPABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["storage-full", "storage-failed"]);

export interface StarterParts {
  readonly store: Pick<StoreClient, "describe" | "download">;
  /** The page's own address. */
  readonly page: string;
  readonly kept: StoredModel | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
}

/** @returns from where to load it. @throws IngleError "starter-missing"; as the store's `download` */
export async function bringStarter({ store, page, kept, signal, onProgress }: StarterParts): Promise<ModelSource> {
  const stored = { kind: "stored", id: STARTER_ID } as const;
  if (kept?.missingChunks === 0) return stored;
  try {
    const spec = await store.describe({ kind: "starter", page }, signal);
    // Nobody asked for it by a click, so nobody is asked whether this site may keep things for good.
    await store.download(spec, { signal, onProgress, isAskedFor: false });
    return stored;
  } catch (thrown) {
    if (UNKEEPABLE.has(asIngleError(thrown).code)) return { kind: "starter" };
    throw thrown;
  }
}
