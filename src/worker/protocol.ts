/**
 * Every message between the page and the dedicated worker: who sends it and what it means.
 * The page's end is `client.ts`, the worker's `entry.ts`.
 */
import type { Fact, KernelCheck, Measurement, MeasurementName } from "../probe/report";
import type { WireError } from "../shared/errors";

/** What the page may ask for. All of it is plain data, cloned on the way. */
export interface WorkerMethods {
  /** Whether a device can be had in this worker. */
  probeDevice: (args: null) => Fact<true>;
  /** Whether what is written to IndexedDB here comes back. */
  probeIndexedDb: (args: null) => Fact<true>;
  /** Whether what is written to the origin private file system here comes back. */
  probeOpfs: (args: null) => Fact<true>;
  /** Takes one measurement on the high-performance adapter. */
  measure: (args: { readonly name: MeasurementName }) => Fact<Measurement>;
  /** Runs each of the engine's kernels against its CPU reference on this GPU. */
  checkKernels: (args: null) => readonly KernelCheck[];
}
export type MethodName = keyof WorkerMethods;
export type ArgsOf<M extends MethodName> = Parameters<WorkerMethods[M]>[0];
export type ResultOf<M extends MethodName> = ReturnType<WorkerMethods[M]>;

/** Names one request among those under way; made by the page. */
export type RequestId = number;

export type MessageToWorker =
  /** Do this, and answer with the same id. */
  | { readonly type: "request"; readonly id: RequestId; readonly method: MethodName; readonly args: unknown }
  /** Nobody waits for this request any more: stop as soon as may be. Its answer is dropped. */
  | { readonly type: "abort"; readonly id: RequestId };

export type MessageToPage =
  | { readonly type: "result"; readonly id: RequestId; readonly result: unknown }
  | { readonly type: "error"; readonly id: RequestId; readonly error: WireError };

/** Page → service or shared worker: say whether WebGPU gives a device where you run. Answered on the port sent along. */
export const PROBE_DEVICE = "ingle:probe-device";
/** Page → waiting service worker: take over now; the user asked for it. */
export const SKIP_WAITING = "SKIP_WAITING"; // workbox-window's name for it

/** Service or shared worker → page, on the port that came with PROBE_DEVICE. */
export type DeviceProbeAnswer = Fact<true>;
