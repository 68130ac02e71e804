/** What the store's tests do in a page: downloads, and what comes of them. */
import { createHash } from "node:crypto";
import type { ModelPage } from "../../scripts/engine/model-page";
import type { Clients } from "../../src/programs";
import { IngleError, type ErrorCode } from "../../src/shared/errors";
import { MiB } from "../../src/shared/units";
import type { DownloadProgress, ModelSpec, StoredModel } from "../../src/store/model-spec";

/** In a page that ModelPage drives. */
declare const page: { readonly ingle: Clients };

/** As the store cuts them. */
export const CHUNK = 4 * MiB;

export const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** A model of one file. */
export function specOf(url: string, hex?: string, bytes?: number): ModelSpec {
  const digest = hex === undefined ? undefined : { algorithm: "sha256" as const, hex };
  return { id: "tested", name: "Tested", files: [{ name: "model.gguf", pieces: [{ url, bytes }], digest }] };
}

/** @returns what came of it, and the progress told on the way. */
export function download(
  on: ModelPage,
  spec: ModelSpec,
): Promise<{ outcome: StoredModel | Refusal; told: DownloadProgress[] }> {
  return on.tab.evaluate(async (spec) => {
    const told: DownloadProgress[] = [];
    try {
      return { outcome: await page.ingle.store.download(spec, { onProgress: (event) => told.push(event) }), told };
    } catch (thrown) {
      const { code, message } = thrown as Refusal;
      return { outcome: { code, message }, told };
    }
  }, spec);
}

export function list(on: ModelPage): Promise<readonly StoredModel[]> {
  return on.tab.evaluate(() => page.ingle.store.list());
}

/** @returns undefined where it was done. */
export function remove(on: ModelPage, id = "tested"): Promise<Refusal | undefined> {
  return on.tab.evaluate(async (id) => {
    try {
      await page.ingle.store.remove(id);
      return undefined;
    } catch (thrown) {
      const { code, message } = thrown as Refusal;
      return { code, message };
    }
  }, id);
}

type StoreMethod = "describe" | "latestRevision" | "download" | "verify" | "listUnfinished" | "usage" | "allowReading";
type Args<M extends StoreMethod> = Parameters<Clients["store"][M]>;
type Answer<M extends StoreMethod> = Awaited<ReturnType<Clients["store"][M]>>;

/** Asks the store in a page. @throws IngleError as it does there. */
export async function ask<M extends StoreMethod>(on: ModelPage, method: M, ...args: Args<M>): Promise<Answer<M>> {
  const outcome = await on.tab.evaluate(
    async ({ method, args }) => {
      const store = page.ingle.store as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      try {
        return { value: await store[method]?.(...args) };
      } catch (thrown) {
        const { code, message } = thrown as Refusal;
        return { code, message };
      }
    },
    { method, args },
  );
  if ("value" in outcome) return outcome.value as Answer<M>;
  throw new IngleError(outcome.code as ErrorCode, outcome.message);
}
