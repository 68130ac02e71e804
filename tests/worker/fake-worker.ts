/** A dedicated worker made by hand: it notes what it is sent, and answers when the test says so. */
import { vi } from "vitest";
import { toWire } from "../../src/shared/errors";
import type { MessageToPage, MessageToWorker, RequestId } from "../../src/worker/protocol";

export class FakeWorker {
  onmessage: ((event: MessageEvent<MessageToPage>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  readonly sent: MessageToWorker[] = [];
  readonly terminate = vi.fn();
  readonly url: string;
  readonly options: WorkerOptions;

  constructor(url: string, options: WorkerOptions) {
    this.url = url;
    this.options = options;
  }

  postMessage(message: MessageToWorker): void {
    this.sent.push(message);
  }

  /** The id that the nth message carries. */
  id(n: number): RequestId {
    const message = this.sent[n];
    if (message === undefined) throw new Error(`The page has sent ${this.sent.length} messages, and none ${n}.`);
    return message.id;
  }

  answer(id: RequestId, result: unknown): void {
    this.#post({ type: "result", id, result });
  }

  /** Says that it holds the lock of its name. */
  live(): void {
    this.#post({ type: "alive" });
  }

  /** Says that a request has not had its turn yet. */
  wait(id: RequestId): void {
    this.#post({ type: "waiting", id });
  }

  fail(id: RequestId, thrown: unknown): void {
    this.#post({ type: "error", id, error: toWire(thrown) });
  }

  /** An error that nobody caught in there, or a script that could not be loaded, which comes without words. */
  die(message?: string): void {
    this.onerror?.({ message } as ErrorEvent);
  }

  #post(message: MessageToPage): void {
    // As it arrives: cloned.
    this.onmessage?.({ data: structuredClone(message) } as MessageEvent<MessageToPage>);
  }
}

/** Puts fake workers and blob URLs in the place of the browser's. `vi.unstubAllGlobals` and `restoreAllMocks` undo it. */
export function stubWorkers() {
  const started: FakeWorker[] = [];
  vi.stubGlobal(
    "Worker",
    class extends FakeWorker {
      constructor(url: string, options: WorkerOptions) {
        super(url, options);
        started.push(this);
      }
    },
  );
  const worker = (n = 0): FakeWorker => {
    const found = started[n];
    if (found === undefined) throw new Error(`${started.length} workers were started, and none ${n}.`);
    return found;
  };
  return { started, worker, blobs: stubBlobUrls() };
}

export function stubBlobUrls() {
  const made = new Map<string, Blob>();
  const revoked: string[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    const url = `blob:test/${made.size}`;
    made.set(url, blob as Blob);
    return url;
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => void revoked.push(url));
  return { made, revoked };
}
