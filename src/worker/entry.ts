/** The dedicated worker: holds the GPU device and answers the page. Every message is in `protocol.ts`. */
import { probeDevice, probeIndexedDb, probeOpfs } from "../probe/worker-facts";
import { toWire } from "../shared/errors";
import { GpuHolder } from "./gpu-holder";
import { checkKernels } from "./kernel-checks";
import { measure } from "./measure/measure";
import { makeQueue } from "./queue";
import type { ArgsOf, MessageToPage, MessageToWorker, MethodName, RequestId, ResultOf } from "./protocol";

declare const self: DedicatedWorkerGlobalScope;

type Handlers = { [M in MethodName]: (args: ArgsOf<M>, signal: AbortSignal) => Promise<ResultOf<M>> };

const gpu = self.navigator.gpu as GPU | undefined;
const holder = new GpuHolder(gpu);
const onGpu = makeQueue();

const handlers: Handlers = {
  probeDevice: () => probeDevice(gpu),
  probeIndexedDb: () => probeIndexedDb(),
  probeOpfs: () => probeOpfs(self.navigator.storage),
  measure: ({ name }, signal) => onGpu(async () => measure(name, await holder.open(), signal)),
  checkKernels: (_args, signal) => onGpu(async () => checkKernels(await holder.open(), signal)),
};

const running = new Map<RequestId, AbortController>();

self.onmessage = ({ data }: MessageEvent<MessageToWorker>) => {
  if (data.type === "abort") running.get(data.id)?.abort();
  else void answer(data.id, data.method, data.args);
};

async function answer(id: RequestId, method: MethodName, args: unknown): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const handler = handlers[method] as (args: unknown, signal: AbortSignal) => Promise<unknown>;
    const result = await handler(args, controller.signal);
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
