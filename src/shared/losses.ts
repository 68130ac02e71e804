import { asIngleError, type ErrorCode } from "./errors";

const LOSSES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["device-lost", "worker-failed", "timed-out", "no-model"]);

/** Whether a reply failed because its model is no more: loaded again, it can go on. */
export function isLoss(thrown: unknown): boolean {
  return LOSSES.has(asIngleError(thrown).code);
}
