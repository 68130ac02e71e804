/**
 * How a rate is sampled: the amount of work starts tiny and grows, by 4 while a sample takes next to nothing and by 2
 * from there, until one takes long enough to drown the clock's resolution and the submit's latency. Then samples are taken until there are enough or the time is up.
 * Growing from tiny is what keeps a slow adapter usable: a dispatch can't be called back.
 */
import { IngleError, throwIfAborted } from "../../shared/errors";
import { spreadOf, type Spread } from "../../shared/statistics";
import { milliseconds, type Milliseconds } from "../../shared/units";

const SAMPLE_TARGET = milliseconds(30);
const MAX_SAMPLES = 9;
const MIN_SAMPLES = 3;

export interface MeasureOptions {
  /** No sample is begun after this; a measurement takes about this long at most. */
  readonly cap: Milliseconds;
  readonly signal: AbortSignal;
}

export interface SamplePlan extends MeasureOptions {
  /** Does this much work and waits for it. @returns how long it took. */
  readonly run: (amount: number) => Promise<Milliseconds>;
  readonly firstAmount: number;
  readonly maxAmount: number;
}

/** Amount per millisecond. @throws IngleError "aborted"; "timed-out" when not three samples fit under the cap. */
export async function sampleRate(plan: SamplePlan): Promise<Spread> {
  const { run, firstAmount, maxAmount, cap, signal } = plan;
  const start = performance.now();

  let amount = firstAmount;
  await run(amount); // the first run pays for lazy clearing and compiling
  for (;;) {
    throwIfAborted(signal);
    const elapsed = await run(amount);
    if (elapsed >= SAMPLE_TARGET || amount >= maxAmount || performance.now() - start > cap / 2) break;
    amount = Math.min(maxAmount, amount * (elapsed < SAMPLE_TARGET / 8 ? 4 : 2));
  }

  const rates: number[] = [];
  while (rates.length < MAX_SAMPLES && performance.now() - start < cap) {
    throwIfAborted(signal);
    rates.push(amount / (await run(amount)));
  }
  if (rates.length < MIN_SAMPLES) throw tooSlow(cap);
  return spreadOf(rates);
}

export async function timed(work: () => Promise<unknown>): Promise<Milliseconds> {
  const start = performance.now();
  await work();
  // A coarse clock may not have moved; half its usual step keeps a rate finite.
  return milliseconds(Math.max(performance.now() - start, 0.05));
}

/** For what comes before the samples. @throws IngleError "aborted"; "timed-out" once past the cap. */
export function throwIfOver(start: number, cap: Milliseconds, signal: AbortSignal): void {
  throwIfAborted(signal);
  if (performance.now() - start > cap) throw tooSlow(cap);
}

function tooSlow(cap: Milliseconds): IngleError {
  return new IngleError("timed-out", `This GPU is too slow to measure in ${cap / 1000} s.`);
}

/** The same spread with each value mapped; a falling map (1/x) swaps the quartiles. */
export function mapSpread(spread: Spread, map: (value: number) => number): Spread {
  const [a, b] = [map(spread.lowerQuartile), map(spread.upperQuartile)];
  return {
    median: map(spread.median),
    lowerQuartile: Math.min(a, b),
    upperQuartile: Math.max(a, b),
    samples: spread.samples,
  };
}
