/**
 * Every message between the page and the dedicated worker: who sends it and what it means.
 * The page's end is `client.ts`, the worker's `entry.ts`.
 */
import type {
  ChatMessage,
  GenerateEvent,
  GenerateRequest,
  LoadOptions,
  LoadProgress,
  ModelSource,
  SessionInfo,
  Shortened,
} from "../engine/engine";
import type { Fact, KernelCheck, Measurement, MeasurementName } from "../probe/report";
import type { Rehearsal, RehearsalProgress } from "../fit/rehearsal";
import type { EngineName } from "../shared/engines";
import type { WireError } from "../shared/errors";
import type {
  ChosenFile,
  DownloadProgress,
  ModelSpec,
  SourceName,
  StoredModel,
  StoreUsage,
  UnfinishedModel,
  Verification,
} from "../store/model-spec";

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
  /** Finds out whether buffers of these sizes, in bytes, are really there, on a device of their own. */
  rehearse: (args: { readonly sizes: readonly number[] }) => Tells<RehearsalProgress, Rehearsal>;
  /** Runs each of the engine's kernels against its CPU reference on this GPU. */
  checkKernels: (args: null) => readonly KernelCheck[];
  /** Downloads what is missing of a model into the store. Tells of its progress. */
  downloadModel: (args: {
    readonly spec: ModelSpec;
    readonly acceptsChange: boolean;
  }) => Tells<DownloadProgress, StoredModel>;
  /** Finds out what a model's files are, how large, and under what sums they are published. */
  describeModel: (args: SourceName) => ModelSpec;
  /** The commit that a stored model's repository is at now; undefined where it came from none. */
  latestRevision: (args: { readonly id: string }) => string | undefined;
  /** Reads every chunk of a stored model, and fetches those again that are not what they were. */
  verifyModel: (args: { readonly id: string }) => Tells<DownloadProgress, Verification>;
  /** The models that are in the store whole. */
  listModels: (args: null) => readonly StoredModel[];
  /** Takes a model out of the store, whole or not. */
  removeModel: (args: { readonly id: string }) => null;
  /** Takes a model in from disk, copied or where it lies. A spec of a published model holds the files to its sums. */
  importModel: (args: {
    readonly spec: ModelSpec | { readonly id: string; readonly name: string };
    readonly files: readonly ChosenFile[];
    readonly inPlace: boolean;
  }) => Tells<DownloadProgress, StoredModel>;
  /** A stored file, to be saved to disk: its bytes stay in the browser's storage until they are. */
  exportFile: (args: { readonly id: string; readonly file: string }) => Blob;
  /** Of a model that is used where it lies. */
  handlesOf: (args: { readonly id: string }) => readonly FileSystemFileHandle[];
  /** Models that were begun. */
  listUnfinished: (args: null) => readonly UnfinishedModel[];
  /** What models take, and what the browser would let this site keep. */
  storeUsage: (args: null) => StoreUsage;
  /** Takes every model out of the store. */
  removeAllModels: (args: null) => null;
  /** Puts a model on the GPU, in place of the one there is. Tells of its progress. */
  loadModel: (args: {
    readonly source: ModelSource;
    readonly engine: EngineName;
    readonly contextLength: LoadOptions["contextLength"];
    readonly kv: LoadOptions["kv"];
    /** The page's own address, beside which the starter is: a worker from a blob: has none. */
    readonly page: string;
  }) => Tells<LoadProgress, SessionInfo>;
  /** Takes the model off the GPU and gives its memory back. */
  unloadModel: (args: null) => null;
  /** What is on the GPU, after all that was asked for before has come about or failed. */
  loadedModel: (args: null) => SessionInfo | null;
  /** Answers when the loaded model has been lost with its device: with the reason. An unloaded one is not lost. */
  whenModelLost: (args: null) => WireError;
  /** Replies with the loaded model; the reply comes as events. */
  generate: (args: GenerateRequest) => Tells<GenerateEvent, null>;
  /** [tokens] of the prompt that a conversation makes for the loaded model. */
  countTokens: (args: readonly ChatMessage[]) => number;
  /** The conversation without its oldest turns, so that `room` tokens are left for a reply. */
  dropOldestTurns: (args: { readonly messages: readonly ChatMessage[]; readonly room: number }) => Shortened;
}

declare const told: unique symbol;
/** The result of a method that sends events before it. In the types only: the result itself crosses. */
type Tells<Event, Result> = { readonly [told]?: Event } & { readonly result: Result };
export type MethodName = keyof WorkerMethods;
export type ArgsOf<M extends MethodName> = Parameters<WorkerMethods[M]>[0];
export type ResultOf<M extends MethodName> =
  ReturnType<WorkerMethods[M]> extends Tells<unknown, infer Result> ? Result : ReturnType<WorkerMethods[M]>;
export type EventOf<M extends MethodName> =
  ReturnType<WorkerMethods[M]> extends Tells<infer Event, unknown> ? Event : never;

/** Names one request among those under way; made by the page. */
export type RequestId = number;

export type MessageToWorker =
  /** Do this, and answer with the same id. */
  | { readonly type: "request"; readonly id: RequestId; readonly method: MethodName; readonly args: unknown }
  /** Nobody waits for this request any more: stop as soon as may be. Its answer is dropped. */
  | { readonly type: "abort"; readonly id: RequestId };

export type MessageToPage =
  /** The worker holds the lock of its name (lifeline.ts), which falls free when it dies. Sent once. */
  | { readonly type: "alive" }
  /** The request waits for its turn, and the worker is well. */
  | { readonly type: "waiting"; readonly id: RequestId }
  /** What happened so far to a request still under way. */
  | { readonly type: "event"; readonly id: RequestId; readonly event: unknown }
  | { readonly type: "result"; readonly id: RequestId; readonly result: unknown }
  | { readonly type: "error"; readonly id: RequestId; readonly error: WireError };

/** Page → service or shared worker: say whether WebGPU gives a device where you run. Answered on the port sent along. */
export const PROBE_DEVICE = "ingle:probe-device";
/** Page → waiting service worker: take over now; the user asked for it. */
export const SKIP_WAITING = "SKIP_WAITING"; // workbox-window's name for it

/** Service or shared worker → page, on the port that came with PROBE_DEVICE. */
export type DeviceProbeAnswer = Fact<true>;
