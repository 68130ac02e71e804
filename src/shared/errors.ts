/**
 * Ingle's one error class: a code for programs, a sentence a person can act on, and the cause.
 * It survives structured cloning, which keeps neither subclass nor own properties of an Error:
 * send `toWire(error)` and rebuild with `fromWire`.
 */

export type ErrorCode =
  | "aborted"
  | "timed-out"
  | "worker-failed"
  | "device-unavailable"
  | "device-lost"
  | "gpu-validation"
  | "gpu-out-of-memory"
  | "link-broken"
  | "report-invalid"
  | "file-invalid"
  | "host-invalid"
  | "host-blocked"
  | "requirement-invalid"
  | "source-failed"
  | "model-invalid"
  | "model-unsupported"
  | "context-too-long"
  | "context-full"
  | "gpu-wrong"
  | "request-invalid"
  | "starter-missing"
  | "not-stored"
  | "model-busy"
  | "permission-needed"
  | "storage-full"
  | "storage-failed"
  | "checksum-mismatch"
  | "no-model"
  | "chat-invalid"
  | "json-incomplete"
  | "unexpected";

/** A cause deeper than this is cut: a cyclic or hostile chain must not grow a message for ever. */
const MAX_CAUSE_DEPTH = 8;

export class IngleError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "IngleError";
    this.code = code;
  }
}

export function abortedError(cause?: unknown): IngleError {
  return new IngleError("aborted", "Stopped.", { cause });
}

/** @throws IngleError "aborted" */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortedError();
}

/** An error as it crosses a worker boundary. `stack` is where it was thrown, on the other side. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: WireError | undefined;
}

/** Turns anything thrown into an IngleError, keeping what was thrown as its cause. */
export function asIngleError(thrown: unknown, code: ErrorCode = "unexpected"): IngleError {
  if (thrown instanceof IngleError) return thrown;
  if (thrown instanceof DOMException && thrown.name === "AbortError") {
    return abortedError(thrown);
  }
  return new IngleError(code, messageOf(thrown), { cause: thrown });
}

/** The sentence in anything thrown: never empty, never "[object Object]". */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  if (typeof thrown === "string" && thrown !== "") return thrown;
  if (
    typeof thrown === "object" &&
    thrown !== null &&
    "message" in thrown &&
    typeof thrown.message === "string" &&
    thrown.message
  ) {
    return thrown.message; // GPUError and its like are not Errors
  }
  return `Something that is no error was thrown (${typeof thrown}).`;
}

export function toWire(thrown: unknown, depth = 0): WireError {
  const error = asIngleError(thrown);
  const cause = error.cause;
  return {
    code: error.code,
    message: error.message,
    stack: error.stack,
    cause: cause === undefined || depth >= MAX_CAUSE_DEPTH ? undefined : causeToWire(cause, depth),
  };
}

function causeToWire(cause: unknown, depth: number): WireError {
  if (cause instanceof IngleError) return toWire(cause, depth + 1);
  // Not wrapped by asIngleError, whose result would name this very cause again.
  const inner = cause instanceof Error ? cause.cause : undefined;
  return {
    code: "unexpected",
    message: messageOf(cause),
    stack: cause instanceof Error ? cause.stack : undefined,
    cause: inner === undefined || depth >= MAX_CAUSE_DEPTH ? undefined : causeToWire(inner, depth + 1),
  };
}

export function fromWire(wire: WireError): IngleError {
  const cause = wire.cause === undefined ? undefined : fromWire(wire.cause);
  const error = new IngleError(wire.code, wire.message, { cause });
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}
