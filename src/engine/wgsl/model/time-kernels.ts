/**
 * Times candidates for a kernel on this adapter. Each starts tiny and grows, since a dispatch can't be called back: one
 * that turns out catastrophic costs a few milliseconds, not seconds.
 */
import { submit, waitForGpu, type Gpu } from "../gpu/gpu";

/** Something that can be run at a size: a share of its full work, repeated. */
export interface Candidate<T> {
  readonly choice: T;
  /** Encodes about `share` (0 … 1) of the work. @returns the share that it was, as work comes in workgroups. */
  encode(pass: GPUComputePassEncoder, share: number): number;
}

export interface Timing<T> {
  readonly choice: T;
  /** [ms] for the whole work, by the best sample; Infinity when it was dropped. */
  readonly ms: number;
}

/** A sample is long enough when it takes this: submitting costs up to half a millisecond by itself. */
const SAMPLE_MS = 5;
const FIRST_SHARE = 1 / 16;
const GROWTH = 4;
const MOST_REPEATS = 256;
/** One that is so much slower than the best is out. */
const HOPELESS = 3;
/** The best few, where they are at most so much slower than the best, are measured again in turns. */
const CLOSE = 2;
const FEW = 3;
const ROUNDS = 2;

interface Measured {
  ms: number;
  /** What a long enough sample of it takes. */
  readonly share: number;
  readonly repeats: number;
}

export class KernelTimer {
  readonly #gpu: Gpu;
  /** [ms] of GPU time left for all candidates. */
  #budgetMs: number;

  constructor(gpu: Gpu, budgetMs: number) {
    this.#gpu = gpu;
    this.#budgetMs = budgetMs;
  }

  /** All candidates' timings, in their order. The first is measured whatever the budget. */
  async time<T>(candidates: readonly Candidate<T>[]): Promise<Timing<T>[]> {
    const all: { readonly candidate: Candidate<T>; readonly measured: Measured | undefined }[] = [];
    let best = Infinity;
    for (const candidate of candidates) {
      const measured = all.length === 0 || this.#budgetMs > 0 ? await this.#one(candidate, best) : undefined;
      best = Math.min(best, measured?.ms ?? Infinity);
      all.push({ candidate, measured });
    }
    // What had the GPU or the processor for a while has made one look slow, and not the others.
    const close = all
      .flatMap(({ candidate, measured }) => (measured && measured.ms <= CLOSE * best ? [{ candidate, measured }] : []))
      .toSorted((a, b) => a.measured.ms - b.measured.ms)
      .slice(0, FEW);
    for (let round = 0; round < ROUNDS && close.length > 1; round++) {
      for (const { candidate, measured } of close) {
        if (this.#budgetMs <= 0) break;
        const { sampleMs, work } = await this.#sample(candidate, measured.share, measured.repeats);
        measured.ms = Math.min(measured.ms, sampleMs / work);
      }
    }
    return all.map(({ candidate: { choice }, measured }) => ({ choice, ms: measured?.ms ?? Infinity }));
  }

  /** @returns undefined for one that is hopeless. */
  async #one<T>(candidate: Candidate<T>, best: number): Promise<Measured | undefined> {
    let share = FIRST_SHARE;
    let repeats = 1;
    await this.#sample(candidate, share, 1); // the first run pays for what the driver put off
    for (;;) {
      let { sampleMs, work } = await this.#sample(candidate, share, repeats);
      // Once more, and the better of the two: something else may have had the GPU. A short sample is mostly the
      // submit's own cost, so that one which only looked long must not end this.
      if (sampleMs >= SAMPLE_MS) {
        const again = await this.#sample(candidate, share, repeats);
        if (again.sampleMs / again.work < sampleMs / work) ({ sampleMs, work } = again);
      }
      const ms = sampleMs / work;
      const isLong = sampleMs >= SAMPLE_MS;
      if (isLong && ms > HOPELESS * best) return undefined;
      if (isLong || repeats >= MOST_REPEATS || this.#budgetMs <= 0) return { ms, share, repeats };
      if (share < 1) share = Math.min(1, share * GROWTH);
      else repeats *= 2;
    }
  }

  async #sample<T>(
    candidate: Candidate<T>,
    share: number,
    repeats: number,
  ): Promise<{ readonly sampleMs: number; readonly work: number }> {
    const begun = performance.now();
    let work = 0;
    submit(this.#gpu.device, (pass) => {
      for (let i = 0; i < repeats; i++) work += candidate.encode(pass, share);
    });
    await waitForGpu(this.#gpu, this.#gpu.device.queue.onSubmittedWorkDone());
    const sampleMs = performance.now() - begun;
    this.#budgetMs -= sampleMs;
    return { sampleMs, work };
  }
}
