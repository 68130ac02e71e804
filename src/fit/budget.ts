/** How much memory a model may take on the GPU, and how that is known: WebGPU itself says nothing of it. */
import { GiB } from "../shared/units";

export type BudgetSource = "rehearsed" | "stated" | "deviceMemory" | "unknown";

export interface MemoryBudget {
  /** [bytes] Undefined only where the source is "unknown". */
  readonly bytes: number | undefined;
  readonly source: BudgetSource;
  /** Whether more than that is known not to be there, and not only not known to be. */
  readonly isLimit: boolean;
  /** [bytes] that a rehearsal passed with. */
  readonly proven?: number;
}

export const UNKNOWN_BUDGET: MemoryBudget = { bytes: undefined, source: "unknown", isLimit: false };

/** @param bytes that could be allocated and touched at full speed. More may be there: nobody tried. */
export const rehearsed = (bytes: number): MemoryBudget => ({
  bytes,
  source: "rehearsed",
  isLimit: false,
  proven: bytes,
});

/**
 * What two rehearsals tell together: there is as much as passed in either, and no more than where either failed. One
 * that passed beyond where an earlier one failed shows that what lacked then is back.
 */
export function learn(before: MemoryBudget | undefined, now: MemoryBudget): MemoryBudget {
  if (before === undefined) return now;
  const proven = Math.max(before.proven ?? 0, now.proven ?? 0);
  const isLifted = (now.proven ?? 0) > (before.bytes ?? 0);
  const limits = [...(isLifted ? [] : [before]), now].flatMap(({ bytes, isLimit }) => (isLimit ? (bytes ?? []) : []));
  if (limits.length === 0) return rehearsed(proven);
  return { bytes: Math.max(Math.min(...limits), proven), source: "rehearsed", isLimit: true, proven };
}

/** @param bytes of graphics memory, as its user says. */
export const stated = (bytes: number): MemoryBudget => ({ bytes, source: "stated", isLimit: true });

/**
 * Of a GPU that shares the computer's memory, what a page can count on: a phone ends a page long before half of it is
 * taken. Browsers round `navigator.deviceMemory` and cut it off at 8 GiB or so, and a card of its own has memory
 * besides: it is a floor, no limit.
 *
 * @param deviceMemory [GiB]
 */
export function fromDeviceMemory(deviceMemory: number | undefined): MemoryBudget {
  if (deviceMemory === undefined || !(deviceMemory > 0)) return UNKNOWN_BUDGET;
  const share = deviceMemory <= 4 ? 0.25 : 0.5;
  return { bytes: deviceMemory * share * GiB, source: "deviceMemory", isLimit: false };
}
