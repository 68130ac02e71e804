/** Before a download: whether there is room for the model, and if not, for which one there is; and what its files are. */
import type { MemoryBudget } from "../fit/budget";
import type { ModelVerdict } from "../fit/fit";
import { rehearseDown, type RehearseParts } from "../fit/rehearse-down";
import type { BuildVerdict } from "../fit/verdict";
import { IngleError } from "../shared/errors";
import type { ModelSpec } from "../store/model-spec";
import type { ModelClient } from "../worker/model-client";
import type { StoreClient } from "../worker/store-client";
import { sourceOf } from "./sources";

export interface RehearseFirstParts extends RehearseParts {
  /** Told what is known of the memory now, whatever came out. */
  readonly onBudget: (budget: MemoryBudget) => void;
}

/** @throws IngleError "gpu-out-of-memory" that names the model to get in its place; as `rehearse`. */
export async function rehearseFirst(wanted: ModelVerdict, { onBudget, ...parts }: RehearseFirstParts): Promise<void> {
  const { verdict, budget, given } = await rehearseDown(wanted, parts);
  onBudget(budget);
  if (verdict?.model.id === wanted.model.id) return;
  const why = given[0]?.reason ?? "";
  throw new IngleError(
    "gpu-out-of-memory",
    verdict === undefined ? `${why} No smaller model fits either.` : `${why} ${verdict.model.id} fits: get that one.`,
  );
}

/**
 * Of a model that nobody judges only its files tell what it takes at least: weights lie on the GPU about as large.
 *
 * @throws IngleError "gpu-out-of-memory"; as `rehearse`
 */
export async function rehearseFiles({ name, files }: ModelSpec, rehearse: RehearseParts["rehearse"]): Promise<void> {
  const bytes = files.flatMap(({ pieces }) => pieces).reduce((sum, piece) => sum + (piece.bytes ?? 0), 0);
  if (bytes === 0) return; // nobody says
  const rehearsal = await rehearse([bytes]); // which cuts it into buffers as large as there may be
  if (rehearsal.outcome === "passed") return;
  throw new IngleError("gpu-out-of-memory", `There is no room for ${name} on this GPU: ${rehearsal.reason}`);
}

/** For whoever waits until it is known what an address leads to. */
export interface Looking {
  readonly signal?: AbortSignal;
  /** Told when it is known, and being brought. */
  readonly onBegun?: () => void;
}

/** What a person names, where there seems to be room for it. @throws as `describe` and `rehearseFiles` */
export async function describeNamed(
  source: Parameters<StoreClient["describe"]>[0],
  { store, model }: { store: Pick<StoreClient, "describe">; model: Pick<ModelClient, "rehearse"> },
  signal: AbortSignal | undefined,
): Promise<ModelSpec> {
  const spec = await store.describe(source, signal);
  await rehearseFiles(spec, (sizes) => model.rehearse(sizes, signal && { signal }));
  return spec;
}

export interface DescribeParts {
  readonly store: Pick<StoreClient, "describe">;
  /** Whether a file is there to be had. */
  readonly canReach: (url: string, signal: AbortSignal) => Promise<boolean>;
  /** A mirror of Hugging Face. */
  readonly host: string | undefined;
}

/** A library that can't be reached keeps nobody from a model that Ingle's engine runs, too. @throws as `describe` */
export async function describeOffered(
  judged: BuildVerdict | undefined,
  { store, canReach, host }: DescribeParts,
  signal: AbortSignal,
): Promise<ModelSpec> {
  const { library, ...source } = sourceOf(judged, host);
  const isNeeded = judged?.engines.includes("wgsl") !== true;
  const withLibrary = library !== undefined && (isNeeded || (await canReach(library, signal)));
  return store.describe(withLibrary ? { ...source, library } : source, signal);
}
