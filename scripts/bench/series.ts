/** Repeats a measurement: at least so often, at most so often, and between the two while there is patience. */
import { withDeadline } from "../../src/shared/deadline";
import { spreadOf, type Spread } from "../../src/shared/statistics";
import { milliseconds } from "../../src/shared/units";

export interface SeriesPlan {
  readonly least: number;
  readonly most: number;
  /** No run is begun that would probably end later, but for the least. */
  readonly patienceMs: number;
}

/** Nothing that is measured here takes so long, unless it is stuck. */
export const STEP_LIMIT = milliseconds(15 * 60_000);

/** @throws IngleError "timed-out" when one run takes STEP_LIMIT; whatever it throws. */
export async function repeat<T>(plan: SeriesPlan, what: string, run: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  const begun = performance.now();
  while (results.length < plan.most) {
    const spent = performance.now() - begun;
    const next = results.length === 0 ? 0 : spent / results.length;
    if (results.length >= plan.least && spent + next > plan.patienceMs) break;
    results.push(await withDeadline(run(results.length), STEP_LIMIT, what));
  }
  return results;
}

/** Of what was there to be measured. */
export function spreadOfKnown(samples: readonly (number | undefined)[]): Spread | undefined {
  const known = samples.filter((sample) => sample !== undefined);
  return known.length === 0 ? undefined : spreadOf(known);
}
