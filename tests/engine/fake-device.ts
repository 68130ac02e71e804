/** A device made by hand, with a stack of error scopes as WebGPU has it, and a way to lose it. */
import type { Gpu } from "../../src/engine/wgsl/gpu/gpu";
import { IngleError } from "../../src/shared/errors";

export interface FakeGpu extends Gpu {
  /** The open scopes, outermost first. */
  readonly scopes: readonly GPUErrorFilter[];
  /** Every scope opened so far. */
  readonly opened: readonly GPUErrorFilter[];
  /** As the GPU says of the work under way; its innermost scope of that kind gives it back. */
  raise(kind: GPUErrorFilter, message: string): void;
  lose(): IngleError;
  /** As of now, closing a scope rejects: that is what comes first of a GPU process that died. */
  breakScopes(cause: Error): void;
  /** As of now, closing a scope never ends. */
  hangScopes(): void;
}

export function fakeGpu({ hasF16 = true } = {}): FakeGpu {
  const open: { kind: GPUErrorFilter; error: GPUError | null }[] = [];
  const opened: GPUErrorFilter[] = [];
  let lostWith: (error: IngleError) => void = () => undefined;
  let closing: (() => Promise<never>) | undefined;
  const lost = new Promise<IngleError>((resolve) => (lostWith = resolve));
  const device = {
    pushErrorScope(kind: GPUErrorFilter) {
      open.push({ kind, error: null });
      opened.push(kind);
    },
    popErrorScope() {
      const scope = open.pop();
      if (scope === undefined) return Promise.reject(new DOMException("No scope is open.", "OperationError"));
      return closing === undefined ? Promise.resolve(scope.error) : closing();
    },
  } as unknown as GPUDevice;
  return {
    device,
    hasF16,
    hasSubgroups: false,
    adapterName: "a fake",
    lost,
    opened,
    get scopes() {
      return open.map(({ kind }) => kind);
    },
    raise(kind, message) {
      const scope = open.findLast((each) => each.kind === kind);
      if (scope === undefined) throw new Error(`No scope for ${kind} is open.`);
      scope.error ??= { message } as GPUError;
    },
    lose() {
      const error = new IngleError("device-lost", "The GPU was lost: the driver was reset");
      lostWith(error);
      return error;
    },
    breakScopes: (cause) => (closing = () => Promise.reject(cause)),
    hangScopes: () => (closing = () => new Promise(() => undefined)),
  };
}
