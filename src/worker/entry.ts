/** The dedicated worker: holds the GPU device and answers the page. Every message is in `protocol.ts`. */
import { probeDevice, probeIndexedDb, probeOpfs } from "../probe/worker-facts";
import { toWire } from "../shared/errors";
import { GpuHolder } from "./gpu-holder";
import { checkKernels } from "./kernel-checks";
import { measure } from "./measure/measure";
import { makeQueue } from "./queue";
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
const models = new ModelHolder(() => holder.open());

const handlers: Handlers = {
  probeDevice: () => probeDevice(gpu),
  probeIndexedDb: () => probeIndexedDb(),
  probeOpfs: () => probeOpfs(self.navigator.storage),
  measure: ({ name }, signal) => onGpu(async () => measure(name, await holder.open(), signal)),
  checkKernels: (_args, signal) => onGpu(async () => checkKernels(await holder.open(), signal)),
  loadModel: ({ source, contextLength, page }, signal, tell) =>
    onGpu(() => models.load(source, new URL(page), { contextLength, signal, onProgress: tell })),
  unloadModel: () => models.unload(),
  generate: async (request, signal, tell) => {
    for await (const event of models.session.generate(request, signal)) tell(event);
    return null;
  },
  countTokens: (messages) => models.session.countTokens(messages),
  dropOldestTurns: ({ messages, room }) => models.session.dropOldestTurns(messages, room),
};

type Handler = (args: unknown, signal: AbortSignal, tell: (event: unknown) => void) => unknown;

const running = new Map<RequestId, AbortController>();

self.onmessage = ({ data }: MessageEvent<MessageToWorker>) => {
  if (data.type === "abort") running.get(data.id)?.abort();
  else void answer(data.id, data.method, data.args);
};

async function answer(id: RequestId, method: MethodName, args: unknown): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const handler = handlers[method] as Handler;
    const result = await handler(args, controller.signal, (event) => post({ type: "event", id, event }));
    post({ type: "result", id, result });
  } catch (thrown) {
    post({ type: "error", id, error: toWire(thrown) });
  } finally {
    running.delete(id);
  }
}

function post(message: MessageToPage): void {
  self.postMessage(message);
}
