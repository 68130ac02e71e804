/** From the model that is wanted down to the first that is really there room for. */
import type { CatalogueModel } from "../catalogue/model-facts";
import type { FitDevice } from "./device";
import { fit, type ModelVerdict } from "./fit";
import { learn, type MemoryBudget } from "./budget";
import { budgetAfter, buffersOf, type Rehearsal } from "./rehearsal";
import type { FitSettings } from "./verdict";

export interface Rehearsed {
  /** Undefined where there is room for none. */
  readonly verdict: ModelVerdict | undefined;
  /** What is known of the memory now. */
  readonly budget: MemoryBudget;
  /** The models that were given up on the way, each with the sentence why. */
  readonly given: readonly { readonly id: string; readonly reason: string }[];
}

export interface RehearseParts {
  readonly device: FitDevice;
  readonly catalogue: readonly CatalogueModel[];
  readonly settings: FitSettings;
  readonly rehearse: (sizes: readonly number[]) => Promise<Rehearsal>;
  /** [bytes] of the model on the GPU meanwhile: another takes its place, and so its memory. 0 where there is none. */
  readonly replacedBytes: number;
}

/** @throws as `rehearse` */
export async function rehearseDown(wanted: ModelVerdict, parts: RehearseParts): Promise<Rehearsed> {
  const { device, catalogue, settings, rehearse, replacedBytes } = parts;
  const given: { id: string; reason: string }[] = [];
  let known: MemoryBudget | undefined;
  for (let next: ModelVerdict | undefined = wanted; ;) {
    const needed: number = next.best.bytes.total;
    const rehearsal = await rehearse(buffersOf(next.model, next.best));
    const found = budgetAfter(rehearsal, needed);
    const withReplaced = { ...found, bytes: (found.bytes ?? 0) + (found.isLimit ? replacedBytes : 0) };
    const budget: MemoryBudget = learn(known, withReplaced);
    known = budget;
    if (rehearsal.outcome === "passed") return { verdict: next, budget, given };
    given.push({ id: next.model.id, reason: rehearsal.reason });
    const smaller = catalogue.filter((model) => model.parameters < (next?.model.parameters ?? 0));
    // What is tried next is tried beside what is loaded, too.
    next = fit(device, found, smaller, settings).recommendation?.verdict;
    if (next === undefined) return { verdict: undefined, budget, given };
  }
}
