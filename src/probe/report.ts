/**
 * What the probe found out, as plain JSON: the page shows it, the command line prints it, a link carries it.
 * Its types and their names. Reading a report from outside is `read-report.ts`'s work.
 *
 * Every fact is either its value or the reason why there is none, so "no" and "not known" never look alike.
 */

import { asIngleError } from "../shared/errors";

/** Raised when a field changes its meaning or goes away; new fields alone don't raise it. */
export const REPORT_VERSION = 1;
export const REPORT_KIND = "ingle-capability-report";

export const REASON_CODES = [
  /** `navigator.gpu` is missing although the context is secure. */
  "no-api",
  /** `navigator.gpu` is hidden because the page came over plain http. */
  "insecure-context",
  /** The API is there; `requestAdapter()` gave null. */
  "no-adapter",
  "adapter-request-failed",
  "device-request-failed",
  /** This kind of worker does not exist here, or could not be started. */
  "no-worker",
  /** The worker runs, but has no `navigator.gpu`. */
  "no-api-in-worker",
  "timed-out",
  "unsupported",
  "failed",
  "stopped",
  "not-measured",
  /** A report from elsewhere, or from before the fact was thought of, that does not say. */
  "not-recorded",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

export const isReasonCode = (code: string): code is ReasonCode => (REASON_CODES as readonly string[]).includes(code);

export interface Reason {
  readonly code: ReasonCode;
  /** What is so, in a sentence. */
  readonly message: string;
  /** What the user can do about it, where something can be done. */
  readonly remedy?: string | undefined;
}

export type Fact<T> = { readonly value: T } | { readonly reason: Reason };

export const known = <T>(value: T): Fact<T> => ({ value });

/** @param message may come from a browser, over several lines and of any length: it becomes one line. */
export function unknown(code: ReasonCode, message: string, remedy?: string): { readonly reason: Reason } {
  const line = oneLine(message);
  return { reason: remedy === undefined ? { code, message: line } : { code, message: line, remedy } };
}

/** What was thrown in place of a measurement or a fact, as the reason why there is none. */
export function unknownBecause(thrown: unknown): { readonly reason: Reason } {
  const { code, message } = asIngleError(thrown);
  if (code === "aborted") return unknown("stopped", "Stopped before it was measured.");
  return unknown(code === "timed-out" ? "timed-out" : "failed", message);
}

/** Characters that would make a line read as something it isn't: controls and bidirectional overrides. */
export const UNSEEMLY = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const MAX_MESSAGE_CHARACTERS = 500;

function oneLine(text: string): string {
  const line = text.split(UNSEEMLY).join(" ").replaceAll(/ {2,}/g, " ").trim();
  return line.length <= MAX_MESSAGE_CHARACTERS ? line : `${line.slice(0, MAX_MESSAGE_CHARACTERS - 1)}…`;
}

export const isKnown = <T>(fact: Fact<T>): fact is { readonly value: T } => "value" in fact;

/** The value, or undefined where there is none. */
export const valueOf = <T>(fact: Fact<T>): T | undefined => (isKnown(fact) ? fact.value : undefined);

/** `GPUAdapterInfo`. null: this browser does not have the field. "": it has it and does not say. */
export interface AdapterInfo {
  readonly vendor: string | null;
  readonly architecture: string | null;
  readonly device: string | null;
  readonly description: string | null;
  /** Threads. */
  readonly subgroupMinSize: number | null;
  /** Threads. */
  readonly subgroupMaxSize: number | null;
  readonly isFallbackAdapter: boolean | null;
}

export interface AdapterFacts {
  readonly info: Fact<AdapterInfo>;
  /** Sorted. */
  readonly features: Fact<readonly string[]>;
  /** By WebGPU's own names, in bytes or counts as WebGPU has them; a name that is missing is unknown. */
  readonly limits: Fact<Readonly<Record<string, number>>>;
}

export const ADAPTER_KINDS = ["highPerformance", "lowPower", "fallback"] as const;
export type AdapterKind = (typeof ADAPTER_KINDS)[number];

export const WORKER_KINDS = ["dedicatedWorker", "sharedWorker", "serviceWorker"] as const;
export type WorkerKind = (typeof WORKER_KINDS)[number];

export interface StorageFacts {
  /** Bytes this origin may store, as the browser estimates it. */
  readonly quotaBytes: Fact<number>;
  readonly usageBytes: Fact<number>;
  /** Whether the browser promised not to evict this origin. */
  readonly persisted: Fact<boolean>;
  /** true: something was written, read back equal and removed. */
  readonly indexedDb: Fact<true>;
  readonly opfs: Fact<true>;
}

/** Median and middle half of the samples, in the unit that MEASUREMENTS gives. */
export interface Measurement {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly samples: number;
}

export const MEASUREMENTS = {
  readBandwidth: { unit: "GB/s", higherIsBetter: true },
  f32Throughput: { unit: "GFLOP/s", higherIsBetter: true },
  f16Throughput: { unit: "GFLOP/s", higherIsBetter: true },
  uploadRate: { unit: "GB/s", higherIsBetter: true },
  dispatchCost: { unit: "µs", higherIsBetter: false },
  readbackLatency: { unit: "ms", higherIsBetter: false },
} as const;
export type MeasurementName = keyof typeof MEASUREMENTS;
export const MEASUREMENT_NAMES = Object.keys(MEASUREMENTS) as MeasurementName[];

/** One kernel of the engine against its CPU reference, on this GPU. */
export interface KernelCheck {
  readonly kernel: string;
  readonly result: Fact<KernelCheckResult>;
}

export interface KernelCheckResult {
  /** Largest |GPU − CPU| over the outputs. */
  readonly maxError: number;
  /** Largest error as a share of what is allowed at its place; over 1 fails. */
  readonly maxErrorOverBound: number;
  /** How many outputs were compared. */
  readonly outputs: number;
  readonly verdict: "pass" | "fail";
}

export interface CapabilityReport {
  readonly kind: typeof REPORT_KIND;
  readonly version: typeof REPORT_VERSION;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly browser: {
    readonly userAgent: Fact<string>;
    readonly name: Fact<string>;
    readonly version: Fact<string>;
    readonly system: Fact<string>;
  };
  readonly page: {
    readonly secureContext: Fact<boolean>;
    readonly crossOriginIsolated: Fact<boolean>;
  };
  /** true: a device could be had in a dedicated worker, which is where Ingle computes. */
  readonly webgpu: Fact<true>;
  readonly adapters: Readonly<Record<AdapterKind, Fact<AdapterFacts>>>;
  readonly wgslLanguageFeatures: Fact<readonly string[]>;
  /** Whether WebGPU gives a device in each kind of worker. */
  readonly workers: Readonly<Record<WorkerKind, Fact<true>>>;
  readonly storage: StorageFacts;
  readonly measurements: Readonly<Record<MeasurementName, Fact<Measurement>>>;
  readonly kernelChecks: Fact<readonly KernelCheck[]>;
}
