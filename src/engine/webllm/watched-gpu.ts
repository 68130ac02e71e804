/**
 * `navigator.gpu` as WebLLM gets to see it: the true one, with an eye on the device that the library opens for itself.
 * The library says nothing of a device that is lost (a request then waits for ever), and of an allocation that failed only
 * that something else is broken.
 */
import { abortedError, IngleError } from "../../shared/errors";

export interface WatchedGpu {
  /** For the library. */
  readonly api: GPU;
  /** Resolves when its device is lost, with the error that whatever waits for it should end with. */
  readonly lost: Promise<IngleError>;
  /** What it was refused, if anything: an allocation, or what its shaders do. */
  readonly problem: IngleError | undefined;
  /** Whether the library has come so far as to ask for it. */
  readonly isAsked: boolean;
  /** [bytes] of all buffers that it has now. */
  readonly bytes: number;
  /** Gives all of its memory back, also what would still come: the library is given no device from now on. */
  destroy(): void;
}

export function watchGpu(api: GPU): WatchedGpu {
  let device: GPUDevice | undefined;
  let problem: IngleError | undefined;
  let isAsked = false;
  let isOver = false;
  let bytes = 0;
  let tellLost: (error: IngleError) => void = () => undefined;
  const lost = new Promise<IngleError>((resolve) => (tellLost = resolve));

  const note = (error: GPUError | null) => {
    if (error === null) return;
    problem ??=
      error instanceof GPUOutOfMemoryError
        ? new IngleError("gpu-out-of-memory", `The GPU has too little memory for it with WebLLM. ${error.message}`)
        : new IngleError("gpu-validation", `The GPU refused WebLLM's work: ${error.message}`);
  };

  const watch = (opened: GPUDevice): GPUDevice => {
    device = opened;
    // The library destroys its device when an allocation fails: what failed is the cause, not the loss.
    void opened.lost.then(({ message }) =>
      tellLost(
        problem ?? new IngleError("device-lost", `The GPU was lost: ${message || "the browser gave no reason"}`),
      ),
    );
    opened.addEventListener("uncapturederror", ({ error }) => note(error));
    wrap(opened, "popErrorScope", (pop) => async () => {
      const error = await pop();
      note(error);
      return error;
    });
    wrap(opened, "createBuffer", (create) => (descriptor) => {
      const buffer = create(descriptor);
      bytes += buffer.size;
      wrap(buffer, "destroy", (destroy) => () => {
        bytes -= buffer.size;
        Reflect.deleteProperty(buffer, "destroy"); // a second call counts nothing
        destroy();
      });
      return buffer;
    });
    return opened;
  };

  const requestAdapter: GPU["requestAdapter"] = async (options) => {
    isAsked = true;
    const adapter = await api.requestAdapter(options);
    if (adapter !== null) {
      wrap(adapter, "requestDevice", (request) => async (descriptor) => {
        const opened = await request(descriptor);
        if (!isOver) return watch(opened);
        opened.destroy();
        throw abortedError();
      });
    }
    return adapter;
  };

  return {
    api: new Proxy(api, {
      get(target, key) {
        if (key === "requestAdapter") return requestAdapter;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    }),
    lost,
    get problem() {
      return problem;
    },
    get isAsked() {
      return isAsked;
    },
    get bytes() {
      return bytes;
    },
    destroy() {
      isOver = true;
      device?.destroy();
    },
  };
}

/** Lays a method of one object's own over its class's. */
function wrap<T extends object, K extends keyof T>(target: T, name: K, over: (original: T[K]) => T[K]): void {
  const method = target[name] as (...args: unknown[]) => unknown;
  Object.defineProperty(target, name, {
    value: over(method.bind(target) as T[K]),
    configurable: true,
    writable: true,
  });
}
