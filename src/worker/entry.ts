/** The dedicated worker: holds the GPU device and answers the page. Every message is in `protocol.ts`. */
import type { Session } from "../engine/engine";
import { untilStandInsGone } from "../engine/webllm/stand-ins";
import { probeDevice, probeIndexedDb, probeOpfs } from "../probe/worker-facts";
import { throwIfAborted, toWire } from "../shared/errors";
import { GpuHolder } from "./gpu-holder";
import { holdLifeline } from "./lifeline";
import { measure } from "./measure/measure";
import { makeQueue } from "../shared/queue";
import { ModelHolder } from "./model-holder";
import type { ArgsOf, EventOf, MessageToPage, MessageToWorker, MethodName, RequestId, ResultOf } from "./protocol";

declare const self: DedicatedWorkerGlobalScope;

type Handlers = {
  [M in MethodName]: (
    args: ArgsOf<M>,
    signal: AbortSignal,
    tell: (event: EventOf<M>) => void,
  ) => Promise<ResultOf<M>> | ResultOf<M>;
};

const gpu = self.navigator.gpu as GPU | undefined;
const holder = new GpuHolder(gpu);
const onGpu = makeQueue();
const models = new ModelHolder({ api: gpu, openGpu: () => holder.open() });

/** Whose reply is computed, or winds down. */
let replying: Session | undefined;

/** Not for the first load. */
const store = () => import("../store/store");
const sources = () => import("../store/sources/describe");

const handlers: Handlers = {
  probeDevice: () => probeDevice(gpu),
  probeIndexedDb: () => probeIndexedDb(),
  probeOpfs: () => probeOpfs(self.navigator.storage),
  measure: async ({ name }, signal) => measure(name, await holder.open(), signal),
  checkKernels: async (_args, signal) => {
    const { checkKernels } = await import("./kernel-checks"); // all kernels and their twins: not for the first load
    return checkKernels(await holder.open(), signal);
  },
  rehearse: async ({ sizes }, signal, tell) => {
    const { rehearse } = await import("./rehearse/rehearse");
    return rehearse(gpu, sizes, { signal, onProgress: tell });
  },
  downloadModel: async ({ spec, acceptsChange }, signal, tell) =>
    (await store()).downloadModel(spec, { signal, acceptsChange, onProgress: tell }),
  verifyModel: async ({ id }, signal, tell) => (await store()).verifyModel(id, { signal, onProgress: tell }),
  describeModel: async (source, signal) => (await sources()).describeModel(source, signal),
  latestRevision: async ({ id }, signal) => {
    const { origin } = await (await store()).readSpec(id);
    return origin && (await sources()).latestRevision(origin, signal);
  },
  importModel: async ({ spec, files, inPlace }, signal, tell) =>
    (await store()).importModel(spec, files, { signal, inPlace, onProgress: tell }),
  exportFile: async ({ id, file }) => (await store()).exportFile(id, file),
  handlesOf: async ({ id }) => (await store()).handlesOf(id),
  listModels: async () => (await store()).listModels(),
  listUnfinished: async () => (await store()).listUnfinished(),
  storeUsage: async () => (await store()).measureUsage(),
  removeModel: async ({ id }) => {
    await (await store()).removeModel(id);
    return null;
  },
  removeAllModels: async () => {
    await (await store()).removeEverything();
    return null;
  },
  loadModel: async ({ source, engine, contextLength, kv, page }, signal, tell) => {
    await untilStandInsGone(); // of WebLLM, which goes on for a while when it is stopped
    throwIfAborted(signal);
    return models.load(source, engine, new URL(page), { contextLength, kv, signal, onProgress: tell });
  },
  unloadModel: () => models.unload(),
  loadedModel: () => models.info,
  whenModelLost: async (_args, signal) => toWire(await models.whenLost(signal)),
  generate: async (request, signal, tell) => {
    replying = models.session;
    try {
      for await (const event of replying.generate(request, signal)) tell(event);
    } finally {
      replying = undefined;
    }
    return null;
  },
  countTokens: (messages) => models.session.countTokens(messages),
  dropOldestTurns: ({ messages, room }) => models.session.dropOldestTurns(messages, room),
};

/** What uses the GPU: one at a time, as a device has one stack of error scopes and one clock to measure by. */
const QUEUED: ReadonlySet<MethodName> = new Set<MethodName>([
  "measure",
  "checkKernels",
  "loadModel",
  "unloadModel",
  "loadedModel",
  "generate",
]);
/** What may take hours without an event: a server asks to be left alone, another tab does it, nothing is lost. */
const LONG: ReadonlySet<MethodName> = new Set<MethodName>([
  "downloadModel",
  "verifyModel",
  "importModel",
  "whenModelLost",
]);
/** How often a request that waits for its turn, or takes so long, says that the worker is there. */
const WAITING_EVERY_MS = 5000;

type Handler = (args: unknown, signal: AbortSignal, tell: (event: unknown) => void) => unknown;

const running = new Map<RequestId, { readonly method: MethodName; readonly controller: AbortController }>();

holdLifeline(self.name, () => post({ type: "alive" }));

self.onmessage = ({ data }: MessageEvent<MessageToWorker>) => {
  if (data.type === "abort") running.get(data.id)?.controller.abort();
  else void answer(data.id, data.method, data.args);
};

async function answer(id: RequestId, method: MethodName, args: unknown): Promise<void> {
  const controller = new AbortController();
  running.set(id, { method, controller });
  try {
    const handler = handlers[method] as Handler;
    // Who frees the GPU does not wait for a reply's end.
    if (method === "unloadModel") stopReplies();
    const work = () => {
      throwIfAborted(controller.signal);
      return handler(args, controller.signal, (event) => post({ type: "event", id, event }));
    };
    const result = await (QUEUED.has(method) ? inTurn(id, work) : LONG.has(method) ? beating(id, work) : work());
    post({ type: "result", id, result });
  } catch (thrown) {
    post({ type: "error", id, error: toWire(thrown) });
  } finally {
    running.delete(id);
  }
}

function stopReplies(): void {
  for (const { method, controller } of running.values()) if (method === "generate") controller.abort();
  // WebLLM does not stop within a prompt. Its device is its own, and can be taken from under it.
  if (replying?.info.engine === "webllm") models.unload();
}

async function beating(id: RequestId, work: () => unknown): Promise<unknown> {
  const beat = setInterval(() => post({ type: "waiting", id }), WAITING_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

/** Runs GPU work when its turn comes, and until then tells the page that it waits. */
function inTurn(id: RequestId, work: () => unknown): Promise<unknown> {
  const waiting = setInterval(() => post({ type: "waiting", id }), WAITING_EVERY_MS);
  return onGpu(async () => {
    clearInterval(waiting);
    return await work();
  });
}

function post(message: MessageToPage): void {
  self.postMessage(message);
}
