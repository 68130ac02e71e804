/** What the bench measured, as plain JSON. */
import type { SessionInfo } from "../../src/engine/engine";
import type { Spread } from "../../src/shared/statistics";
import type { GpuCounts } from "./gpu-log";

export interface BenchReport {
  readonly kind: "ingle-bench";
  readonly version: 1;
  readonly where: {
    readonly browser: string;
    readonly adapter: string;
    readonly processor: string;
    readonly cores: number;
    /** Programs that wanted to run, over a minute, before and after: with more than a few the figures are no good. */
    readonly loadAverage: { readonly before: number; readonly after: number };
    /** [GB/s] as the page's check measures it, before and after: the larger. Undefined where it could not. */
    readonly readBandwidth: Spread | undefined;
  };
  readonly model: Pick<SessionInfo, "name" | "contextLength" | "bytes"> & { readonly layers: number };
  readonly loading: LoadFigures;
  readonly perToken: Record<keyof GpuCounts, number>;
  readonly prefill: readonly PrefillFigures[];
  readonly decode: readonly DecodeFigures[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

export interface LoadFigures {
  /** [ms] The first load, kernels chosen and all. */
  readonly firstMs: number;
  /** [ms] The choice remembered, the kernels compiled anew or out of the browser's cache. */
  readonly again: Spread;
  /** [ms] From the first pipeline's beginning to the last one's end, with nothing beside them. */
  readonly compile: Spread;
  /** [ms] The same in the first load, where the weights come at the same time. */
  readonly compileBesideWeightsMs: number;
  readonly pipelines: number;
  /** [ms] for choosing kernels, compiling candidates and all; undefined when the choice was remembered. */
  readonly choosingMs: number | undefined;
  readonly candidates: number;
  readonly gpu: {
    /** [bytes] of all buffers there are when it has loaded. */
    readonly bytes: number;
    /** [bytes] at any time while it loaded. */
    readonly peakBytes: number;
  };
  /** [bytes] of the worker's memory above start. */
  readonly heap: {
    readonly peak: number;
    /** By the time that the header was read and the tokenizer made. */
    readonly tokenizer: number;
    readonly after: number;
    readonly samples: number;
  };
}

export interface PrefillFigures {
  readonly tokens: number;
  readonly tokensPerSecond: Spread | undefined;
  readonly timeToFirstTokenMs: Spread;
}

export interface DecodeFigures {
  /** Tokens in the cache when decoding begins. */
  readonly context: number;
  readonly tokens: number;
  readonly tokensPerSecond: Spread | undefined;
  /** (weight bytes + KV bytes read) × tokens/s ÷ the adapter's read bandwidth. */
  readonly bandwidthShare: number | undefined;
}
